// SPDX-License-Identifier: Apache-2.0
//
// HCR_EL2, Hypervisor Configuration Register. Arm ARM D19.2.48. Only the bits that this kernel sets or must know are
// named; all others are written as 0 (el0-controls.md section 2).
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

// clang-format off
struct HcrEl2 : Register<HcrEl2> {
  static constexpr Bit<HcrEl2, 41> api{};    ///< 0: pointer-authentication instructions trap
  static constexpr Bit<HcrEl2, 40> apk{};    ///< 0: pointer-authentication keys trap
  static constexpr Bit<HcrEl2, 34> e2h{};    ///< EL2 host; 0 here, and it must read back as 0
  static constexpr Bit<HcrEl2, 31> rw{};     ///< EL1 is AArch64
  static constexpr Bit<HcrEl2, 27> tge{};    ///< exceptions of EL0 go to EL2, stage 1 of EL1&0 is off
  static constexpr Bit<HcrEl2, 20> tidcp{};  ///< implementation-defined registers trap
  static constexpr Bit<HcrEl2, 14> twe{};
  static constexpr Bit<HcrEl2, 13> twi{};
  static constexpr Bit<HcrEl2, 12> dc{};     ///< default cacheability: stage 1 off means Normal write-back
  static constexpr Bit<HcrEl2,  5> amo{};    ///< SError to EL2
  static constexpr Bit<HcrEl2,  4> imo{};    ///< IRQ to EL2
  static constexpr Bit<HcrEl2,  3> fmo{};    ///< FIQ to EL2
  static constexpr Bit<HcrEl2,  0> vm{};     ///< stage 2 of EL1&0 on

  /// While the kernel boots: E2H = 0 above all, no routing, no stage 2.
  static constexpr HcrEl2 for_boot() { return make().with(rw, true); }
  /// For as long as silos run.
  static constexpr HcrEl2 for_silos() {
    return make().with(rw, true).with(tge, true).with(tidcp, true).with(dc, true)
                 .with(amo, true).with(imo, true).with(fmo, true).with(vm, true);
  }
};
// clang-format on

static_assert(HcrEl2::for_silos().bits == 0x8810'1039, "el0-controls.md section 2");
static_assert(HcrEl2::for_boot().bits == 0x8000'0000);

}  // namespace hal::regs
