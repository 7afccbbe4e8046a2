// SPDX-License-Identifier: Apache-2.0
//
// Who runs next. resume() is the one place where decisions become a running thread: what is left over is worked on as
// far as its urgency allows, the most urgent ready thread is taken, and the comparator is set to the earliest moment at
// which something must happen by itself. Without such a moment there is no tick.
//
// Turns: a thread's turn begins when another one of its priority is ready, so a thread that is alone at its priority
// costs no timer. A call and its reply stay within the caller's turn. A thread preempted by a more urgent one keeps its
// place and the rest of its turn.
#include "kernel/console.hpp"
#include "kernel/core.hpp"
#include "kernel/explanation.hpp"
#include "kernel/idle_report.hpp"
#include "kernel/interrupt_objects.hpp"
#include "kernel/message_registers.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/port/interrupts.hpp"
#include "kernel/shared_section.hpp"
#include "kernel/silo.hpp"
#include "kernel/trace.hpp"

namespace kernel {

namespace {

base::Ticks microseconds(std::uint64_t count) { return base::Ticks(port::clock_frequency() * count / 1'000'000); }

constexpr base::Ticks earlier(base::Ticks one, base::Ticks other) { return one < other ? one : other; }

}  // namespace

base::Ticks Core::after_microseconds(std::uint64_t count) { return port::now() + microseconds(count); }

/// The thread that goes on if nothing more urgent is ready, in no queue; null if there is none.
Thread* Core::release(Decision decision) {
  Thread* const last = running_;
  running_ = nullptr;
  switch (decision.kind) {
    case Decision::Kind::Stay: return last;
    case Decision::Kind::Switch: last->turn_left_ = {}; return decision.to;
    case Decision::Kind::Yield:
      last->turn_left_ = {};
      enqueue(*last);
      break;
    case Decision::Kind::Leave:
      if (last != nullptr) last->turn_left_ = {};
      break;
  }
  turn_end_ = base::Ticks::forever();
  return nullptr;
}

/// A thread that could go on but must wait: first of its priority with the rest of its turn, or last if the turn is
/// over.
void Core::put_back(Thread& thread) {
  thread.state_ = ThreadState::Ready;
  thread.turn_left_ = {};
  if (!turn_end_.is_forever()) {
    const base::Ticks now = port::now();
    if (now >= turn_end_) {
      queue_of(thread).push_back(thread, thread.effective_priority_);
      turn_end_ = base::Ticks::forever();
      return;
    }
    thread.turn_left_ = base::Ticks(turn_end_.value() - now.value());
    turn_end_ = base::Ticks::forever();
  }
  queue_of(thread).push_front(thread, thread.effective_priority_);
}

Thread& Core::take_front() { return Thread::from(ready_.pop_front()); }

void Core::begin_or_end_turn(Thread& thread) {
  if (!ready_.has(thread.effective_priority_)) {
    turn_end_ = base::Ticks::forever();
    thread.turn_left_ = {};
    return;
  }
  if (turn_end_.is_forever()) begin_turn(thread);
}

/// Not in there: most switches need no clock, nor registers to be kept for reading it.
[[gnu::noinline]] void Core::begin_turn(Thread& thread) {
  const base::Ticks whole = microseconds(kTurnMicroseconds);
  turn_end_ = port::now() + (thread.turn_left_ == base::Ticks() ? whole : thread.turn_left_);
  thread.turn_left_ = {};
}

bool Core::turn_is_over() const {
  return running_ != nullptr && !turn_end_.is_forever() && ready_.has(running_->effective_priority_) &&
         port::now() >= turn_end_;
}

void Core::take_core(Thread& thread) {
  running_ = &thread;
  thread.state_ = ThreadState::Running;
  thread.direct_depth = thread.call_depth_ < abi::kCallDepthMaximum ? thread.call_depth_ : abi::kCallDepthMaximum;
  pay_by(*thread.payer_);
  // The fast path exchanges the registers of threads that use them and leaves either's trap open.
  if (thread.uses_floating_point && words_.floating_point_owner != &thread.context())
    port::set_floating_point_trap(thread.context(), true);
}

void Core::run(Thread& thread) {
  take_core(thread);
  begin_or_end_turn(thread);
}

port::ThreadContext* Core::resume(Unlocked held, Decision decision) {
  is_wanted_ = false;
  follow_tracing();
  if (console_owner_is_to_be_told()) tell_console_owner();
  Thread* next = release(decision);
  if (has_mail()) {
    // What is in it may concern the thread that goes on.
    if (next != nullptr) put_back(*next);
    next = nullptr;
    read_mail(held);
  }
  if (next != nullptr && !may_go_on(*next)) {
    next = nullptr;
    turn_end_ = base::Ticks::forever();
  }
  if (!has_work_ && reap_pending(*this)) note_work(next != nullptr ? next->effective_priority() : base::Priority(0));
  if (coming_is_due()) note_work(coming_urgency());
  if (has_work_) {
    if (next != nullptr) put_back(*next);
    next = nullptr;
    work(held);
  }
  if (aside_.may_be_due(open_, next != nullptr ? next->effective_priority_ : base::Priority(0))) {
    if (next != nullptr) put_back(*next);
    next = nullptr;
    do_visits_aside(held);
    if (has_work_) work(held);
  }
  if (next == nullptr || ready_.has_more_urgent_than(next->effective_priority_)) {
    if (next != nullptr) put_back(*next);
    next = &choose(held);
  }
  run(*next);
  serve_console();
  arm();
  return &next->context();
}

/// The most urgent thread that may run. Idles until there is one.
Thread& Core::choose(Unlocked held) {
  for (;;) {
    while (ready_.is_empty()) idle(held);
    Thread& front = take_front();
    if (may_go_on(front)) return front;
    if (aside_.may_be_due(open_, base::Priority(0))) do_visits_aside(held);
    if (has_work_) work(held);  // an overrun can stop a silo, and so can a visitor
  }
}

void Core::idle(Unlocked held) {
  if (console_owner_is_to_be_told()) {  // of what the last step of work has printed
    tell_console_owner();
    return;
  }
  pay_by(nobody_);
  serve_console();
  listen();
  if (has_mail() || aside_.may_be_due(open_, base::Priority(0))) {
    has_mail() ? read_mail(held) : do_visits_aside(held);
    if (has_work_) work(held);
    return;
  }
  stays_armed_ = false;
  arm_for_sleep();
  // ORDERING: see falls_asleep(), which asks beside others; here nobody is.
  is_idle_.store(true, std::memory_order_seq_cst);
  if (nothing_can_run() && report_nothing_runs()) return;  // what it printed may want the timer
  if (trace_is_on()) trace_core_goes_to(nullptr);
  {
    const SharedSection::Pause pause;
    port::wait_for_interrupt();
  }
  is_idle_.store(false, std::memory_order_relaxed);
  is_wanted_ = false;
  follow_tracing();
  take_interrupts();
  if (has_mail()) read_mail(held);
  if (!has_work_ && (reap_pending(*this) || coming_is_due())) note_work(base::Priority(0));
  if (has_work_) work(held);
}

/// Every core sleeps, nobody has mail, and no timer is set. In a shared section: who has been woken is not idle, or has
/// mail.
bool Core::nothing_can_run() {
  if (some_line_is_bound()) return false;
  for (std::uint32_t id = 0; id < kCoresMaximum; ++id) {
    const Core& core = core_of(base::CoreId(id));
    if (!core_runs(base::CoreId(id))) continue;
    if (!core.is_idle() || !core.armed().is_forever() || core.has_mail() || reap_pending(core)) return false;
    if (!core.silo_timers_.earliest().is_forever()) return false;  // set by another core, and not armed yet
  }
  return true;
}

void Core::arm() {
  const base::Ticks silos = earlier(earlier(timers_.earliest(), held_lines_.earliest()), next_timer_turn());
  const base::Ticks share = earlier(earlier(budget_end_, appointment_), refills_.earliest());
  const base::Ticks left_over = has_work_ ? work_time_ : coming_time_;
  const base::Ticks others = earlier(console_time_, quiet_end_);
  const base::Ticks next = earlier(earlier(silos, turn_end_), earlier(share, earlier(others, left_over)));
  if (next == armed() || (stays_armed_ && armed() < next)) return;
  arm_at(next);
}

void Core::arm_at(base::Ticks next) {
  stays_armed_ = false;
  words_.armed =
      next == base::Ticks() ? 1 : next.value();  // 0, which is long past, means something else to the fast path
  if (next.is_forever()) {
    port::disarm_timer();
  } else {
    port::arm_timer(armed());
  }
}

void Core::take_interrupts() {
  pay_by(nobody_);  // whoever runs has not asked for them
  for (unsigned taken = 0; taken < kInterruptsPerEntry; ++taken) {
    const port::Interrupt interrupt = take_next_interrupt();
    if (trace_is_on() && interrupt.kind != port::InterruptKind::None)
      trace(abi::TraceEvent::Interrupt, running_, interrupt.id.value(), static_cast<std::uint64_t>(interrupt.kind));
    switch (interrupt.kind) {
      case port::InterruptKind::None: return;
      case port::InterruptKind::Timer:
        // The comparator's line stays up until it is set to a later time, which arm() does.
        words_.armed = base::Ticks::forever().value();
        port::disarm_timer();
        expire_timers();
        break;
      case port::InterruptKind::Signal: break;  // resume() and idle() look at what it may be about
      case port::InterruptKind::Line:
        if (take_line(interrupt)) continue;  // it stays active until its driver has finished it
        ++stray_interrupts_;
        break;
      case port::InterruptKind::Stray: ++stray_interrupts_; break;
    }
    port::finish_interrupt(interrupt);
  }
}

void Core::note_console() {
  console_has_output_ = true;
  console_time_ = base::Ticks();
}

void Core::serve_console() {
  if (!console_has_output_ || port::now() < console_time_) return;
  console_drain();
  console_has_output_ = console_pending();
  if (explanation_is_pending(*this)) {  // it waits for room
    console_has_output_ = true;
    note_work(base::Priority(0));
  }
  console_time_ = console_has_output_ ? after_microseconds(kConsoleDrainMicroseconds) : base::Ticks::forever();
}

}  // namespace kernel
