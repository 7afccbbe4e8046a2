// SPDX-License-Identifier: Apache-2.0
//
// The explanation of a fault: what follows its three first lines (fault_report.hpp). Registers, who called whom, what
// the other threads were at, what the silo did last if the kernel traces, and a core file if one is wanted
// (core_file.hpp). It is left-over work of the silo's core, the least urgent there is unless the silo is to come back:
// one line at a step, only when the console has room for it, and after everybody who waited for the silo has been told.
// Owns where each core is with it.
//
// A silo that faults again within a second of its last explanation gets no other one: one that crashes and comes back
// all the time must not have the console for itself, and its restarts must not wait for it.
//
// INVARIANT: while is_being_explained(), the silo's threads and memory stay as they are (silo_restart.cpp waits).
#pragma once

#include "kernel/core.hpp"
#include "kernel/silo.hpp"

namespace kernel {

/// The silo has faulted on this core and is being stopped.
void begin_explanation(Core& core, Silo& silo);
/// Before the silo's threads end: one bounded step of saying what it held; false when there is nothing more to say.
bool explain_holdings(Unlocked held, Silo& silo);

enum class ExplanationStep : std::uint8_t {
  More,
  NoRoom,  ///< the console is full: later
  Done     ///< there is nothing to explain
};
/// One step for this core.
ExplanationStep explain_next(Core& core);
/// Whether there is something to explain on this core.
bool explanation_is_pending(const Core& core);
/// The silo that is being explained is to come back.
bool explanation_is_waited_for(const Core& core);
/// From the fault to the last line.
bool is_being_explained(const Silo& silo);
/// The machine is about to end: everything that is left, of all cores. The console is Synchronous. In a shared section.
void finish_explanations(Unlocked held);
/// A silo has stopped, and because of that the machine does: if it has faulted, all there is to say. As above.
void explain_before_the_end(Core& core, Silo& silo);
/// Start of boot: nobody has faulted.
void forget_explanations();

}  // namespace kernel
