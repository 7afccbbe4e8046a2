// SPDX-License-Identifier: Apache-2.0
//
// Quick calls: the commonest operations in their commonest cases, from the registers into the object and back, without
// the dispatcher, a Message in between, or the scheduler's resume(). Each does exactly what its handler does
// (*_calls.cpp) or nothing; then the handler follows. What is not common goes the long way: errors, deadlines, flags,
// capabilities in messages, rate limits, watchers, bindings, turns.
//
// While the core traces, these are not called: the second vector table leads past them, as past the fast path.
#include "kernel/port/entry.hpp"
#include "kernel/quick_operations.hpp"

namespace kernel {

bool Core::can_wake_at_once(const Thread& woken) const {
  if (woken.state_ != ThreadState::Blocked || woken.is_timed() || woken.results_in_ != ResultsIn::Registers)
    return false;
  if (!woken.payer_->is_plain(open_)) return false;
  // A turn that is cut short needs the clock.
  const bool preempts = woken.effective_priority_.is_more_urgent_than(running_->effective_priority_);
  return !has_work_ && (!preempts || turn_end_.is_forever());
}

Thread& Core::wake_at_once(Thread& woken) {
  Thread& running = *running_;
  woken.blocked_on_ = BlockedOn::Nothing;
  if (!woken.effective_priority_.is_more_urgent_than(running.effective_priority_)) {
    woken.state_ = ThreadState::Ready;
    ready_.push_back(woken, woken.effective_priority_);
    if (woken.effective_priority_ == running.effective_priority_) begin_turn_at_once(running);
    return running;
  }
  running.state_ = ThreadState::Ready;
  running.turn_left_ = {};
  ready_.push_front(running, running.effective_priority_);
  take_core(woken);
  begin_turn_at_once(woken);
  return woken;
}

Thread* Core::block_at_once(BlockedOn operation) {
  Thread& running = *running_;
  block(running, operation, base::Ticks::forever());
  running.turn_left_ = {};
  turn_end_ = base::Ticks::forever();
  if (ready_.is_empty()) {
    running_ = nullptr;
    return nullptr;
  }
  Thread& next = take_front();
  take_core(next);
  begin_turn_at_once(next);
  return &next;
}

/// The end of a turn that is over is left where the comparator has it: then turns that follow each other closely set it
/// once and not each time.
void Core::begin_turn_at_once(Thread& thread) {
  begin_or_end_turn(thread);
  stays_armed_ = true;
  // Never later than anything else that is to happen (arm()), so that may be left where other cores change it.
  const base::Ticks end = budget_end_ < turn_end_ ? budget_end_ : turn_end_;
  if (end < armed()) arm_at(end);
}

namespace {

/// In no other file, so that the calls are parts of their only caller.
class OwnCallBase : protected QuickCallBase {
 protected:
  using QuickCallBase::QuickCallBase;
};

}  // namespace

}  // namespace kernel

namespace port {

QuickExit kernel_on_quick_call(ThreadContext* running) {
  kernel::Thread& thread = kernel::Thread::from(*running);
  // Otherwise there is something to catch up with first.
  if (thread.core().running() != &thread) return {nullptr, running};
  kernel::Thread* next = kernel::try_quickly<kernel::OwnCallBase>(thread);
  if (next == nullptr && kernel::several_cores_run()) {
    if (thread.core().running() != nullptr) next = kernel::try_shared_call(thread);
    if (thread.core().running() == nullptr) return {nobody(), running};
  }
  return {next == nullptr ? nullptr : &next->context(), running};
}

}  // namespace port
