// SPDX-License-Identifier: Apache-2.0
//
// CPTR_EL2, Architectural Feature Trap Register (HCR_EL2.E2H = 0). Arm ARM D19.2.36. TFP traps EL2's own use, too.
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

// clang-format off
struct CptrEl2 : Register<CptrEl2> {
  static constexpr std::uint64_t kReservedOnes = 0x22ff;  ///< 13 9 7:0; 12 (TSM) and 8 (TZ) as well without SME and SVE
  static constexpr Bit<CptrEl2, 31> tcpac{};
  static constexpr Bit<CptrEl2, 30> tam{};
  static constexpr Bit<CptrEl2, 20> tta{};
  static constexpr Bit<CptrEl2, 12> tsm{};                ///< SME traps
  static constexpr Bit<CptrEl2, 10> tfp{};                ///< floating point and SIMD trap
  static constexpr Bit<CptrEl2,  8> tz{};                 ///< SVE traps

  static constexpr CptrEl2 floating_point_open() { return make().with(tsm, true).with(tz, true); }
  static constexpr CptrEl2 floating_point_trapped() { return floating_point_open().with(tfp, true); }
};
// clang-format on

static_assert(CptrEl2::floating_point_open().bits == 0x33ff);
static_assert(CptrEl2::floating_point_trapped().bits == 0x37ff);

}  // namespace hal::regs
