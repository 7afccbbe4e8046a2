// SPDX-License-Identifier: Apache-2.0
// expects: may change value
// layer: kernel
//
// No silent loss of bits.
#include <cstdint>

std::uint32_t low_half(std::uint64_t value);
std::uint32_t low_half(std::uint64_t value) {
#ifdef COMPILES
  return static_cast<std::uint32_t>(value);
#else
  return value;
#endif
}
