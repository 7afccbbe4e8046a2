// SPDX-License-Identifier: Apache-2.0
//
// PSCI by SMC (Arm DEN0022, 64-bit calls): starting a core, switching the machine off. Only for a machine whose device
// tree has a psci node with method "smc" (hal::PowerDescription, hal::EnableMethod): elsewhere an SMC may never return.
#pragma once

#include <cstdint>

#include "kernel/base/address.hpp"

namespace hal::psci {

enum class Status : std::int64_t {
  Success = 0,
  NotSupported = -1,
  InvalidParameters = -2,
  Denied = -3,
  AlreadyOn = -4,
  OnPending = -5,
  InternalFailure = -6,
  NotPresent = -7,
  Disabled = -8,
  InvalidAddress = -9,
};

/// CPU_ON: the core with `affinity` (MPIDR_EL1's fields) starts at `entry` at EL2, MMU off.
Status start_core(std::uint64_t affinity, base::PhysicalAddress entry);
/// SYSTEM_OFF: does not return if the firmware can do it.
void system_off();
/// SYSTEM_RESET: the same.
void system_reset();

}  // namespace hal::psci
