// SPDX-License-Identifier: Apache-2.0
//
// Transitions of threads. Each changes state, queues, timer and priority together, so that the invariants of thread.hpp
// hold between any two of them. Everything is constant time but end_thread (at most abi::kOwedRepliesMaximum wake-ups)
// and the timer heap (10 steps).
#include "kernel/core.hpp"

#include "kernel/message_page.hpp"
#include "kernel/message_registers.hpp"
#include "kernel/revoke.hpp"
#include "kernel/silo.hpp"
#include "kernel/trace.hpp"
#include "kernel/transfer.hpp"

namespace kernel {

namespace {

/// SAFETY: the transitions of threads run in kernel entries, interrupts masked, and no lock is held there.
Unlocked in_kernel() { return base::hold_nothing(base::TokenSource::interrupts_masked()); }

/// A batch that had to wait for its first message is a batch of one.
void finish_batch(Thread& thread) {
  if (!thread.completion.status.ok()) {
    Results(thread).fail(thread.completion.status.error());
    return;
  }
  if (thread.blocked_on() == BlockedOn::Receive) write_entry(thread.message_page(), 0, thread.completion.delivery);
  Results(thread).succeed(1);
}

}  // namespace

void Core::enqueue(Thread& thread) {
  thread.state_ = ThreadState::Ready;
  if (thread.payer_->limit != nullptr && !has_budget(*thread.payer_)) {
    hold(thread);
  } else {
    queue_of(thread).push_back(thread, thread.effective_priority_);
  }
}

void Core::take_out(Thread& thread) {
  if (thread.ReadyLink::is_queued()) queue_of(thread).remove(thread);
  if (thread.held_node.is_linked()) thread.payer_->limit->held.remove(thread);
}

void Core::admit(Thread& thread) { enqueue(thread); }

void Core::block(Thread& thread, BlockedOn operation, base::Ticks deadline, ResultsIn results) {
  thread.state_ = ThreadState::Blocked;
  thread.blocked_on_ = operation;
  thread.results_in_ = results;
  if (!deadline.is_forever()) timers_.insert(thread, deadline);
}

void Core::finish_operation(Thread& thread) {
  if (thread.blocked_on_ == BlockedOn::Call && thread.is_timed()) stays_armed_ = true;
  if (thread.borrower_ != nullptr) end_loan(thread);
  timers_.remove(thread);
  forget_mail(thread);
  if (thread.state_ != ThreadState::Blocked) {
    // It has come to its end meanwhile: what came with the message has nobody to go to.
    ipc::drop(thread.completion.delivery.message.attachment);
    thread.completion.delivery.message.attachment = nullptr;
    return;
  }
  if (thread.moving.handle != 0) end_move(in_kernel(), thread);
  if (trace_is_on()) trace_completion(thread);
  if (thread.blocked_on_ != BlockedOn::Sleep && thread.results_in_ != ResultsIn::Place) {
    if (thread.completion.status.ok()) {
      thread.silo().count_message(thread.blocked_on_);
      install_delivered(in_kernel(), thread);
    }
    switch (thread.results_in_) {
      case ResultsIn::Registers: Results(thread).finish(thread.completion); break;
      case ResultsIn::MessagePage: finish_batch(thread); break;
      case ResultsIn::Place:
      case ResultsIn::HasNotWaited: break;
    }
  }
  thread.blocked_on_ = BlockedOn::Nothing;
}

void Core::cancel_operation(Thread& thread, base::Error error) {
  if (thread.core_ != this) __builtin_trap();
  ipc::Party* const server = thread.waiting == ipc::Waiting::Reply ? thread.server : nullptr;
  ipc::cancel(thread, error);
  static_cast<void>(take_back_dropped(in_kernel()));
  if (server != nullptr) refresh_priority(Thread::from(*server));
  finish_operation(thread);
  make_ready(thread);
}

void Core::make_ready(Thread& thread) {
  if (thread.state_ != ThreadState::Blocked) return;
  enqueue(thread);
}

void Core::wake(ipc::WakeList& wakes) {
  while (ipc::Party* const party = wakes.pop_front()) {
    Thread& thread = Thread::from(*party);
    if (thread.core_ != this) {
      thread.core_->post(thread);
      continue;
    }
    finish_operation(thread);
    make_ready(thread);
  }
}

void Core::suspend(Thread& thread) {
  if (thread.state_ == ThreadState::Dead) return;
  take_out(thread);
  if (thread.borrower_ != nullptr) end_loan(thread);
  // What others may wait for as well it must not take from them in the time until it is ended.
  if (thread.waiting == ipc::Waiting::Queue || thread.waiting == ipc::Waiting::Any ||
      thread.waiting == ipc::Waiting::PortMessage || thread.waiting == ipc::Waiting::ChannelMessage)
    ipc::cancel(thread, base::Error::EPIPE);
  if (forget_mail(thread)) {
    ipc::drop(thread.completion.delivery.message.attachment);
    thread.completion.delivery.message.attachment = nullptr;
  }
  thread.state_ = ThreadState::Ending;
  thread.blocked_on_ = BlockedOn::Nothing;
}

void Core::end_thread(Thread& thread) {
  if (thread.state_ == ThreadState::Dead) return;
  suspend(thread);
  timers_.remove(thread);
  abandon_revoke(thread);
  ipc::Party* const server = thread.waiting == ipc::Waiting::Reply ? thread.server : nullptr;
  ipc::WakeList wakes;
  ipc::party_dies(thread, wakes, thread.silo().life.comes_back ? base::Error::ECONNRESET : base::Error::EPIPE);
  if (server != nullptr) refresh_priority(Thread::from(*server));
  if (words_.floating_point_owner == &thread.context()) words_.floating_point_owner = nullptr;
  run_on(thread, thread.own_priority_, thread.own_context_);
  thread.moving = {};
  thread.state_ = ThreadState::Dead;
  wake(wakes);
}

void Core::run_on(Thread& thread, base::Priority priority, SchedulingContext& payer) {
  const bool is_ready = thread.state_ == ThreadState::Ready;
  if (is_ready) take_out(thread);
  if (Thread* const lender = thread.lender_) {
    lender->borrower_ = nullptr;
    thread.lender_ = nullptr;
  }
  thread.effective_priority_ = priority;
  thread.payer_ = &payer;
  if (is_ready) enqueue(thread);
}

void Core::refresh_priority(Thread& first) {
  if (first.core_ != this) return;  // a call from another core lends nothing, so its end takes nothing away
  for (Thread* thread = &first; thread != nullptr;) thread = refresh_line(*thread);
}

/// One thread and those that it waits for. Returns who has lost a loan by that, null if nobody has: the lender's call
/// has been taken.
Thread* Core::refresh_line(Thread& first) {
  Thread* thread = &first;
  Thread* borrower = nullptr;
  for (unsigned depth = 0; depth < kDonationDepth; ++depth) {
    Thread* newest = nullptr;
    std::uint64_t token = 0;
    std::uint8_t call_depth = 0;
    for (const ipc::OwedReplies::Record& record : thread->owed) {
      if (record.caller == nullptr) continue;
      Thread& caller = Thread::from(*record.caller);
      if (caller.core_ != this) continue;  // a call from another core lends nothing
      // Of all, not of the newest alone: whoever becomes the newest later makes no line longer than is known.
      if (caller.call_depth_ >= call_depth) call_depth = static_cast<std::uint8_t>(caller.call_depth_ + 1);
      if (record.token < token) continue;
      newest = &caller;
      token = record.token;
    }
    if (newest != nullptr && newest->borrower_ != nullptr) {
      borrower = newest->borrower_;
      borrower->lender_ = nullptr;
      newest->borrower_ = nullptr;
    }
    const base::Priority priority = newest == nullptr ? thread->own_priority_ : newest->effective_priority_;
    SchedulingContext& payer = newest == nullptr ? thread->own_context_ : *newest->payer_;
    thread->call_depth_ = call_depth;
    if (priority == thread->effective_priority_ && &payer == thread->payer_) break;
    run_on(*thread, priority, payer);
    if (thread->waiting != ipc::Waiting::Reply) break;
    thread = &Thread::from(*thread->server);
    if (thread->core_ != this) break;
  }
  return borrower;
}

void Core::donate(Thread& caller, Thread& server) {
  if (server.call_depth_ <= caller.call_depth_) server.call_depth_ = static_cast<std::uint8_t>(caller.call_depth_ + 1);
  run_on(server, caller.effective_priority_, *caller.payer_);
}

}  // namespace kernel
