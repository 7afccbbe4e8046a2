// SPDX-License-Identifier: Apache-2.0
//
// Whose time it is. The clock is read when the payer changes, and for a payer with a budget each time the kernel is
// left; what lies between is charged to who paid, the kernel's work in between included. A call and its reply do not
// change the payer, so they read no clock. Interrupts are nobody's: a silo's timers must not use up another's budget.
//
// A context with a budget arms the comparator for the moment at which it is used up. Whoever runs on it then does not
// go on: it is held, out of every run queue, until something comes back; or by policy its silo is stopped, or the call
// ended that it serves. The moment is met as exactly as the kernel answers its timer; what it is late by comes off the
// next refill (kernel/budget.hpp).
#include "kernel/audit.hpp"
#include "kernel/console.hpp"
#include "kernel/core.hpp"
#include "kernel/fault.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/silo.hpp"

namespace kernel {

namespace {

/// Calls that end, and loans that change, before somebody can go on: no more in one entry.
constexpr unsigned kOverrunsPerEntry = 8;

}  // namespace

void Core::pay_from_now_by(SchedulingContext& payer) {
  const base::Ticks now = port::now();
  SchedulingContext& before = *payer_;
  before.used += now.value();
  payer.used -= now.value();
  payer_ = &payer;
  if (before.limit != nullptr || payer.limit != nullptr) limit_changes(before, now);
}

/// `before` has paid up to now, and the payer pays from now on; either has a limit.
void Core::limit_changes(SchedulingContext& before, base::Ticks now) {
  if (before.limit != nullptr) before.limit->budget.charge(paid_up_to_, now);
  paid_up_to_ = now;
  budget_end_ = payer_->limit == nullptr ? base::Ticks::forever() : now + payer_->limit->budget.left();
}

/// Of another core's context, while that core goes on, this may read of two moments. Then it is more than any time can
/// be, or less than a moment ago by what one payment takes; whoever looks from outside is told so much and no better.
base::Ticks Core::time_of(const SchedulingContext& context) const {
  constexpr unsigned kLooks = 4;
  for (unsigned look = 0; look < kLooks; ++look) {
    const std::uint64_t now = port::now().value();
    const std::uint64_t used = context.used.load() + (payer_.load() == &context ? now : 0);
    if (used <= now) return base::Ticks(used);
  }
  return base::Ticks();
}

base::Ticks Core::budget_left(Thread& thread) {
  SchedulingContext& context = thread.own_context_;
  if (context.limit == nullptr) return base::Ticks::forever();
  static_cast<void>(has_budget(context));
  return context.limit->budget.left();
}

/// It has a limit. Afterwards that is as of now.
bool Core::has_budget(SchedulingContext& payer) {
  const base::Ticks now = port::now();
  Budget& budget = payer.limit->budget;
  if (payer_ == &payer) {
    budget.charge(paid_up_to_, now);
    paid_up_to_ = now;
  }
  budget.replenish(now);
  if (payer_ == &payer) budget_end_ = now + budget.left();
  return !budget.is_exhausted();
}

void Core::hold(Thread& thread) {
  Limit& limit = *thread.payer_->limit;
  thread.state_ = ThreadState::Ready;
  limit.held.push_back(thread);
  if (!limit.is_timed()) refills_.insert(limit, limit.budget.next_use());
}

/// At most kExpiriesPerEntry; for more, arm() leaves the comparator in the past.
void Core::expire_refills(base::Ticks now) {
  for (unsigned expired = 0; expired < kExpiriesPerEntry; ++expired) {
    TimerLink* const link = refills_.take_expired(now);
    if (link == nullptr) return;
    // SAFETY: only limits are in that queue (hold).
    Limit& limit = static_cast<Limit&>(*link);
    // Those of them that are held again are behind these.
    for (std::size_t count = limit.held.size(); count != 0; --count) enqueue(Thread::from(*limit.held.pop_front()));
  }
}

void Core::stop_for_overrun(Limit& limit) {
  const port::FaultReport report{.cause = port::FaultCause::BudgetOverrun,
                                 .access = port::FaultAccess::None,
                                 .address_valid = false,
                                 .size = 0,
                                 .transfer_register = 0,
                                 .address = 0,
                                 .program_counter = limit.owner.program_counter,
                                 .syndrome = 0,
                                 .syndrome_text = nullptr};
  static_cast<void>(stop_by_fault(limit.owner, report));
}

bool Core::may_go_on_after_all(Thread& thread) {
  for (unsigned overruns = 0; overruns < kOverrunsPerEntry; ++overruns) {
    SchedulingContext& payer = *thread.payer_;
    if (payer.partition != open_) {
      thread.state_ = ThreadState::Ready;
      queue_of(thread).push_front(thread, thread.effective_priority_);
      return false;
    }
    if (payer.limit == nullptr || has_budget(payer)) return true;
    Limit& limit = *payer.limit;
    ++limit.exhaustions;
    if (thread.lender_ != nullptr) {
      end_loan(*thread.lender_);
      continue;
    }
    if (limit.overrun == abi::Overrun::Fault) {
      pay_by(nobody_);  // for the report
      stop_for_overrun(limit);
      if (thread.state_ == ThreadState::Ending) return false;
    } else if (&limit.owner != &thread) {
      if (borrow(thread)) continue;
      if (limit.overrun == abi::Overrun::EndCall) {
        audit_ended_call(limit.owner);
        cancel_operation(limit.owner, base::Error::ETIMEDOUT);
        continue;
      }
    }
    hold(thread);
    return false;
  }
  return true;  // the timer comes at once, and then it goes on here
}

}  // namespace kernel
