// SPDX-License-Identifier: Apache-2.0
//
// CPU interface of GICv2 (IHI 0048B 4.4, memory-mapped) and GICv3 (IHI 0069H 12.2, system registers).
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

// clang-format off
/// GICC_CTLR, Non-secure view or the only one without security extension. EOImodeNS stands at 9 in both.
struct GiccCtlr : Register<GiccCtlr> {
  static constexpr Bit<GiccCtlr, 9> eoi_mode{};           ///< GICC_EOIR drops priority only; GICC_DIR deactivates
  static constexpr Bit<GiccCtlr, 0> enable{};
};

/// GICC_IAR, GICC_EOIR and GICC_DIR. The source CPU of an SGI is written back with its number.
struct GiccIar : Register<GiccIar> {
  static constexpr Field<GiccIar, 12, 10> source_core{};
  static constexpr Field<GiccIar,  9,  0> interrupt{};
};

struct IccSreEl2 : Register<IccSreEl2> {
  static constexpr Bit<IccSreEl2, 3> enable{};            ///< lower levels may reach ICC_SRE_EL1
  static constexpr Bit<IccSreEl2, 2> dib{};
  static constexpr Bit<IccSreEl2, 1> dfb{};
  static constexpr Bit<IccSreEl2, 0> sre{};               ///< system registers, not memory

  static constexpr IccSreEl2 for_kernel() { return make().with(dib, true).with(dfb, true).with(sre, true); }
};

struct IccCtlrEl1 : Register<IccCtlrEl1> {
  static constexpr Bit<IccCtlrEl1, 1> eoi_mode{};         ///< ICC_EOIR1_EL1 only drops priority, ICC_DIR_EL1 ends
};

struct IccIgrpen1El1 : Register<IccIgrpen1El1> {
  static constexpr Bit<IccIgrpen1El1, 0> enable{};
};

struct IccIarEl1 : Register<IccIarEl1> {
  static constexpr Field<IccIarEl1, 23, 0> interrupt{};
};

/// ICC_SGI1R_EL1: an SGI to the cores of a cluster that the list names.
struct IccSgi1rEl1 : Register<IccSgi1rEl1> {
  static constexpr Field<IccSgi1rEl1, 55, 48> affinity3{};
  static constexpr Field<IccSgi1rEl1, 47, 44> range{};    ///< Aff0 / 16
  static constexpr Field<IccSgi1rEl1, 39, 32> affinity2{};
  static constexpr Field<IccSgi1rEl1, 27, 24> interrupt{};
  static constexpr Field<IccSgi1rEl1, 23, 16> affinity1{};
  static constexpr Field<IccSgi1rEl1, 15,  0> targets{};  ///< bit Aff0 % 16

  /// To one core, whose affinity is as GICR_TYPER has it.
  static constexpr IccSgi1rEl1 to(std::uint64_t affinity, std::uint32_t number) {
    const std::uint64_t within = affinity & 0xff;
    return make().with(affinity3, affinity >> 24 & 0xff).with(affinity2, affinity >> 16 & 0xff)
        .with(affinity1, affinity >> 8 & 0xff).with(range, within / 16)
        .with(targets, std::uint64_t{1} << within % 16).with(interrupt, number);
  }
};
// clang-format on
static_assert(IccSgi1rEl1::to(0x0102'0313, 5).bits == 0x0001'1002'0503'0008);

static_assert(IccSreEl2::for_kernel().bits == 7);
static_assert(GiccCtlr::make().with(GiccCtlr::eoi_mode, true).with(GiccCtlr::enable, true).bits == 0x201);

/// INTIDs from here to 1023 are no interrupts: 1023 is "none", 1022 "one of the other group".
inline constexpr std::uint32_t kFirstSpecialInterrupt = 1020;

}  // namespace hal::regs
