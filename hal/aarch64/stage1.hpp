// SPDX-License-Identifier: Apache-2.0
//
// EL2's own map (stage 1 of the EL2 regime, TTBR0_EL2): built once by the boot core, used by every core. Text RX,
// read-only data R, data RW, nothing writable and executable (WXN on top), guard pages absent, devices Device-nGnRE and
// never executable. Owns the pool of table pages in .bss; when it is empty, mapping fails with ENOMEM and nothing is
// half mapped that matters. All functions: boot phase, boot core. After boot only the windows change
// (memory_window.cpp). Arm ARM D8.3.
#pragma once

#include <cstdint>

#include "kernel/base/address.hpp"
#include "kernel/base/result.hpp"

namespace hal::stage1 {

/// Builds the map of the image that was loaded at `image`. First call.
base::Result<void> build_image_map(base::PhysicalAddress image);
/// This core leaves the start-up tables for the final ones: TTBR0_EL2, TLBI ALLE2, then WXN.
void activate();

/// Physical address of the map's root, for TTBR0_EL2 of the other cores.
base::PhysicalAddress translation_base();
/// Physical address of something inside the kernel image (text, data, bss, stacks).
base::PhysicalAddress physical_address_of(const void* in_image);
base::PhysicalAddress image_start();

/// Maps a device's registers; any alignment, the result points at the first register. Valid for ever.
base::Result<base::VirtualAddress> map_device(base::PhysicalAddress registers, std::uint64_t bytes);
/// Read-only Normal memory at kDeviceTreeBase / kSystemImageBase. May be called again with more bytes for the same
/// start.
base::Result<base::VirtualAddress> map_device_tree(base::PhysicalAddress start, std::uint64_t bytes);
base::Result<base::VirtualAddress> map_system_image(base::PhysicalAddress start, std::uint64_t bytes);
/// Kernel memory at kArenaBase; `start` and `bytes` whole pages. Once.
base::Result<base::VirtualAddress> map_arena(base::PhysicalAddress start, std::uint64_t bytes);
/// Makes the window of `core` usable (its level-3 table, all entries invalid). Before port::open_window on that core.
base::Result<void> prepare_window(std::uint32_t core);
/// The 512 entries of a prepared window; nullptr if it was not prepared. Only memory_window.cpp writes them.
std::uint64_t* window_entries(std::uint32_t core);

}  // namespace hal::stage1
