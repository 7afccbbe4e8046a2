// SPDX-License-Identifier: Apache-2.0
//
// TCR_EL2, Translation Control Register of the kernel's own regime (HCR_EL2.E2H = 0). Arm ARM D19.2.160.
#pragma once

#include "hal/regs/field.hpp"
#include "hal/regs/translation_control.hpp"

namespace hal::regs {

// clang-format off
struct TcrEl2 : Register<TcrEl2> {
  static constexpr std::uint64_t kReservedOnes = 0x8080'0000;  ///< 31 23
  static constexpr Bit<TcrEl2, 20> tbi{};                      ///< top byte ignored
  static constexpr Field<TcrEl2, 18, 16, PhysicalSize> ps{};
  static constexpr Field<TcrEl2, 15, 14, Granule> tg0{};
  static constexpr Field<TcrEl2, 13, 12, Shareability> sh0{};
  static constexpr Field<TcrEl2, 11, 10, WalkCacheability> orgn0{};
  static constexpr Field<TcrEl2,  9,  8, WalkCacheability> irgn0{};
  static constexpr Field<TcrEl2,  5,  0> t0sz{};               ///< 64 - address bits

  static constexpr TcrEl2 for_kernel(unsigned address_bits, PhysicalSize size) {
    return make().with(ps, size).with(tg0, Granule::Kib4).with(sh0, Shareability::Inner)
                 .with(orgn0, WalkCacheability::WriteBack).with(irgn0, WalkCacheability::WriteBack)
                 .with(t0sz, 64 - address_bits);
  }
};
// clang-format on

static_assert(TcrEl2::for_kernel(39, PhysicalSize::Bits32).bits == 0x8080'3519);
static_assert(TcrEl2::for_kernel(39, PhysicalSize::Bits44).bits == 0x8084'3519);

}  // namespace hal::regs
