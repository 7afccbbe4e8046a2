// SPDX-License-Identifier: Apache-2.0
//
// What the test writes to a disk: each sector its own, so that one in the wrong place is seen. rows.py knows it too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <drivers/block_protocol.hpp>

namespace disk_pattern {

/// The sectors at the end of the disk in which clients die.
constexpr std::uint64_t kReserved = 128;

inline std::uint64_t word(std::uint64_t sector, std::uint64_t index) {
  return (sector * 64 + index + 1) * 0x9e3779b97f4a7c15u;
}
inline void fill(std::byte* to, std::uint64_t sector) {
  for (std::uint64_t i = 0; i < drivers::kSectorBytes / 8; ++i) {
    const std::uint64_t value = word(sector, i);
    std::memcpy(to + i * 8, &value, 8);
  }
}
inline bool holds(const std::byte* at, std::uint64_t sector) {
  for (std::uint64_t i = 0; i < drivers::kSectorBytes / 8; ++i) {
    std::uint64_t value;
    std::memcpy(&value, at + i * 8, 8);
    if (value != word(sector, i)) return false;
  }
  return true;
}

}  // namespace disk_pattern
