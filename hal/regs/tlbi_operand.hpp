// SPDX-License-Identifier: Apache-2.0
//
// Operand of TLBI VAE2IS and TLBI IPAS2E1IS: bits 55:12 of the address in bits 43:0; TTL and NS are 0 (any level). Arm
// ARM C5.5.
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

// clang-format off
struct TlbiOperand : Register<TlbiOperand> {
  static constexpr Field<TlbiOperand, 47, 44> ttl{};
  static constexpr Field<TlbiOperand, 43,  0> page_number{};

  static constexpr TlbiOperand of(std::uint64_t address) {
    return make().with(page_number, (address >> 12) & page_number.kOnes);
  }
};
// clang-format on

static_assert(TlbiOperand::of(0x48'0000'3000).bits == 0x480'0003);

}  // namespace hal::regs
