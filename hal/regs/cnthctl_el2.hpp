// SPDX-License-Identifier: Apache-2.0
//
// Generic-timer controls: CNTHCTL_EL2 (Arm ARM D19.12.2, HCR_EL2.E2H = 0), CNTKCTL_EL1 (D19.12.13), CNTHP_CTL_EL2
// (D19.12.4).
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

// clang-format off
struct CnthctlEl2 : Register<CnthctlEl2> {
  static constexpr Bit<CnthctlEl2, 2> evnten{};
  static constexpr Bit<CnthctlEl2, 1> el1pcen{};
  static constexpr Bit<CnthctlEl2, 0> el1pcten{};

  static constexpr CnthctlEl2 for_silos() { return make(); }   ///< physical counter and timer: nobody below EL2
};

struct CntkctlEl1 : Register<CntkctlEl1> {
  static constexpr Bit<CntkctlEl1, 9> el0pten{};
  static constexpr Bit<CntkctlEl1, 8> el0vten{};
  static constexpr Bit<CntkctlEl1, 2> evnten{};
  static constexpr Bit<CntkctlEl1, 1> el0vcten{};              ///< CNTVCT_EL0 and CNTFRQ_EL0 for EL0
  static constexpr Bit<CntkctlEl1, 0> el0pcten{};

  static constexpr CntkctlEl1 for_silos() { return make().with(el0vcten, true); }
};

struct CnthpCtlEl2 : Register<CnthpCtlEl2> {
  static constexpr Bit<CnthpCtlEl2, 2> istatus{};
  static constexpr Bit<CnthpCtlEl2, 1> imask{};
  static constexpr Bit<CnthpCtlEl2, 0> enable{};

  static constexpr CnthpCtlEl2 armed() { return make().with(enable, true); }
  static constexpr CnthpCtlEl2 off() { return make(); }
};
// clang-format on

static_assert(CnthctlEl2::for_silos().bits == 0);
static_assert(CntkctlEl1::for_silos().bits == 2, "el0-controls.md section 2");
static_assert(CnthpCtlEl2::armed().bits == 1);

}  // namespace hal::regs
