// SPDX-License-Identifier: Apache-2.0
//
// PSTATE.DAIF of the kernel. Exceptions from EL0 arrive with everything masked, and it stays so until ERET
// (design 2.6).
#pragma once

namespace hal {

/// Debug, SError, IRQ and FIQ masked on this core from the next instruction on.
inline void mask_interrupts() {
  // SAFETY: masks only; self-synchronizing (Arm ARM C5.2.3).
  asm volatile("msr daifset, #0xf" ::: "memory");
}

}  // namespace hal
