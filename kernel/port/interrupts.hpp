// SPDX-License-Identifier: Apache-2.0
//
// Interrupts as the kernel sees them: taken one at a time from the controller, and finished.
#pragma once

#include "kernel/base/ids.hpp"

namespace port {

enum class InterruptKind : unsigned char {
  None,
  Timer,
  Signal,  ///< of a core (signal_core)
  Stray
};

struct Interrupt {
  InterruptKind kind;
  base::InterruptId id;
};

/// Acknowledges the most urgent pending interrupt of this core; None if there is none (spurious).
Interrupt take_interrupt();
/// Priority drop and deactivation of an interrupt that take_interrupt gave.
void finish_interrupt(Interrupt interrupt);
/// An interrupt on that core, which may be this one; what this core wrote before is there then.
void signal_core(base::CoreId core);
/// Sleeps until an interrupt is pending for this core (it stays pending; take it afterwards). Interrupts are masked
/// throughout.
void wait_for_interrupt();

}  // namespace port
