// SPDX-License-Identifier: Apache-2.0
//
// SCR_EL3, Secure Configuration Register. Arm ARM D19.2.117. Written only when the machine starts at EL3.
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

// clang-format off
struct ScrEl3 : Register<ScrEl3> {
  static constexpr std::uint64_t kReservedOnes = 0x30;  ///< 5 4
  static constexpr Bit<ScrEl3, 10> rw{};                ///< EL2 is AArch64
  static constexpr Bit<ScrEl3,  8> hce{};               ///< HVC enabled
  static constexpr Bit<ScrEl3,  7> smd{};               ///< SMC disabled
  static constexpr Bit<ScrEl3,  0> ns{};                ///< below EL3 is Non-secure

  static constexpr ScrEl3 for_kernel() { return make().with(rw, true).with(hce, true).with(ns, true); }
};
// clang-format on

static_assert(ScrEl3::for_kernel().bits == 0x531);

}  // namespace hal::regs
