// SPDX-License-Identifier: Apache-2.0
//
// Redistributor registers of GICv3. IHI 0069H 12.11 (GICR_*).
#pragma once

#include "hal/regs/field.hpp"
#include "hal/regs/id_registers.hpp"

namespace hal::regs {

// clang-format off
struct GicrTyper : Register<GicrTyper> {
  static constexpr Field<GicrTyper, 63, 32> affinity{};   ///< Aff3.Aff2.Aff1.Aff0, one byte each
  static constexpr Bit<GicrTyper, 4> last{};              ///< last redistributor of its region
  static constexpr Bit<GicrTyper, 1> virtual_lpis{};      ///< two more 64 KiB frames follow

  static constexpr Field<GicrTyper, 31, 24> affinity3{};  // within the affinity field
  /// The affinity field's value for a core: MPIDR_EL1 has Aff3 elsewhere.
  static constexpr std::uint64_t affinity_of(MpidrEl1 core) {
    return affinity3.insert(core.bits & (MpidrEl1::kAffinity ^ MpidrEl1::aff3.kMask), core.get(MpidrEl1::aff3));
  }
};

struct GicrWaker : Register<GicrWaker> {
  static constexpr Bit<GicrWaker, 2> children_asleep{};
  static constexpr Bit<GicrWaker, 1> processor_sleep{};
};

struct GicrCtlr : Register<GicrCtlr> {
  static constexpr Bit<GicrCtlr, 3> rwp{};                ///< a write is still taking effect
};
// clang-format on

static_assert(GicrTyper::affinity_of(MpidrEl1::from(0x01'8000'0203)) == 0x0100'0203);
static_assert(GicrTyper::from(0x0000'0003'0000'0311).get(GicrTyper::affinity) == 3);

}  // namespace hal::regs
