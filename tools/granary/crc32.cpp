// SPDX-License-Identifier: Apache-2.0
//
// CRC-32 by a table of 256 entries made at compile time (crc32.hpp).
#include "tools/granary/crc32.hpp"

#include <array>

namespace tool {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0xEDB88320U : 0U);
    table[byte] = rest;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> kTable = make_table();

}  // namespace

std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t sum = ~std::uint32_t{0};
  for (const std::uint8_t byte : bytes) sum = (sum >> 8) ^ kTable[(sum ^ byte) & 0xFF];
  return ~sum;
}

}  // namespace tool
