// SPDX-License-Identifier: Apache-2.0
//
// What the hardware side calls upward; the kernel (or a test kernel, test/target) defines these. Each is entered on the
// core's kernel stack with interrupts masked, with the context of the thread that was running, and returns the context
// to resume: a thread that is runnable on this core. None of them blocks; idling happens inside
// (port::wait_for_interrupt).
#pragma once

#include "kernel/port/fault.hpp"
#include "kernel/port/thread_context.h"

namespace port {

extern "C" {
/// `svc`: number in general[8]. The program counter is already behind the instruction.
ThreadContext* kernel_on_system_call(ThreadContext* running);
/// The same, tried first and with less: only x0-x17 and x30 are saved so far, and x14-x17 are of no more use. `next` is
/// the context to resume, `current` is `running`. Null: the call is not one that can be done in few steps, nothing has
/// changed, and kernel_on_system_call follows.
struct QuickExit {
  ThreadContext* next;
  ThreadContext* current;
};
QuickExit kernel_on_quick_call(ThreadContext* running);
/// `next` of a quick call that is done, whose thread waits now, while there is nobody to run: kernel_on_sleep follows.
/// SAFETY: nobody looks behind it: contexts are aligned, so this is the address of none.
inline ThreadContext* nobody() { return reinterpret_cast<ThreadContext*>(QUICK_EXIT_NOBODY); }
ThreadContext* kernel_on_sleep(ThreadContext* waiting);
/// A fault of the running silo.
ThreadContext* kernel_on_fault(ThreadContext* running, const FaultReport* report);
/// The same for IRQ: x0-x17 and x30 are saved. Null: kernel_on_interrupt follows.
QuickExit kernel_on_quick_interrupt(ThreadContext* running);
/// IRQ from EL0. The kernel takes the interrupts by port::take_interrupt() until there is none.
ThreadContext* kernel_on_interrupt(ThreadContext* running);
/// First use of floating point since the registers belonged to another thread.
ThreadContext* kernel_on_floating_point(ThreadContext* running);
/// `wfi` at EL0: a yield. The program counter is already behind the instruction.
ThreadContext* kernel_on_wait_instruction(ThreadContext* running);

/// A core other than the first begins to run threads (port::start_core). Does not return.
[[noreturn]] void kernel_on_core_start();

// The same while this core uses its traced entries (port/cpu.hpp).
ThreadContext* kernel_on_system_call_traced(ThreadContext* running);
ThreadContext* kernel_on_fault_traced(ThreadContext* running, const FaultReport* report);
ThreadContext* kernel_on_interrupt_traced(ThreadContext* running);
ThreadContext* kernel_on_floating_point_traced(ThreadContext* running);
ThreadContext* kernel_on_wait_instruction_traced(ThreadContext* running);
}

}  // namespace port
