// SPDX-License-Identifier: Apache-2.0
//
// AsyncChans: what lies between the registers and the state machine. Batches are in batch_calls.cpp.
#include "kernel/blocking_call.hpp"
#include "kernel/objects.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

namespace {

base::Result<Decision> receive(const Call& call, const Wait& wait) {
  ipc::WakeList wakes;
  const ipc::Outcome outcome = async_of(*call.capability).receive(call.thread, wait.blocking);
  return conclude(call, outcome, BlockedOn::Receive, wait, wakes);
}

}  // namespace

template <>
base::Result<Decision> handle<abi::SystemCall::ASYNC_CREATE>(const Call& call) {
  call.results().succeed(TRY(create_async(call.held, call.silo(), call.arguments().channel_capacity())));
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::ASYNC_SEND>(const Call& call) {
  const ipc::Message message = TRY(call.arguments().message());
  if ((message.flags & ~abi::kFlagEightWords) != 0) return base::Error::EINVAL;  // the ring carries no capabilities
  TRY(admit_message(call, message));
  ipc::WakeList wakes;
  const ipc::Outcome outcome = async_of(*call.capability).send(call.thread, message, call.capability->badge, wakes);
  return conclude(call, outcome, BlockedOn::Send, Wait::not_at_all(), wakes);
}

template <>
base::Result<Decision> handle<abi::SystemCall::ASYNC_RECEIVE>(const Call& call) {
  return receive(call, Wait::until(call.arguments().deadline()));
}

template <>
base::Result<Decision> handle<abi::SystemCall::ASYNC_TRY_RECEIVE>(const Call& call) {
  return receive(call, Wait::not_at_all());
}

template <>
base::Result<Decision> handle<abi::SystemCall::ASYNC_CLOSE>(const Call& call) {
  close_async(async_of(*call.capability));
  call.core().note_work(call.thread.effective_priority());
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::ASYNC_STATS>(const Call& call) {
  const ipc::AsyncStatistics now = async_of(*call.capability).statistics();
  call.results().succeed(Values{{now.sent, now.received, now.dropped, now.deepest_queue, now.queued, now.capacity}});
  return Decision::stay();
}

}  // namespace kernel
