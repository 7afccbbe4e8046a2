// SPDX-License-Identifier: Apache-2.0
//
// The kernel's entries while tracing is on: each does what its plain counterpart does (entry.cpp), and records before
// and behind it. The plain ones know nothing of this. Nothing is to be caught up with here: tracing was turned on by a
// call that came in by the plain entries, and the traced vectors lead past the fast path.
#include "kernel/fault.hpp"
#include "kernel/message_registers.hpp"
#include "kernel/port/entry.hpp"
#include "kernel/shared_section.hpp"
#include "kernel/system_call.hpp"
#include "kernel/trace.hpp"

namespace port {

namespace {

using abi::SystemCall;
using abi::TraceEvent;
using kernel::Thread;
using kernel::ThreadState;

/// Calls that only serve the trace's reader: recording them would leave it more to read than it took.
bool is_of_the_reader(std::uint64_t number) {
  return number == static_cast<std::uint64_t>(SystemCall::TRACE_CONTROL) ||
         number == static_cast<std::uint64_t>(SystemCall::TRACE_READ) ||
         number == static_cast<std::uint64_t>(SystemCall::TRACE_STATS);
}

/// SAFETY: the vectors mask interrupts before they call an entry, and a kernel that was left holds no lock.
kernel::Unlocked at_entry() { return base::hold_nothing(base::TokenSource::interrupts_masked()); }

/// A handler is done: the call is over, blocks, or has no end (EXIT).
void record_end_of_call(const Thread& thread, std::uint64_t number) {
  if (thread.state() == ThreadState::Running) {
    kernel::trace(TraceEvent::SyscallExit, &thread, number, kernel::Arguments(thread).status());
  } else if (thread.state() == ThreadState::Blocked) {
    kernel::trace(TraceEvent::Block, &thread, static_cast<std::uint64_t>(thread.blocked_on()), number);
  }
}

/// The thread that gets the core, if tracing is still on. In a shared section.
ThreadContext* resumed(ThreadContext* next) {
  if (kernel::trace_is_on()) kernel::trace_core_goes_to(&Thread::from(*next));
  return next;
}

/// The same behind an entry that has left its section: the ring is read by other cores in theirs.
ThreadContext* resumed_outside(ThreadContext* next) {
  const kernel::SharedSection section;
  return resumed(next);
}

}  // namespace

ThreadContext* kernel_on_system_call_traced(ThreadContext* running) {
  const kernel::SharedSection section;
  Thread& thread = Thread::from(*running);
  const std::uint64_t number = kernel::Arguments(*running).number();
  if (is_of_the_reader(number)) {
    const kernel::Decision decision = kernel::dispatch_system_call(at_entry(), thread);
    return resumed(thread.core().resume(at_entry(), decision));
  }
  kernel::trace(TraceEvent::SyscallEntry, &thread, number, kernel::Arguments(*running).handle());
  kernel::raise_trace(thread.core());
  const kernel::Decision decision = kernel::dispatch_system_call(at_entry(), thread);
  record_end_of_call(thread, number);
  return resumed(thread.core().resume(at_entry(), decision));
}

ThreadContext* kernel_on_fault_traced(ThreadContext* running, const FaultReport* report) {
  const kernel::SharedSection section;
  Thread& thread = Thread::from(*running);
  kernel::trace(TraceEvent::PageFault, &thread, report->address_valid ? report->address : 0, report->program_counter);
  const kernel::Decision decision = kernel::stop_by_fault(thread, *report);
  return resumed(thread.core().resume(at_entry(), decision));
}

ThreadContext* kernel_on_interrupt_traced(ThreadContext* running) {
  return resumed_outside(kernel_on_interrupt(running));
}

ThreadContext* kernel_on_floating_point_traced(ThreadContext* running) {
  return resumed_outside(kernel_on_floating_point(running));
}

ThreadContext* kernel_on_wait_instruction_traced(ThreadContext* running) {
  return resumed_outside(kernel_on_wait_instruction(running));
}

}  // namespace port
