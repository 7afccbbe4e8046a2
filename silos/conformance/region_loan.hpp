// SPDX-License-Identifier: Apache-2.0
//
// What region_borrower.cpp asks of region_lender.cpp, and the contents that both know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace conformance {

/// Opcodes. Word 0: pages; word 1: seed of the contents; word 2: rights to lend.
enum class Loan : std::uint64_t {
  Make = 1,  ///< a region of so many pages, filled; the reply brings it
  Again,     ///< the same region once more
  Fill,      ///< with other contents
  Check,     ///< 1 if the contents are these
  Mappings,  ///< how many there are
  Close,     ///< its own handle, and with it its mapping
  Room,      ///< 1 if it can make another region of so many pages
  Give,      ///< moves a region of so many pages; if it must not, the reply has its status and 1 if it is here still
  End,       ///< of the silo
};

inline void fill(std::span<std::byte> bytes, std::uint32_t seed) {
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    seed = seed * 1664525 + 1013904223;
    std::memcpy(&bytes[at], &seed, 4);
  }
}
inline bool is_filled(std::span<const std::byte> bytes, std::uint32_t seed) {
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    seed = seed * 1664525 + 1013904223;
    if (std::memcmp(&bytes[at], &seed, 4) != 0) return false;
  }
  return true;
}

}  // namespace conformance
