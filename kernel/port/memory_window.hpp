// SPDX-License-Identifier: Apache-2.0
//
// The only way to silo memory: a short window of this core onto physical pages, for loading, scrubbing and dumping. One
// window per core at a time; it is closed before the kernel returns to a silo. Rules C1, C2 and C6 of design 2.4.
#pragma once

#include <cstddef>

#include "kernel/base/address.hpp"
#include "kernel/base/result.hpp"

namespace port {

inline constexpr std::uint64_t kWindowPages = 512;  ///< 2 MiB

/// Maps up to kWindowPages contiguous physical pages read-write, never executable. EINVAL if more, unaligned or already
/// open.
base::Result<std::byte*> open_window(base::PhysicalAddress start, base::PageCount pages);
/// Unmaps it: invalid entries, TLBI VAE2IS, DSB ISH, ISB (C6).
void close_window();

/// Zeroes by DC ZVA where it can. `bytes` a multiple of 16, `start` 16-byte aligned, Normal memory.
void zero_memory(std::byte* start, std::uint64_t bytes);
void copy_memory(std::byte* to, const std::byte* from, std::uint64_t bytes);
/// C2: after code was written: DC CVAU by line, DSB ISH, IC IALLUIS, DSB ISH.
void make_executable(const std::byte* start, std::uint64_t bytes);
/// CRC-32 (IEEE 802.3, as zlib), by the CRC instructions where present. Start with 0; feed the result back in to go on.
std::uint32_t crc32(std::uint32_t crc, const std::byte* start, std::uint64_t bytes);

}  // namespace port
