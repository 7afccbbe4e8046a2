// SPDX-License-Identifier: Apache-2.0
//
// Time: one counter for kernel and silos (CNTVCT_EL0 = CNTPCT_EL0) and one comparator per core (CNTHP). Arm ARM D11.
#pragma once

#include "kernel/base/ids.hpp"

namespace port {

/// The counter now.
base::Ticks now();
/// Counter frequency in Hz (CNTFRQ_EL0); never 0, the boot path refuses a machine without it.
std::uint64_t clock_frequency();
/// This core's timer interrupt fires at `deadline` (at once if it is past). Replaces what was armed.
void arm_timer(base::Ticks deadline);
/// This core's timer stays silent.
void disarm_timer();

}  // namespace port
