// SPDX-License-Identifier: Apache-2.0
//
// Distributor registers of GICv2 and GICv3. GIC architecture specification IHI 0048B 4.3 and IHI 0069H 12.9 (GICD_*).
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

// clang-format off
/// GICD_CTLR as a Non-secure or single-security-state access sees it in GICv3.
struct GicdCtlr : Register<GicdCtlr> {
  static constexpr Bit<GicdCtlr, 31> rwp{};               ///< a write is still taking effect
  static constexpr Bit<GicdCtlr,  6> ds{};                ///< security disabled
  static constexpr Bit<GicdCtlr,  4> are{};               ///< affinity routing (ARE_NS, or ARE with DS = 1)
  static constexpr Bit<GicdCtlr,  1> enable_group1{};     ///< GICv3: Group 1 (EnableGrp1A in the Non-secure view)
  static constexpr Bit<GicdCtlr,  0> enable{};            ///< GICv2 Non-secure view: the one enable; else Group 0
};

/// GICD_SGIR of GICv2: to the CPU interfaces of the list.
struct GicdSgir : Register<GicdSgir> {
  static constexpr Field<GicdSgir, 23, 16> targets{};
  static constexpr Field<GicdSgir,  3,  0> interrupt{};
};

struct GicdTyper : Register<GicdTyper> {
  static constexpr Bit<GicdTyper, 10> security_extension{};
  static constexpr Field<GicdTyper, 4, 0> it_lines{};     ///< 32 * (n + 1) interrupts
  constexpr unsigned interrupt_words() const { return static_cast<unsigned>(get(it_lines)) + 1; }
};
// clang-format on

static_assert(GicdTyper::from(0x0000'0407).interrupt_words() == 8, "raspi4b: 256 interrupts, security extension");

}  // namespace hal::regs
