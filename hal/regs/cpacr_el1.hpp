// SPDX-License-Identifier: Apache-2.0
//
// CPACR_EL1, Architectural Feature Access Control Register. Arm ARM D19.2.31. With TGE set and E2H clear it still
// applies to EL0, and its trap arrives as EC 0x00; so FPEN is always open and CPTR_EL2.TFP decides (EC 0x07).
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

enum class TrapBelow : std::uint8_t { TrapAll = 0, TrapEl0 = 1, TrapAllToo = 2, Open = 3 };

// clang-format off
struct CpacrEl1 : Register<CpacrEl1> {
  static constexpr Bit<CpacrEl1, 29> e0poe{};
  static constexpr Bit<CpacrEl1, 28> tta{};
  static constexpr Field<CpacrEl1, 25, 24, TrapBelow> smen{};
  static constexpr Field<CpacrEl1, 21, 20, TrapBelow> fpen{};
  static constexpr Field<CpacrEl1, 17, 16, TrapBelow> zen{};

  static constexpr CpacrEl1 for_silos() { return make().with(fpen, TrapBelow::Open); }
};
// clang-format on

static_assert(CpacrEl1::for_silos().bits == 0x30'0000);

}  // namespace hal::regs
