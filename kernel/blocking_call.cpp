// SPDX-License-Identifier: Apache-2.0
//
// Deadlines and outcomes of blocking calls. The clock is read only for a finite deadline.
#include "kernel/blocking_call.hpp"

#include "ipc/watch.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/trace.hpp"
#include "kernel/transfer.hpp"

namespace kernel {

Wait Wait::until(base::Ticks deadline) {
  const bool may_block =
      deadline.is_forever() || (deadline.value() != abi::kDeadlineDoNotBlock && deadline > port::now());
  return {deadline, may_block ? ipc::Blocking::MayBlock : ipc::Blocking::DoNotBlock};
}

base::Error Wait::error_of(base::Error error) const {
  const bool has_passed = error == base::Error::EAGAIN && deadline.value() != abi::kDeadlineDoNotBlock;
  return has_passed ? base::Error::ETIMEDOUT : error;
}

base::Result<void> admit_limited_message(Silo& silo, const ipc::Message& message) {
  constexpr std::uint64_t kShort = 4 * sizeof(std::uint64_t);
  const std::uint64_t bytes = (message.flags & abi::kFlagEightWords) != 0 ? 2 * kShort : kShort;
  if (!silo.rate.admit(bytes, port::now())) return base::Error::ENOBUFS;
  return {};
}

namespace {

/// The thread is blocked as it is. If that is over, its own core does the rest.
Decision conclude_on_behalf(const Call& call, ipc::Outcome outcome, const Wait& wait) {
  if (outcome == ipc::Outcome::Completed) {
    base::Result<void>& status = call.thread.completion.status;
    if (!status.ok()) status = wait.error_of(status.error());
    call.thread.core().post(call.thread);
  }
  return Decision::leave();
}

}  // namespace

base::Result<Decision> conclude(const Call& call, ipc::Outcome outcome, BlockedOn operation, const Wait& wait,
                                ipc::WakeList& wakes) {
  if (trace_is_on()) trace_message(call.thread, operation, outcome, wakes.front());
  wake_all(call, wakes);
  if (call.is_on_behalf) return conclude_on_behalf(call, outcome, wait);
  if (outcome == ipc::Outcome::Blocked) {
    call.core().block(call.thread, operation, wait.deadline);
    return Decision::leave();
  }
  const base::Result<void> status = call.thread.completion.status;
  if (!status.ok()) return wait.error_of(status.error());
  call.silo().count_message(operation);
  install_delivered(call.held, call.thread);
  call.results().finish(call.thread.completion);
  return Decision::stay();
}

void wake_all(const Call& call, ipc::WakeList& wakes) {
  call.core().wake(wakes);
  if (ipc::raising_is_pending()) call.core().note_work(call.thread.effective_priority());
}

bool is_blocked_through(const Thread& thread, std::uint64_t handle) {
  switch (thread.blocked_on()) {
    case BlockedOn::Nothing:
    case BlockedOn::Sleep:
    case BlockedOn::Kernel: return false;
    case BlockedOn::Send:
    case BlockedOn::Receive:
    case BlockedOn::Call:
    case BlockedOn::Wait: break;
  }
  // The registers of a blocked thread are still the arguments of its call.
  const Arguments arguments(thread);
  if (thread.waiting != ipc::Waiting::Any) return takes_handle(arguments.number()) && arguments.handle() == handle;
  const base::Result<Arguments::WaitSet> set = arguments.wait_set();
  if (!set.ok()) return false;
  for (unsigned place = 0; place < set.value().count; ++place) {
    if (set.value().place[place].handle == handle) return true;
  }
  return false;
}

void end_operations_through(Silo& silo, std::uint64_t handle, base::Error error) {
  for (Thread* const thread : silo.threads()) {
    if (is_blocked_through(*thread, handle)) thread->core().cancel_operation(*thread, error);
  }
}

Decision hand_over(const Call& call, ipc::WakeList& wakes) {
  Core& core = call.core();
  ipc::Party* const first = wakes.pop_front();
  if (trace_is_on()) trace_message(call.thread, call.thread.blocked_on(), ipc::Outcome::Blocked, first);
  core.wake(wakes);
  if (first == nullptr) return Decision::leave();
  Thread& next = Thread::from(*first);
  if (&next.core() != &core) {
    next.core().post(next);
    return Decision::leave();
  }
  core.finish_operation(next);
  // A thread whose silo has just stopped takes messages until its end, but does not run.
  return next.state() == ThreadState::Blocked ? Decision::switch_to(next) : Decision::leave();
}

}  // namespace kernel
