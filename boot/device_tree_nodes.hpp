// SPDX-License-Identifier: Apache-2.0
//
// A device tree as a sequence of nodes in document order, each with the properties that boot code reads and with what
// its ancestors say: cell sizes, whether they are enabled, and how their `ranges` translate a register address into a
// physical one. One pass, constant memory: the ancestors of the current node are the only state. Usable with the MMU
// off.
#pragma once

#include <cstdint>
#include <string_view>

#include "boot/device_tree.hpp"

namespace boot {

/// The known properties of one node; absent ones are not present().
struct DeviceNode {
  std::string_view name;
  std::uint32_t depth = 0;  ///< root 1
  PropertyValue address_cells, size_cells, ranges;
  PropertyValue compatible, reg, status, device_type, model;
  PropertyValue enable_method, release_address, method;
  PropertyValue phandle, interrupt_parent, interrupts_extended, msi_controller;
  PropertyValue interrupts, interrupt_cells, clock_frequency, redistributor_regions, redistributor_stride;
  PropertyValue stdout_path, bootargs, initrd_start, initrd_end;

  bool enabled() const { return !status.present() || status.text() == "okay" || status.text() == "ok"; }
};

struct DeviceRegisters {
  std::uint64_t address = 0;  ///< physical
  std::uint64_t bytes = 0;
};

class DeviceNodeWalk {
 public:
  enum class Step : std::uint8_t { Node, End, Damaged };

  explicit DeviceNodeWalk(const DeviceTree& tree) : cursor_(tree) {}

  /// On to the next node; Damaged also for a tree deeper than kDepthMaximum.
  Step next();
  const DeviceNode& node() const { return node_; }
  /// The node and all its ancestors are enabled.
  bool reachable() const { return node_.depth > 0 && level_[node_.depth - 1].enabled; }
  /// Cell sizes that hold for the node's own `reg`.
  std::uint32_t address_cells() const { return parent().address_cells; }
  std::uint32_t size_cells() const { return parent().size_cells; }
  /// Entries of `reg`.
  std::uint32_t register_count() const;
  /// Entry `index` of `reg` as the CPU sees it. False if there is none, a bus on the way has no translation, or it
  /// would wrap.
  bool registers(std::uint32_t index, DeviceRegisters& found) const;

  /// The phandle of the controller that the node's interrupts go to: its own or the next one above it; not present() if
  /// nobody says.
  PropertyValue interrupt_parent() const { return node_.depth == 0 ? PropertyValue() : level_[node_.depth - 1].parent; }

  static constexpr std::uint32_t kDepthMaximum = 16;

 private:
  struct Level {
    std::uint32_t address_cells, size_cells;  ///< for the node's children
    PropertyValue ranges;
    PropertyValue parent;  ///< interrupt-parent
    bool enabled;
  };
  /// Equal places in the strings block are equal names, so most names are compared once and not for every node.
  using Member = PropertyValue DeviceNode::*;
  struct KnownName {
    std::uint32_t place = ~std::uint32_t{0};  ///< no strings block is that long
    Member member = nullptr;                  ///< nullptr: of no interest
  };
  static constexpr std::uint32_t kKnownNames = 32;

  const Level& parent() const { return level_[node_.depth < 2 ? 0 : node_.depth - 2]; }
  Member member_for_property() const;
  void take_property();

  DeviceTreeCursor cursor_;
  DeviceTreeToken pending_ = DeviceTreeToken::Property;  ///< the token behind the node's properties; Property: none yet
  DeviceNode node_;
  Level level_[kDepthMaximum] = {};
  KnownName known_[kKnownNames];
};

/// Finds the node that a path like "/soc/serial@7e215040" names; a component without "@" matches any unit address. The
/// walk then stands on it. `path` may end with ":options".
bool find_node(DeviceNodeWalk& walk, std::string_view path);

}  // namespace boot
