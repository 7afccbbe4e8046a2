// SPDX-License-Identifier: Apache-2.0
//
// VTTBR_EL2, Virtualization Translation Table Base Register. Arm ARM D19.2.166. VMID bits 63:56 exist only with
// VTCR_EL2.VS = 1.
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

// clang-format off
struct VttbrEl2 : Register<VttbrEl2> {
  static constexpr Field<VttbrEl2, 63, 48> vmid{};
  static constexpr AddressField<VttbrEl2, 47, 12> baddr{};  ///< one 4 KiB root table
  static constexpr Bit<VttbrEl2, 0> cnp{};

  static constexpr VttbrEl2 of(std::uint64_t root, std::uint64_t vmid_number) {
    return make().with(vmid, vmid_number).with(baddr, root);
  }
};
// clang-format on

static_assert(VttbrEl2::of(0x4008'0000, 5).bits == 0x0005'0000'4008'0000);

}  // namespace hal::regs
