// SPDX-License-Identifier: Apache-2.0
//
// Every register by which EL0 could influence anything, written whole on every core before its first ERET to EL0
// (el0-controls.md section 2). After this call the core is in the state that silos run under: HCR_EL2.TGE and VM set,
// VTTBR_EL2 on the empty table with VMID 0, floating point trapped, this core's timer silent.
#pragma once

#include "kernel/base/result.hpp"

namespace hal {

/// Once per core, on its own kernel stack, caches on. ENOTSUP: the core cannot host silos (fewer than 40 physical
/// address bits, no 4 KiB granule, or HCR_EL2.E2H stays 1); nothing may run at EL0 on it then.
base::Result<void> program_control_registers();

}  // namespace hal
