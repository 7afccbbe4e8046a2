// SPDX-License-Identifier: Apache-2.0
//
// Interrupt lines as the core meets them: one that fires, and those whose limit gives them another chance.
#include "kernel/core.hpp"
#include "kernel/interrupt_objects.hpp"
#include "kernel/message_registers.hpp"
#include "kernel/port/entry.hpp"

namespace kernel {

/// False: nobody has it or it is not bound any more; then it is finished as any stray one.
bool Core::take_line(const port::Interrupt& interrupt) {
  InterruptObject* const line = line_with(interrupt.id);
  if (line == nullptr || line->notification == nullptr) {
    port::disable_line(interrupt.id);
    return false;
  }
  port::drop_line(interrupt.id);
  note_firing(*line);
  ipc::WakeList wakes;
  line->notification->signal(line->bits, wakes);
  wake(wakes);
  if (ipc::raising_is_pending()) note_work(running_ == nullptr ? base::Priority(0) : running_->effective_priority());
  return true;
}

port::Interrupt Core::take_next_interrupt() {
  if (kept_interrupt_.kind == port::InterruptKind::None) return port::take_interrupt();
  const port::Interrupt kept = kept_interrupt_;
  kept_interrupt_.kind = port::InterruptKind::None;
  return kept;
}

/// As take_line() and resume() would do it, or nothing but the acknowledgement.
inline Thread* Core::take_line_at_once() {
  const port::Interrupt interrupt = port::take_interrupt();
  if (interrupt.kind == port::InterruptKind::Signal) return take_signal_at_once(interrupt);
  const auto may_wake = [this](const ipc::Party& party) { return can_wake_at_once(static_cast<const Thread&>(party)); };
  InterruptObject* const line = interrupt.kind == port::InterruptKind::Line ? line_with(interrupt.id) : nullptr;
  ipc::Party* woken = nullptr;
  std::uint64_t taken = 0;
  // Another core may be about to unbind it, but not from a notification that only this one uses (become_shared).
  NotificationObject* const notification = line == nullptr ? nullptr : line->notification;
  if (notification == nullptr || notification->sole_core != static_cast<std::uint8_t>(id().value()) ||
      !notification->signal_at_once(line->bits, may_wake, woken, taken)) {
    kept_interrupt_ = interrupt;
    return nullptr;
  }
  port::drop_line(interrupt.id);
  note_firing(*line);
  if (woken == nullptr) return running_;
  Thread& driver = static_cast<Thread&>(*woken);
  Results(driver).succeed_at_once(taken);
  return &wake_at_once(driver);
}

static_assert(port::kLinesMaximum <= TimerQueue::kCapacity, "every line has a place");
void Core::hold_line(InterruptObject& line, base::Ticks until) { held_lines_.insert(line, until); }
void Core::stop_holding(InterruptObject& line) { held_lines_.remove(line); }

/// At most kExpiriesPerEntry; for more the interrupt of the timer comes again at once, as for deadlines.
void Core::release_lines(base::Ticks now) {
  for (unsigned count = 0; count < kExpiriesPerEntry; ++count) {
    TimerLink* const link = held_lines_.take_expired(now);
    if (link == nullptr) return;
    // SAFETY: only lines are in that queue (hold_line).
    release_line(static_cast<InterruptObject&>(*link));
  }
}

}  // namespace kernel

namespace port {

QuickExit kernel_on_quick_interrupt(ThreadContext* running) {
  kernel::Thread& thread = kernel::Thread::from(*running);
  // Otherwise there is something to catch up with first; and interrupts are not at the expense of a budget.
  if (thread.core().running() != &thread || thread.payer().limit != nullptr) return {nullptr, running};
  kernel::Thread* const next = thread.core().take_line_at_once();
  return {next == nullptr ? nullptr : &next->context(), running};
}

}  // namespace port
