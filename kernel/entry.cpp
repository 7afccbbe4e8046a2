// SPDX-License-Identifier: Apache-2.0
//
// The kernel's entries (port/entry.hpp). Each finds the thread that ran, lets one other file decide, and leaves through
// Core::resume, all of it in one shared section.
#include "kernel/port/entry.hpp"

#include "kernel/core.hpp"
#include "kernel/fault.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/shared_section.hpp"
#include "kernel/system_call.hpp"

namespace port {

namespace {

/// SAFETY: the vectors mask interrupts before they call an entry, and a kernel that was left holds no lock.
kernel::Unlocked at_entry() { return base::hold_nothing(base::TokenSource::interrupts_masked()); }

/// The thread that ran, after everything that the fast path has done has become ordinary.
kernel::Thread& entered_from(ThreadContext& running) {
  kernel::Thread& thread = kernel::Thread::from(running);
  thread.core().catch_up(thread);
  return thread;
}

}  // namespace

ThreadContext* kernel_on_system_call(ThreadContext* running) {
  const kernel::SharedSection section;
  kernel::Thread& thread = entered_from(*running);
  const kernel::Decision decision = kernel::dispatch_system_call(at_entry(), thread);
  return thread.core().resume(at_entry(), decision);
}

ThreadContext* kernel_on_sleep(ThreadContext* waiting) {
  return kernel::Thread::from(*waiting).core().sleep(at_entry());
}

ThreadContext* kernel_on_fault(ThreadContext* running, const FaultReport* report) {
  const kernel::SharedSection section;
  kernel::Thread& thread = entered_from(*running);
  const kernel::Decision decision = kernel::stop_by_fault(thread, *report);
  return thread.core().resume(at_entry(), decision);
}

ThreadContext* kernel_on_interrupt(ThreadContext* running) {
  const kernel::SharedSection section;
  kernel::Core& core = entered_from(*running).core();
  core.take_interrupts();
  return core.resume(at_entry(), core.turn_is_over() ? kernel::Decision::yield() : kernel::Decision::stay());
}

ThreadContext* kernel_on_floating_point(ThreadContext* running) {
  const kernel::SharedSection section;
  kernel::Thread& thread = entered_from(*running);
  thread.core().claim_floating_point(thread);
  return thread.core().resume(at_entry(), kernel::Decision::stay());
}

ThreadContext* kernel_on_wait_instruction(ThreadContext* running) {
  const kernel::SharedSection section;
  return entered_from(*running).core().resume(at_entry(), kernel::Decision::yield());
}

void kernel_on_core_start() {
  ThreadContext* first = nullptr;
  {
    const kernel::SharedSection section;
    first = kernel::this_core().resume(at_entry(), kernel::Decision::leave());
  }
  enter(*first);
}

}  // namespace port
