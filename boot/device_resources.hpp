// SPDX-License-Identifier: Apache-2.0
//
// What a path of the manifest leads to in the device tree: an interrupt line, or registers of a device whose pages a
// silo may have. Refuses what cannot be or must not be, with a sentence; what is the kernel's own stays the kernel's.
#pragma once

#include <cstdint>
#include <string_view>

#include "boot/device_tree_nodes.hpp"
#include "boot/handoff.hpp"
#include "boot/image_nodes.hpp"
#include "kernel/port/interrupts.hpp"
#include "kernel/system.hpp"

namespace boot {

class DeviceResources {
 public:
  /// Both live as long as this.
  DeviceResources(const DeviceTree& tree, const HandOff& handoff);

  kernel::Board board() const { return board_; }

  struct Line {
    base::InterruptId number;
    port::Trigger trigger = port::Trigger::Level;
  };
  /// nullptr, or what is wrong: it fits behind "interrupt x: ".
  const char* find_line(const PlaceNode& place, Line& line) const;
  /// Registers whose pages may be a silo's.
  const char* find_device(const PlaceNode& place, DeviceRegisters& registers, kernel::Board& board) const;

  /// The system says that the kernel's console is a silo's: then its page may be given.
  void let_console_go() { console_may_go_ = true; }

 private:
  /// The one place that keeps the kernel's console from silos.
  bool is_kept_console(Range pages) const;
  const char* why_kept(Range pages) const;
  const char* choose(const PlaceNode& place, std::string_view& path, std::uint32_t& index, kernel::Board& board) const;
  /// #interrupt-cells of the node with this phandle, if it is the kernel's interrupt controller; else 0.
  std::uint32_t cells_of_controller(std::uint32_t phandle) const;

  const DeviceTree& tree_;
  const HandOff& handoff_;
  kernel::Board board_ = kernel::Board::Another;
  Range console_;  ///< the page of its registers; none: 0 bytes
  bool console_may_go_ = false;
};

}  // namespace boot
