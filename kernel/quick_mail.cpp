// SPDX-License-Identifier: Apache-2.0
//
// A core reads its mail and sleeps beside others (object_section.hpp), so that cores that talk to each other keep none
// that do not from doing so as well. What it does here is what read_mail(), resume() and idle() do in a shared section,
// in the commonest cases; whatever else there is stays for them.
//
// SAFETY: a thread that is in a core's inbox, or waits at one of its ports, is linked nowhere else and does not run.
// Its own core takes it out of there in shared sections only, in which nobody is beside them; so until its operation is
// complete and it is back in its own core's inbox it belongs to the core that has it.
#include "kernel/console.hpp"
#include "kernel/core.hpp"
#include "kernel/inbox_hold.hpp"
#include "kernel/object_section.hpp"
#include "kernel/objects.hpp"
#include "kernel/port/interrupts.hpp"
#include "kernel/quick_visits.hpp"
#include "kernel/trace.hpp"

namespace kernel {

namespace {

/// For more a shared section follows, with a look for interrupts in between.
constexpr unsigned kMailAtOnce = 16;

/// What it brings needs no shared section: no capability comes or goes with it.
bool is_common(const Thread& woken) {
  return woken.completion.delivery.message.attachment == nullptr && woken.moving.handle == 0;
}

}  // namespace

/// Beside others. False: something is left, for a shared section.
bool Core::read_mail_at_once() {
  for (unsigned count = 0; count < kMailAtOnce; ++count) {
    QuickVisit visit(*this);
    ipc::Party* first;
    bool is_woken, can_be_done;
    {
      const InboxHold hold(inbox_lock_);
      is_woken = !woken_.is_empty();
      first = is_woken ? woken_.front() : hears_visitors_ ? visitors_.front() : nullptr;
      can_be_done =
          first != nullptr && (is_woken ? is_common(Thread::from(*first)) : visit.is_common(Thread::from(*first)));
      if (can_be_done) is_woken ? woken_.remove(*first) : visitors_.remove(*first);
    }
    if (first == nullptr) return true;  // for what comes in from now on there is a new signal
    if (!can_be_done) return false;
    Thread& thread = Thread::from(*first);
    if (is_woken) {
      finish_operation(thread);
      make_ready(thread);
    } else if (!puts_aside(thread)) {
      visit.run(thread);
    }
  }
  return false;
}

/// Beside others: who runs from now on, as resume() would choose. Null, and nothing has changed: nobody is ready, or it
/// takes a closer look.
Thread* Core::choose_at_once() {
  Thread* const last = running_;
  if (last != nullptr && !ready_.has_more_urgent_than(last->effective_priority_)) {
    if (aside_.may_be_due(open_, last->effective_priority_)) return nullptr;
    begin_or_end_turn(*last);
    arm();
    return last;
  }
  if (ready_.is_empty() || !Thread::from(*ready_.front()).payer_->is_plain(open_)) return nullptr;
  if (aside_.may_be_due(open_, ready_.most_urgent())) return nullptr;
  running_ = nullptr;
  if (last != nullptr) put_back(*last);
  Thread& next = take_front();
  run(next);
  arm();
  return &next;
}

Thread* Core::take_signal_at_once(const port::Interrupt& interrupt) {
  if (!has_work_ && !trace_is_on()) {
    const BesideSection section(id());
    Thread* const next = !is_wanted_ && read_mail_at_once() && !has_work_ ? choose_at_once() : nullptr;
    if (next != nullptr) {
      port::finish_interrupt(interrupt);
      return next;
    }
  }
  kept_interrupt_ = interrupt;
  return nullptr;
}

/// Beside others, when nobody is ready: whether the core can sleep. Not if it is the last one awake: whether that is
/// the end of everything is asked in a shared section (nothing_can_run).
bool Core::falls_asleep() {
  if (has_work_ || has_common_work(*this) || coming_is_due() || !quiet_end_.is_forever()) return false;
  if (aside_.may_be_due(open_, base::Priority(0))) return false;
  if (trace_is_on() || console_has_output_ || console_owner_is_to_be_told()) return false;
  listen();
  pay_by(nobody_);
  stays_armed_ = false;
  arm_for_sleep();
  {
    const InboxHold hold(inbox_lock_);
    // ORDERING: of two cores that fall asleep at the same time one sees the other's mark, in the one order of all
    // sequentially consistent operations; so the last one sees that it is the last.
    is_idle_.store(!has_mail(), std::memory_order_seq_cst);
  }
  return !every_core_is_idle();
}

Thread* Core::visit_at_once(Thread& thread, const ipc::Object& about, BlockedOn operation, base::Ticks deadline) {
  Thread* const next = block_at_once(operation);
  if (!deadline.is_forever()) {
    timers_.insert(thread, deadline);
    if (next != nullptr) arm();
  }
  core_of(base::CoreId(about.home)).repeat(thread, about);
  return next;
}

port::ThreadContext* Core::sleep(Unlocked held) {
  for (;;) {
    {
      const BesideSection section(id());
      if (is_wanted_ || !read_mail_at_once()) break;
      if (!has_work_) {
        if (Thread* const next = choose_at_once()) {
          is_idle_.store(false, std::memory_order_relaxed);
          return &next->context();
        }
      }
      if (!ready_.is_empty() || !falls_asleep()) break;
    }
    port::Interrupt interrupt = {};
    do {
      port::wait_for_interrupt();
      interrupt = port::take_interrupt();
    } while (interrupt.kind == port::InterruptKind::None);
    if (interrupt.kind != port::InterruptKind::Signal) {
      kept_interrupt_ = interrupt;
      break;
    }
    port::finish_interrupt(interrupt);
  }
  const SharedSection section;
  is_idle_.store(false, std::memory_order_relaxed);
  take_interrupts();
  return resume(held, Decision::leave());
}

}  // namespace kernel
