// SPDX-License-Identifier: Apache-2.0
//
// The CRC32 instructions, one named operation each (Arm ARM C6.2, CRC32B and CRC32X). Whoever calls one has asked
// ID_AA64ISAR0_EL1.CRC32.
#pragma once

#include <cstdint>

namespace hal::crc32_instructions {

// SAFETY (both): registers only. ".arch_extension" because the kernel is built for plain ARMv8.0.

inline std::uint32_t add_byte(std::uint32_t remainder, std::uint8_t byte) {
  asm(".arch_extension crc\n\tcrc32b %w0, %w0, %w1" : "+r"(remainder) : "r"(byte));
  return remainder;
}
inline std::uint32_t add_eight_bytes(std::uint32_t remainder, std::uint64_t bytes) {
  asm(".arch_extension crc\n\tcrc32x %w0, %w0, %x1" : "+r"(remainder) : "r"(bytes));
  return remainder;
}

}  // namespace hal::crc32_instructions
