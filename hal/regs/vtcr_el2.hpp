// SPDX-License-Identifier: Apache-2.0
//
// VTCR_EL2, Virtualization Translation Control Register. Arm ARM D19.2.165. 4 KiB granule; start level 1 with 39
// address bits is one root table of 512 entries (D8.2.7).
#pragma once

#include "hal/regs/field.hpp"
#include "hal/regs/translation_control.hpp"

namespace hal::regs {

enum class Stage2StartLevel : std::uint8_t { Level2 = 0, Level1 = 1, Level0 = 2 };  ///< SL0 with a 4 KiB granule

// clang-format off
struct VtcrEl2 : Register<VtcrEl2> {
  static constexpr std::uint64_t kReservedOnes = 0x8000'0000;  ///< 31
  static constexpr Bit<VtcrEl2, 19> vs{};                      ///< 16-bit VMIDs
  static constexpr Field<VtcrEl2, 18, 16, PhysicalSize> ps{};
  static constexpr Field<VtcrEl2, 15, 14, Granule> tg0{};
  static constexpr Field<VtcrEl2, 13, 12, Shareability> sh0{};
  static constexpr Field<VtcrEl2, 11, 10, WalkCacheability> orgn0{};
  static constexpr Field<VtcrEl2,  9,  8, WalkCacheability> irgn0{};
  static constexpr Field<VtcrEl2,  7,  6, Stage2StartLevel> sl0{};
  static constexpr Field<VtcrEl2,  5,  0> t0sz{};              ///< 64 - IPA bits

  static constexpr VtcrEl2 for_silos(unsigned address_bits, PhysicalSize size, bool wide_vmid) {
    return make().with(vs, wide_vmid).with(ps, clamp_to_48_bits(size)).with(tg0, Granule::Kib4)
                 .with(sh0, Shareability::Inner).with(orgn0, WalkCacheability::WriteBack)
                 .with(irgn0, WalkCacheability::WriteBack).with(sl0, Stage2StartLevel::Level1)
                 .with(t0sz, 64 - address_bits);
  }
};
// clang-format on

static_assert(VtcrEl2::for_silos(39, PhysicalSize::Bits40, false).bits == 0x8002'3559, "the value of the lab's probe");
static_assert(VtcrEl2::for_silos(39, PhysicalSize::Bits52, true).bits == 0x800d'3559);

}  // namespace hal::regs
