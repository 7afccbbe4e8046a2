// SPDX-License-Identifier: Apache-2.0
//
// How the machine ends: PSCI SYSTEM_OFF where the firmware has it, the Pi's power-management block, else waiting for
// ever. Implements port::power_off, restart_machine and halt of kernel/port/cpu.hpp.
#pragma once

#include "hal/gic/gic.hpp"
#include "kernel/base/result.hpp"

namespace hal {

struct PowerDescription {
  bool psci_smc = false;    ///< the device tree has a psci node with method "smc"; else no SMC is ever issued
  PhysicalRegion watchdog;  ///< "brcm,bcm2835-pm" (bcm2711-pm too), its first region; bytes == 0: not there
};

/// Maps what power_off will need. ENOMEM: no room to map it; power_off then only halts.
base::Result<void> initialize_power(const PowerDescription& description);

}  // namespace hal
