// SPDX-License-Identifier: Apache-2.0
//
// Channels: what lies between the registers and the channel's state machine. The end is the capability's.
#include "kernel/blocking_call.hpp"
#include "kernel/link.hpp"
#include "kernel/objects.hpp"
#include "kernel/outgoing_message.hpp"
#include "kernel/system_call.hpp"
#include "kernel/trace.hpp"

namespace kernel {

namespace {

base::Result<Decision> send(const Call& call, const Wait& wait) {
  OutgoingMessage outgoing(call, wait.blocking);
  TRY(outgoing.prepare(call.capability->rights, abi::Right::ChannelTransfer, nullptr));
  ipc::WakeList wakes;
  const ipc::Outcome outcome = channel_of(*call.capability)
                                   .send(call.held, call.thread, call.capability->end, outgoing.message(),
                                         call.capability->badge, outgoing.blocking(), wakes);
  outgoing.sent(outcome);
  return conclude(call, outcome, BlockedOn::Send, wait, wakes);
}

base::Result<Decision> receive(const Call& call, const Wait& wait) {
  ipc::WakeList wakes;
  const ipc::Outcome outcome =
      channel_of(*call.capability).receive(call.held, call.thread, call.capability->end, wait.blocking, wakes);
  return conclude(call, outcome, BlockedOn::Receive, wait, wakes);
}

}  // namespace

template <>
base::Result<Decision> handle<abi::SystemCall::CHAN_CREATE>(const Call& call) {
  const ChannelHandles handles = TRY(create_channel(call.held, call.silo(), call.arguments().channel_capacity()));
  call.results().succeed(handles.end[0], handles.end[1]);
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::CHAN_SEND>(const Call& call) {
  return send(call, Wait::until(deadline_of(call)));
}

template <>
base::Result<Decision> handle<abi::SystemCall::CHAN_TRY_SEND>(const Call& call) {
  return send(call, Wait::not_at_all());
}

template <>
base::Result<Decision> handle<abi::SystemCall::CHAN_RECV>(const Call& call) {
  return receive(call, Wait::until(deadline_of(call)));
}

template <>
base::Result<Decision> handle<abi::SystemCall::CHAN_TRY_RECV>(const Call& call) {
  return receive(call, Wait::not_at_all());
}

template <>
base::Result<Decision> handle<abi::SystemCall::CHAN_CLOSE>(const Call& call) {
  if (trace_is_on()) trace(abi::TraceEvent::CapabilityClose, &call.thread, call.arguments().handle());
  TRY(close_handle(call.held, call.silo(), call.arguments().handle()));
  call.core().note_work(call.thread.effective_priority());
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::CHAN_STATS>(const Call& call) {
  const ipc::ChannelStatistics now = channel_of(*call.capability).statistics(call.held, call.capability->end);
  const std::uint64_t alive = (now.this_end_alive ? 1u : 0u) | (now.other_end_alive ? 2u : 0u);
  call.results().succeed(Values{{now.sent, now.received, now.queued_to_this, now.queued_to_other, now.capacity,
                                 now.deepest_queue, now.discarded, alive}});
  return Decision::stay();
}

}  // namespace kernel
