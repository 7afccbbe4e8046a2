// SPDX-License-Identifier: Apache-2.0
//
// CRC-32 (IEEE 802.3, reflected polynomial 0xedb88320, as zlib's crc32) byte by byte with a table: what port::crc32
// does on a core without the CRC32 instructions, and what the host tests hold the instructions' use against.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace hal {

inline constexpr std::array<std::uint32_t, 256> kCrc32Table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0xedb8'8320u : 0u);
    table[byte] = remainder;
  }
  return table;
}();
static_assert(kCrc32Table[1] == 0x7707'3096 && kCrc32Table[255] == 0x2d02'ef8d);

/// Start with 0; feed the result back in to go on.
constexpr std::uint32_t crc32_by_table(std::uint32_t crc, const std::byte* start, std::uint64_t bytes) {
  std::uint32_t remainder = ~crc;
  for (std::uint64_t index = 0; index < bytes; ++index) {
    remainder = (remainder >> 8) ^ kCrc32Table[(remainder ^ static_cast<std::uint32_t>(start[index])) & 0xff];
  }
  return ~remainder;
}

}  // namespace hal
