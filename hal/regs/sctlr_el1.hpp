// SPDX-License-Identifier: Apache-2.0
//
// SCTLR_EL1, System Control Register. Arm ARM D19.2.118. Stage 1 of EL1&0 is off (HCR_EL2.TGE), but what this register
// permits to EL0 is honoured all the same (el0-controls.md section 1).
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

// clang-format off
struct SctlrEl1 : Register<SctlrEl1> {
  static constexpr std::uint64_t kReservedOnes = 0x30d0'0800;  ///< 29 28 23 22 20 11
  static constexpr Bit<SctlrEl1, 60> entp2{};  ///< TPIDR2_EL0 for EL0
  static constexpr Bit<SctlrEl1, 31> enia{};
  static constexpr Bit<SctlrEl1, 30> enib{};
  static constexpr Bit<SctlrEl1, 27> enda{};
  static constexpr Bit<SctlrEl1, 26> uci{};    ///< cache maintenance by EL0
  static constexpr Bit<SctlrEl1, 24> e0e{};    ///< EL0 data is big-endian
  static constexpr Bit<SctlrEl1, 20> tscxt{};  ///< later cores: SCXTNUM_EL0 of EL0 traps; reserved one before
  static constexpr Bit<SctlrEl1, 18> ntwe{};   ///< WFE at EL0 does not trap
  static constexpr Bit<SctlrEl1, 16> ntwi{};   ///< WFI at EL0 does not trap
  static constexpr Bit<SctlrEl1, 15> uct{};    ///< CTR_EL0 for EL0
  static constexpr Bit<SctlrEl1, 14> dze{};    ///< DC ZVA for EL0
  static constexpr Bit<SctlrEl1, 13> endb{};
  static constexpr Bit<SctlrEl1,  9> uma{};    ///< DAIF for EL0
  static constexpr Bit<SctlrEl1,  4> sa0{};    ///< stack alignment check at EL0
  static constexpr Bit<SctlrEl1,  3> sa{};     ///< stack alignment check at EL1
  static constexpr Bit<SctlrEl1,  0> m{};

  static constexpr SctlrEl1 for_silos() {
    return make().with(ntwe, true).with(uct, true).with(dze, true).with(sa0, true).with(sa, true);
  }
};
// clang-format on

static_assert(SctlrEl1::for_silos().bits == 0x30d4'c818, "el0-controls.md section 2");
static_assert(SctlrEl1::for_silos().get(SctlrEl1::tscxt));
static_assert(SctlrEl1::make().with(SctlrEl1::uma, true).bits == 0x30d0'0a00);

}  // namespace hal::regs
