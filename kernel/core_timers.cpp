// SPDX-License-Identifier: Apache-2.0
//
// Time that comes to an end: deadlines of blocked threads, and timers of silos. They are in queues of their own,
// because a deadline is asked for by a thread that then waits, while a timer goes on by itself: many short periods must
// delay neither deadlines nor whoever runs. So timers are expired kTimersPerTurn at a time, the most overdue first, and
// kTimerTurnMicroseconds lie between two such turns whatever is due: a bound on what they take of the core, and on how
// late a timer is while few are due (for each kTimersPerTurn others that are due before it, one turn later).
#include "kernel/core.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/link.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/trace.hpp"

namespace kernel {

void Core::start_timer(TimerObject& timer, base::Ticks first) { silo_timers_.insert(timer, first); }
void Core::stop_timer(TimerObject& timer) { silo_timers_.remove(timer); }

base::Ticks Core::next_timer_turn() const {
  const base::Ticks earliest = silo_timers_.earliest();
  return earliest < timer_turn_ ? timer_turn_ : earliest;
}

/// At most kExpiriesPerEntry; for more, arm() leaves the comparator in the past and the interrupt comes again at once.
void Core::expire_deadlines(base::Ticks now) {
  for (unsigned expired = 0; expired < kExpiriesPerEntry; ++expired) {
    TimerLink* const link = timers_.take_expired(now);
    if (link == nullptr) return;
    if (trace_is_on()) trace(abi::TraceEvent::TimerExpiry, running_, trace_name(Thread::from(*link)));
    note_deadline(Thread::from(*link), link->deadline);
    cancel_operation(Thread::from(*link), base::Error::ETIMEDOUT);
  }
}

void Core::expire_silo_timers(base::Ticks now) {
  if (now < timer_turn_) return;
  unsigned expired = 0;
  for (; expired < kTimersPerTurn; ++expired) {
    TimerLink* const link = silo_timers_.take_expired(now);
    if (link == nullptr) break;
    if (trace_is_on()) trace(abi::TraceEvent::TimerExpiry, running_, ~std::uint64_t{0});
    ipc::WakeList wakes;
    // SAFETY: only timers are in that queue (start_timer).
    expire_timer(static_cast<TimerObject&>(*link), now, wakes);
    wake(wakes);
  }
  if (expired == 0) return;
  timer_turn_ = after_microseconds(kTimerTurnMicroseconds);
  if (ipc::raising_is_pending()) note_work(running_ == nullptr ? base::Priority(0) : running_->effective_priority());
}

void Core::expire_timers() {
  const base::Ticks now = port::now();
  expire_deadlines(now);
  release_lines(now);
  expire_silo_timers(now);
  expire_refills(now);
  if (quiet_end_ <= now) listen();
  if (appointment_ <= now) keep_appointments(now);
}

}  // namespace kernel
