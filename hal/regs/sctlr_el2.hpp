// SPDX-License-Identifier: Apache-2.0
//
// SCTLR_EL2, System Control Register of the kernel's own regime (HCR_EL2.E2H = 0). Arm ARM D19.2.119.
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

// clang-format off
struct SctlrEl2 : Register<SctlrEl2> {
  static constexpr std::uint64_t kReservedOnes = 0x30c5'0830;  ///< 29 28 23 22 18 16 11 5 4
  static constexpr Bit<SctlrEl2, 25> ee{};   ///< big-endian data at EL2
  static constexpr Bit<SctlrEl2, 19> wxn{};  ///< writable memory is never executable
  static constexpr Bit<SctlrEl2, 12> i{};    ///< instruction cache
  static constexpr Bit<SctlrEl2,  3> sa{};   ///< stack alignment check
  static constexpr Bit<SctlrEl2,  2> c{};    ///< data cache
  static constexpr Bit<SctlrEl2,  1> a{};    ///< alignment check of every access
  static constexpr Bit<SctlrEl2,  0> m{};    ///< MMU

  static constexpr SctlrEl2 mmu_off() { return make(); }
  /// MMU and caches on with the start-up tables, whose text is still writable.
  static constexpr SctlrEl2 mmu_on() { return make().with(i, true).with(sa, true).with(c, true).with(m, true); }
  /// The final state: W^X enforced by WXN as well as by the tables.
  static constexpr SctlrEl2 final() { return mmu_on().with(wxn, true); }
};
// clang-format on

static_assert(SctlrEl2::mmu_off().bits == 0x30c5'0830);
static_assert(SctlrEl2::mmu_on().bits == 0x30c5'183d);
static_assert(SctlrEl2::final().bits == 0x30cd'183d);

}  // namespace hal::regs
