// SPDX-License-Identifier: Apache-2.0
//
// Interrupts as the kernel sees them: taken one at a time from the controller, and finished. Lines are the shared
// peripheral interrupts, which silos may have; they are off until they are enabled.
#pragma once

#include <cstdint>

#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"

namespace port {

enum class InterruptKind : unsigned char {
  None,
  Timer,
  Signal,  ///< of a core (signal_core)
  Line,
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
/// Priority drop alone of a line: other interrupts are taken again, this one not until deactivate_line.
void drop_line(base::InterruptId line);
/// Sleeps until an interrupt is pending for this core (it stays pending; take it afterwards). Interrupts are masked
/// throughout.
void wait_for_interrupt();

/// How a device says that it wants something.
enum class Trigger : unsigned char { Level, Edge };
inline constexpr std::uint32_t kFirstLine = 32;      ///< what is below belongs to single cores
inline constexpr std::uint32_t kLinesMaximum = 988;  ///< numbers 32 to 1019

/// Lines have numbers from kFirstLine to this, which is not one.
std::uint32_t line_limit();
/// The line fires on `core` from now on; what was pending of an edge before is forgotten. It is not enabled.
void enable_line(base::InterruptId line, Trigger trigger, base::CoreId core);
/// It does not fire any more. Its state otherwise stays.
void disable_line(base::InterruptId line);
/// It has fired and was dropped: it may fire again. The caller's stores to the device come before that.
void deactivate_line(base::InterruptId line);

}  // namespace port
