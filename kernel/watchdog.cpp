// SPDX-License-Identifier: Apache-2.0
//
// Watchdogs of silos. Their core looks at a silo each time its watchdog's time has passed, counted from the last look:
// whether any of its threads has waited since. What a thread leaves behind when it waits is there anyway, so waiting
// costs nothing more with a watchdog than without:
//
//   it is Blocked now                          every way of waiting, the kernel having caught up with the fast path
//   block() has written results_in_ since      where the last look had left a mark: every way through C++, the one
//                                              that was Blocked at the last look included, which got no mark
//   its direct calls, made or taken, are more  the fast path counts both, whether they have been answered or not
//
// Then the next look comes; otherwise the silo is stopped by a fault. So one that waits at least once in any time as
// long as its watchdog is never stopped, because no two looks are closer to each other than that; and one that has
// waited last at some moment is stopped at the second look behind it: within twice the time, and what the timer is late
// by. To be ready and not to run does not count as waiting, whoever else has the core: it is the service that is
// watched.
//
// A core that sleeps looks at nobody, as long as no thread is held and no window closed: then all of them wait.
#include "kernel/watchdog.hpp"

#include "kernel/core.hpp"
#include "kernel/fault.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/silo.hpp"
#include "kernel/thread.hpp"

namespace kernel {

namespace {

/// In one entry; for more, arm() leaves the comparator in the past. Each is at most kThreadsPerSilo threads.
constexpr unsigned kLooksPerEntry = 4;

}  // namespace

void Core::start_watchdog(Silo& silo) {
  Watchdog& watchdog = silo.watchdog;
  if (watchdog.time == base::Ticks()) return;
  watchdog.is_kicked = true;  // it has had no time to do anything
  watchdogs_.insert(watchdog, port::now() + watchdog.time);
  set_appointment();
}

void Core::stop_watchdog(Silo& silo) {
  watchdogs_.remove(silo.watchdog);
  set_appointment();
}

void Core::set_appointment() {
  const base::Ticks look = watchdogs_.earliest();
  appointment_ = look < window_end_ ? look : window_end_;
}

void Core::arm_for_sleep() {
  if (window_end_.is_forever() && refills_.size() == 0) appointment_ = base::Ticks::forever();
  arm();
  set_appointment();
}

void Core::keep_appointments(base::Ticks now) {
  if (window_end_ <= now) turn_window(now);
  for (unsigned looks = 0; looks < kLooksPerEntry; ++looks) {
    TimerLink* const link = watchdogs_.take_expired(now);
    if (link == nullptr) break;
    // SAFETY: only watchdogs are in that queue (start_watchdog).
    look_at(static_cast<Watchdog&>(*link), now);
  }
  set_appointment();
}

/// The one that runs, or else the most urgent.
bool Core::is_first_to_blame(const Thread& thread, const Thread& culprit) const {
  if (&thread == running_ || &culprit == running_) return &thread == running_;
  return thread.effective_priority_.is_more_urgent_than(culprit.effective_priority_);
}

void Core::look_at(Watchdog& watchdog, base::Ticks now) {
  bool has_waited = watchdog.is_kicked;
  std::uint64_t direct_calls = 0;
  Thread* culprit = nullptr;
  for (Thread* const thread : watchdog.silo.threads()) {
    direct_calls += thread->direct_calls + thread->direct_token;
    if (thread->state_ == ThreadState::Blocked) has_waited = true;
    if (!thread->is_runnable()) continue;
    if (thread->results_in_ != ResultsIn::HasNotWaited) has_waited = true;
    thread->results_in_ = ResultsIn::HasNotWaited;
    if (culprit == nullptr || is_first_to_blame(*thread, *culprit)) culprit = thread;
  }
  if (direct_calls != watchdog.direct_calls) has_waited = true;
  watchdog.is_kicked = false;
  watchdog.direct_calls = direct_calls;
  if (has_waited || culprit == nullptr) {
    watchdogs_.insert(watchdog, now + watchdog.time);
    return;
  }
  stop_hung(*culprit);
}

void Core::stop_hung(Thread& culprit) {
  const port::FaultReport report{.cause = port::FaultCause::Watchdog,
                                 .access = port::FaultAccess::None,
                                 .address_valid = false,
                                 .size = 0,
                                 .transfer_register = 0,
                                 .address = 0,
                                 .program_counter = culprit.program_counter,
                                 .syndrome = 0,
                                 .syndrome_text = nullptr};
  static_cast<void>(stop_by_fault(culprit, report));
  if (running_ == nullptr || running_->state_ != ThreadState::Ending) return;
  // It is this core that was interrupted in it; it does not go on, and nobody else has been chosen yet.
  running_->turn_left_ = {};
  running_ = nullptr;
  turn_end_ = base::Ticks::forever();
}

}  // namespace kernel
