// SPDX-License-Identifier: Apache-2.0
//
// The steps from start.S to a machine on which silos can run, one function each, for boot/main.cpp and for the test
// kernels under test/target. Each prints its line, or stops with a sentence. Call them in the order in which they stand
// here.
#pragma once

#include <cstdint>

#include "boot/device_tree.hpp"
#include "boot/handoff.hpp"
#include "boot/memory_plan.hpp"

namespace boot {

/// What start.S passes to boot_main.
struct Entry {
  std::uint64_t device_tree;  ///< X0 as the loader set it, physical
  std::uint64_t level;        ///< exception level at entry, 2 or 3
  std::uint64_t image;        ///< where the image lies, physical
};

/// The kernel's final map, and a console of last resort for whatever dies before the real one is known.
void bring_up_map(const Entry& entry);
/// Maps the device tree, finds the console in it, prints the banner. `tree` stays valid.
void bring_up_console(const Entry& entry, DeviceTree& tree);
/// Parses the tree; finds the running core in it and makes it core 0.
void read_device_tree(const Entry& entry, const DeviceTree& tree, HandOff& handoff);
/// Control registers of this core, interrupt controller, timer. From here on floating point traps at EL2, too.
void bring_up_processor(const Entry& entry, const HandOff& handoff);
/// What ends the machine.
void bring_up_power(const HandOff& handoff);
/// How many cores a set names.
unsigned count_of(std::uint64_t cores);
/// Starts the other cores, which then wait. Those that can run silos: bit n is core n.
std::uint64_t bring_up_cores(const HandOff& handoff);
/// RAM that is free.
MemoryPlan bring_up_memory(const Entry& entry, const HandOff& handoff);

}  // namespace boot

extern "C" {
/// Called by start.S on the boot core's kernel stack: MMU on with the start-up tables, .bss zero, vectors in force. The
/// product's is in boot/main.cpp, a test kernel brings its own.
[[noreturn]] void boot_main(std::uint64_t device_tree, std::uint64_t level, std::uint64_t image);
}
