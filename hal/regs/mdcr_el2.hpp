// SPDX-License-Identifier: Apache-2.0
//
// MDCR_EL2, Monitor Debug Configuration Register. Arm ARM D19.3.17. And what belongs to it: MDSCR_EL1 (D19.3.20),
// PMCR_EL0 (D19.5.11).
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

// clang-format off
struct PmcrEl0 : Register<PmcrEl0> {
  static constexpr Field<PmcrEl0, 15, 11> n{};     ///< number of event counters
};

struct MdcrEl2 : Register<MdcrEl2> {
  static constexpr Bit<MdcrEl2,  8> tde{};         ///< debug exceptions go to EL2
  static constexpr Bit<MdcrEl2,  6> tpm{};         ///< performance-monitor registers trap
  static constexpr Bit<MdcrEl2,  5> tpmcr{};       ///< PMCR_EL0 traps
  static constexpr Field<MdcrEl2, 4, 0> hpmn{};    ///< counters below EL2: all of them, PMCR_EL0.N

  static constexpr MdcrEl2 for_silos(PmcrEl0 counters) {
    return make().with(tde, true).with(tpm, true).with(tpmcr, true).with(hpmn, counters.get(PmcrEl0::n));
  }
};

struct MdscrEl1 : Register<MdscrEl1> {
  static constexpr Bit<MdscrEl1, 15> mde{};        ///< breakpoints and watchpoints
  static constexpr Bit<MdscrEl1, 13> kde{};
  static constexpr Bit<MdscrEl1, 12> tdcc{};       ///< debug communication channel traps at EL0
  static constexpr Bit<MdscrEl1,  0> ss{};         ///< software step

  static constexpr MdscrEl1 for_silos() { return make().with(tdcc, true); }
};
// clang-format on

static_assert(MdcrEl2::for_silos(PmcrEl0::from(0x4102'3000)).bits == 0x166);
static_assert(MdscrEl1::for_silos().bits == 0x1000);

}  // namespace hal::regs
