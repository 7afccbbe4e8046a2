// SPDX-License-Identifier: Apache-2.0
//
// Cache maintenance, by line and by range (Arm ARM D7.5). The range functions do no barrier: the caller issues the one
// that its observer needs and names the rule C1-C6 of design 2.4 that it follows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/aarch64/sysreg.hpp"

namespace hal::cache {

// SAFETY (all): maintenance by address of mapped memory; contents do not change, except by DC ZVA, whose caller owns
// the block.

/// DC CVAU: the line's data reaches the point where instruction fetches and table walks look.
inline void clean_line_to_unification(const std::byte* line) { asm volatile("dc cvau, %0" : : "r"(line) : "memory"); }
/// DC CVAC: the line's data reaches memory as a core with its caches off sees it.
inline void clean_line_to_coherency(const std::byte* line) { asm volatile("dc cvac, %0" : : "r"(line) : "memory"); }
/// DC ZVA: zeroes the aligned block of zero_block_bytes() around `block`. Normal memory only.
inline void zero_block(std::byte* block) { asm volatile("dc zva, %0" : : "r"(block) : "memory"); }
/// IC IALLUIS: instruction caches of all cores forget everything.
inline void invalidate_instructions_everywhere() { asm volatile("ic ialluis" ::: "memory"); }

/// Bytes of the smallest data cache line of any level.
inline std::uint64_t data_line_bytes() { return sysreg::CtrEl0::read().data_line_bytes(); }
/// Bytes that zero_block zeroes; 0 if the instruction is prohibited.
inline std::uint64_t zero_block_bytes() { return sysreg::DczidEl0::read().block_bytes(); }

namespace detail {
template <void (*kOperation)(const std::byte*)>
void for_each_line(const void* start, std::uint64_t bytes) {
  const std::uint64_t line = data_line_bytes();
  // SAFETY: pointer arithmetic over the caller's range, rounded down to a line; nothing is read through it.
  const auto first = reinterpret_cast<std::uint64_t>(start);
  const auto* at = static_cast<const std::byte*>(start) - first % line;
  const auto* const end = static_cast<const std::byte*>(start) + bytes;
  for (; at < end; at += line) kOperation(at);
}
}  // namespace detail

inline void clean_to_unification(const void* start, std::uint64_t bytes) {
  detail::for_each_line<clean_line_to_unification>(start, bytes);
}
inline void clean_to_coherency(const void* start, std::uint64_t bytes) {
  detail::for_each_line<clean_line_to_coherency>(start, bytes);
}
}  // namespace hal::cache
