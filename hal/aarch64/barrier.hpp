// SPDX-License-Identifier: Apache-2.0
//
// Barriers, and the instructions with which a core waits, one named operation each (Arm ARM B2.3.12, C6.2). The
// caller's comment says what is ordered before what, and for whom.
#pragma once

namespace hal::barrier {

// SAFETY (all): no operands; "memory" keeps the compiler from moving accesses across.

/// Context synchronization: system-register writes before it are in force for every instruction after it.
inline void isb() { asm volatile("isb" ::: "memory"); }
/// All accesses and maintenance before it are complete for every core before anything after it happens.
inline void dsb_ish() { asm volatile("dsb ish" ::: "memory"); }
/// Stores before it are visible to every core and table walker before anything after it happens.
inline void dsb_ishst() { asm volatile("dsb ishst" ::: "memory"); }
/// Like dsb_ish, for this core's own maintenance only.
inline void dsb_nsh() { asm volatile("dsb nsh" ::: "memory"); }
/// Like dsb_ish, and for devices and observers outside: everything before it has reached them.
inline void dsb_sy() { asm volatile("dsb sy" ::: "memory"); }

/// Sleeps until an interrupt is pending for this core, masked or not.
inline void wait_for_interrupt() { asm volatile("wfi" ::: "memory"); }
/// Sleeps until an event, which may have been before, or an interrupt.
inline void wait_for_event() { asm volatile("wfe" ::: "memory"); }
/// Wakes every core that sleeps in WFE.
inline void send_event() { asm volatile("sev" ::: "memory"); }
/// A hint inside a loop that polls.
inline void spin_hint() { asm volatile("yield" ::: "memory"); }

}  // namespace hal::barrier
