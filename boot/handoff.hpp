// SPDX-License-Identifier: Apache-2.0
//
// What the loader hands over: the device tree, parsed once into plain checked numbers. The tree is untrusted input:
// whatever is wrong with it becomes a HandOffDefect with a sentence, never a wild access. Text views point into the
// (mapped) tree. INVARIANTS of a parsed HandOff: ranges do not wrap; every count is within its array; addresses are
// physical.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "boot/device_tree.hpp"
#include "boot/early_console.hpp"
#include "hal/aarch64/kernel_layout.hpp"
#include "hal/aarch64/secondary.hpp"
#include "hal/board.hpp"
#include "hal/gic/gic.hpp"
#include "hal/power.hpp"

namespace boot {

/// [start, start + bytes), without wrap.
struct Range {
  std::uint64_t start = 0;
  std::uint64_t bytes = 0;
  constexpr std::uint64_t end() const { return start + bytes; }
  constexpr bool operator==(const Range&) const = default;
};

/// An array with a count. push() refuses when it is full.
template <typename Item, std::uint32_t kCapacity>
struct List {
  Item item[kCapacity] = {};
  std::uint32_t count = 0;

  constexpr bool push(const Item& value) {
    if (count == kCapacity) return false;
    item[count++] = value;
    return true;
  }
  constexpr const Item* begin() const { return item; }
  constexpr const Item* end() const { return item + count; }
  constexpr Item* begin() { return item; }
  constexpr Item* end() { return item + count; }
};

enum class PsciConduit : std::uint8_t { None, Smc, Hvc };

inline constexpr std::uint32_t kMemoryRangesMaximum = 16;
inline constexpr std::uint32_t kReservationsMaximum = 64;

struct HandOff {
  Range device_tree;
  std::string_view model;  ///< printable, or empty
  List<Range, kMemoryRangesMaximum>
      memory;  ///< RAM as the tree tells it, nothing subtracted; further ranges are unused
  List<Range, kReservationsMaximum> reservations;  ///< memory reservation block and /reserved-memory
  hal::GicDescription interrupt_controller;        ///< with the interrupt of the hypervisor timer
  std::uint64_t timer_frequency = 0;               ///< clock-frequency of the timer node, Hz; 0: not told
  List<hal::CoreDescription, hal::kMaximumCores> cores;
  std::uint32_t cores_found = 0;  ///< those beyond kMaximumCores are counted here only
  PsciConduit psci = PsciConduit::None;
  hal::PowerDescription power;
  bool has_system_image = false;
  Range system_image;  ///< /chosen linux,initrd-start and -end
  std::string_view arguments;
};

/// text nullptr: none. `node` names the node it is about, or is empty.
struct HandOffDefect {
  const char* text = nullptr;
  std::string_view node;
  constexpr explicit operator bool() const { return text != nullptr; }
};

/// Parses a tree that is mapped in whole into a fresh `handoff`. On a defect `handoff` is incomplete and must not be
/// used.
HandOffDefect parse_device_tree(const DeviceTree& tree, std::uint64_t physical, HandOff& handoff);

/// Puts the core with `affinity` first: core 0 is the boot core. False if the tree does not know it.
bool put_boot_core_first(HandOff& handoff, std::uint64_t affinity);

}  // namespace boot
