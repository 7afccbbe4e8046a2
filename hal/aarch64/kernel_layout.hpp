/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's own address space at EL2: where each thing is, as seen through TTBR0_EL2 (39 bits, 4 KiB granule).
 * Shared by C++ and assembly; boot/kernel.ld repeats the image base and asserts that it is equal. INVARIANT: nothing
 * here is silo memory, except what a window shows while it is open.
 */
#pragma once

#define KERNEL_VIRTUAL_BASE 0x4000000000
#define KERNEL_MAXIMUM_CORES 8
#define KERNEL_PAGE_SIZE 4096
/* A stack slot is a guard page, unmapped, and above it the stack itself. The top of a core's stack is the end of its
 * slot. */
#define KERNEL_STACK_SIZE 16384
#define KERNEL_STACK_SLOT (KERNEL_PAGE_SIZE + KERNEL_STACK_SIZE)
#define EMERGENCY_STACK_SIZE 4096
#define EMERGENCY_STACK_SLOT (KERNEL_PAGE_SIZE + EMERGENCY_STACK_SIZE)

#ifndef __ASSEMBLER__
#include <cstddef>
#include <cstdint>

#include "kernel/base/address.hpp"

namespace hal {

inline constexpr std::uint32_t kMaximumCores = KERNEL_MAXIMUM_CORES;

inline constexpr std::uint64_t kImageBase = KERNEL_VIRTUAL_BASE;   ///< text RX, rodata R, data, bss and stacks RW
inline constexpr std::uint64_t kArenaBase = 0x48'0000'0000;        ///< kernel memory, physically contiguous, RW
inline constexpr std::uint64_t kDeviceBase = 0x50'0000'0000;       ///< devices, one after the other
inline constexpr std::uint64_t kDeviceTreeBase = 0x58'0000'0000;   ///< device tree, R (first 2 MiB: offset as physical)
inline constexpr std::uint64_t kSystemImageBase = 0x59'0000'0000;  ///< system image, R (the same)
inline constexpr std::uint64_t kWindowBase = 0x60'0000'0000;       ///< one window per core
inline constexpr std::uint64_t kWindowBytes = std::uint64_t{2} << 20;
inline constexpr unsigned kKernelAddressBits = 39;
/// Physical memory above this is not used: an image there could not be mapped 1:1 for the switch to the kernel's
/// addresses.
inline constexpr std::uint64_t kImagePhysicalLimit = KERNEL_VIRTUAL_BASE;

static_assert(kImageBase % (std::uint64_t{1} << 30) == 0,
              "the image starts a 1 GiB slot, so that its tables are its own");
static_assert(kWindowBase + kMaximumCores * kWindowBytes <= std::uint64_t{1} << kKernelAddressBits);

// Boundaries of the image's parts, page-aligned, defined in boot/kernel.ld and boot/start.S. Only their addresses mean
// anything.
extern "C" {
extern const std::byte kernel_image_start[];
extern const std::byte kernel_text_end[];
extern const std::byte kernel_rodata_end[];
extern const std::byte kernel_image_end[];
extern const std::byte kernel_stacks[];     ///< kMaximumCores slots of KERNEL_STACK_SLOT
extern const std::byte emergency_stacks[];  ///< kMaximumCores slots of EMERGENCY_STACK_SLOT
}

}  // namespace hal
#endif
