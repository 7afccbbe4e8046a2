// SPDX-License-Identifier: Apache-2.0
//
// SPSR_EL2, Saved Program Status Register, AArch64 state. Arm ARM D19.2.138 (C5.2.19).
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

enum class ProcessorMode : std::uint8_t { El0 = 0b0000, El1t = 0b0100, El1h = 0b0101, El2t = 0b1000, El2h = 0b1001 };

// clang-format off
struct SpsrEl2 : Register<SpsrEl2> {
  static constexpr Field<SpsrEl2, 31, 28> nzcv{};
  static constexpr Bit<SpsrEl2, 25> tco{};
  static constexpr Bit<SpsrEl2, 24> dit{};
  static constexpr Bit<SpsrEl2, 23> uao{};
  static constexpr Bit<SpsrEl2, 22> pan{};
  static constexpr Bit<SpsrEl2, 21> ss{};              ///< software step
  static constexpr Bit<SpsrEl2, 20> il{};              ///< illegal execution state
  static constexpr Bit<SpsrEl2, 12> ssbs{};
  static constexpr Field<SpsrEl2, 9, 6> daif{};
  static constexpr Bit<SpsrEl2,  4> aarch32{};         ///< M[4]
  static constexpr Field<SpsrEl2, 3, 0, ProcessorMode> mode{};

  /// What a thread's own state may contribute at EL0 entry; all else is 0: EL0, AArch64, nothing masked, no step.
  static constexpr std::uint64_t kOfThread = decltype(nzcv)::kMask | decltype(tco)::kMask | decltype(dit)::kMask |
                                             decltype(ssbs)::kMask;
  static constexpr SpsrEl2 for_kernel() { return make().with(daif, 0xf).with(mode, ProcessorMode::El2h); }
};
// clang-format on

static_assert(SpsrEl2::for_kernel().bits == 0x3c9);
static_assert(SpsrEl2::kOfThread == 0xf300'1000);
static_assert((SpsrEl2::kOfThread & 0x1f) == 0 && (SpsrEl2::kOfThread & 0x3c0) == 0, "never a mode, never a mask bit");

}  // namespace hal::regs
