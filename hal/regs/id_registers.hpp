// SPDX-License-Identifier: Apache-2.0
//
// Identification registers: the fields that decide which control registers exist and how they are built. Arm ARM
// D19.2.59-75 (ID_AA64*), D19.2.34 (CTR_EL0), D19.2.35 (DCZID_EL0), D19.2.100 (MPIDR_EL1). A field of 0 means "not
// there" unless said.
#pragma once

#include "hal/regs/field.hpp"
#include "hal/regs/translation_control.hpp"

namespace hal::regs {

// clang-format off
struct IdAa64Pfr0El1 : Register<IdAa64Pfr0El1> {
  static constexpr Field<IdAa64Pfr0El1, 47, 44> amu{};        ///< activity monitors
  static constexpr Field<IdAa64Pfr0El1, 35, 32> sve{};
  static constexpr Field<IdAa64Pfr0El1, 31, 28> ras{};        ///< ESB
  static constexpr Field<IdAa64Pfr0El1, 27, 24> gic{};        ///< GIC CPU interface by system registers
  static constexpr Field<IdAa64Pfr0El1, 19, 16> fp{};         ///< 15: no floating point
};

struct IdAa64Pfr1El1 : Register<IdAa64Pfr1El1> {
  static constexpr Field<IdAa64Pfr1El1, 47, 44> gcs{};        ///< guarded control stack
  static constexpr Field<IdAa64Pfr1El1, 27, 24> sme{};
};

struct IdAa64Isar0El1 : Register<IdAa64Isar0El1> {
  static constexpr Field<IdAa64Isar0El1, 19, 16> crc32{};     ///< CRC32 instructions
};

struct IdAa64Mmfr0El1 : Register<IdAa64Mmfr0El1> {
  static constexpr Field<IdAa64Mmfr0El1, 59, 56> fgt{};       ///< fine-grained traps
  static constexpr Field<IdAa64Mmfr0El1, 43, 40> tgran4_2{};  ///< stage 2 with 4 KiB pages: 1 not, 0 as tgran4
  static constexpr Field<IdAa64Mmfr0El1, 31, 28> tgran4{};    ///< 15: not supported
  static constexpr Field<IdAa64Mmfr0El1,  3,  0, PhysicalSize> pa_range{};
};

struct IdAa64Mmfr1El1 : Register<IdAa64Mmfr1El1> {
  static constexpr Field<IdAa64Mmfr1El1, 43, 40> hcx{};       ///< HCRX_EL2
  static constexpr Field<IdAa64Mmfr1El1,  7,  4> vmid_bits{}; ///< 0: 8, 2: 16
};

struct IdAa64Mmfr3El1 : Register<IdAa64Mmfr3El1> {
  static constexpr Field<IdAa64Mmfr3El1, 19, 16> s1poe{};     ///< permission overlays: POR_EL0
  static constexpr Field<IdAa64Mmfr3El1,  3,  0> tcrx{};      ///< TCR2_EL1
};

struct IdAa64Dfr0El1 : Register<IdAa64Dfr0El1> {
  static constexpr Field<IdAa64Dfr0El1, 43, 40> trace_filter{};  ///< TRFCR_ELx
  static constexpr Field<IdAa64Dfr0El1, 35, 32> pms_version{};   ///< statistical profiling
  static constexpr Field<IdAa64Dfr0El1, 11,  8> pmu_version{};   ///< 0 and 15: no architected PMU
};

struct CtrEl0 : Register<CtrEl0> {
  static constexpr Field<CtrEl0, 19, 16> dminline{};          ///< log2 of the words of the smallest data cache line
  static constexpr Field<CtrEl0,  3,  0> iminline{};
  constexpr std::uint64_t data_line_bytes() const { return std::uint64_t{4} << get(dminline); }
};

struct DczidEl0 : Register<DczidEl0> {
  static constexpr Bit<DczidEl0, 4> dzp{};                    ///< DC ZVA prohibited
  static constexpr Field<DczidEl0, 3, 0> bs{};                ///< log2 of the words that DC ZVA zeroes
  /// 0 if prohibited.
  constexpr std::uint64_t block_bytes() const { return get(dzp) ? 0 : std::uint64_t{4} << get(bs); }
};

struct MpidrEl1 : Register<MpidrEl1> {
  static constexpr Field<MpidrEl1, 39, 32> aff3{};
  static constexpr Field<MpidrEl1, 23, 16> aff2{};
  static constexpr Field<MpidrEl1, 15,  8> aff1{};
  static constexpr Field<MpidrEl1,  7,  0> aff0{};
  static constexpr std::uint64_t kAffinity = decltype(aff3)::kMask | decltype(aff2)::kMask | decltype(aff1)::kMask |
                                             decltype(aff0)::kMask;
  /// The four affinity bytes where the device tree's `reg` and PSCI's CPU_ON want them.
  constexpr std::uint64_t affinity() const { return bits & kAffinity; }
};
// clang-format on

static_assert(MpidrEl1::kAffinity == 0xff'00ff'ffff);
static_assert(MpidrEl1::from(0x8000'0103).affinity() == 0x103);
static_assert(IdAa64Mmfr0El1::from(0x1124).get(IdAa64Mmfr0El1::pa_range) == PhysicalSize::Bits44, "Cortex-A72");
static_assert(CtrEl0::from(0x8444'c004).data_line_bytes() == 64, "Cortex-A72");
static_assert(DczidEl0::from(4).block_bytes() == 64 && DczidEl0::from(0x14).block_bytes() == 0);

}  // namespace hal::regs
