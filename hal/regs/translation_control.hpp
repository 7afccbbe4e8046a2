// SPDX-License-Identifier: Apache-2.0
//
// Field values that TCR_EL2 and VTCR_EL2 share. Arm ARM D8.2 and D19.2.159.
#pragma once

#include <cstdint>

namespace hal::regs {

enum class WalkCacheability : std::uint8_t { NonCacheable = 0, WriteBack = 1, WriteThrough = 2 };
enum class Shareability : std::uint8_t { None = 0, Outer = 2, Inner = 3 };
enum class Granule : std::uint8_t { Kib4 = 0, Kib64 = 1, Kib16 = 2 };
/// ID_AA64MMFR0_EL1.PARange, TCR_EL2.PS and VTCR_EL2.PS count alike.
enum class PhysicalSize : std::uint8_t {
  Bits32 = 0,
  Bits36 = 1,
  Bits40 = 2,
  Bits42 = 3,
  Bits44 = 4,
  Bits48 = 5,
  Bits52 = 6
};

/// What PS may be with a 4 KiB granule and 64-bit descriptors without LPA2: at most 48 bits.
constexpr PhysicalSize clamp_to_48_bits(PhysicalSize size) {
  return size > PhysicalSize::Bits48 ? PhysicalSize::Bits48 : size;
}

}  // namespace hal::regs
