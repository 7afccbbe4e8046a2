// SPDX-License-Identifier: Apache-2.0
//
// Ports: what lies between the registers and the port's state machine. Deadlines (design 6), donation, and who runs
// next: a call to a waiting server switches to it, a reply that leaves the server waiting goes straight back to the
// caller, everything else is left to priorities.
#include "kernel/blocking_call.hpp"
#include "kernel/direct_call.hpp"
#include "kernel/link.hpp"
#include "kernel/objects.hpp"
#include "kernel/outgoing_message.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/system_call.hpp"
#include "kernel/trace.hpp"

namespace kernel {

namespace {

constexpr unsigned kWaitChain = 8;  // how far a circle of calls is looked for

/// The thread that alone could take a call to this port, null if there are several.
const Thread* only_receiver(const PortObject& port) {
  return port.owner.threads().size() == 1 ? port.owner.threads().front() : nullptr;
}

const PortObject& port_waited_for(const Thread& thread) {
  return static_cast<const PortObject&>(
      *thread.ipc::Party::port);  // every port is made in objects.cpp, as a PortObject
}

/// True if the call could only be taken by a thread that waits, directly or through others, for the caller itself.
/// Ports with several receiving threads are not looked through: one of the others may always answer.
bool would_wait_for_itself(const Thread& caller, const PortObject& port) {
  const Thread* thread = only_receiver(port);
  for (unsigned step = 0; step < kWaitChain && thread != nullptr; ++step) {
    if (thread == &caller) return true;
    if (thread->waiting == ipc::Waiting::Reply) {
      thread = &Thread::from(*thread->server);
    } else if (thread->waiting == ipc::Waiting::CallQueued) {
      thread = only_receiver(port_waited_for(*thread));
    } else {
      return false;
    }
  }
  return false;
}

/// For statistics; nobody looks at the clock for a port that has none.
base::Ticks time_at(const PortObject& port) { return port.measures_times ? port::now() : base::Ticks(); }

/// A receive has brought something at once: a call makes its receiver run for the caller.
void take_over(Thread& receiver) {
  if (receiver.completion.status.ok() && receiver.completion.delivery.token != 0)
    receiver.core().refresh_priority(receiver);
}

base::Result<Decision> send(const Call& call, const Wait& wait) {
  PortObject& port = port_of(*call.capability);
  OutgoingMessage outgoing(call, wait.blocking);
  TRY(outgoing.prepare(call.capability->rights, abi::Right::PortTransfer, &port.owner));
  ipc::WakeList wakes;
  const ipc::Outcome outcome =
      port.send(call.held, call.thread, outgoing.message(), call.capability->badge, outgoing.blocking(), wakes);
  outgoing.sent(outcome);
  return conclude(call, outcome, BlockedOn::Send, wait, wakes);
}

base::Result<Decision> receive(const Call& call, const Wait& wait) {
  ipc::WakeList wakes;
  PortObject& port = port_of(*call.capability);
  const ipc::Outcome outcome = port.receive(call.held, call.thread, wait.blocking, wakes, time_at(port));
  if (outcome == ipc::Outcome::Completed) take_over(call.thread);
  const base::Result<Decision> decision = conclude(call, outcome, BlockedOn::Receive, wait, wakes);
  if (outcome == ipc::Outcome::Blocked) offer_direct_calls(call.thread, port, wait.deadline);
  return decision;
}

/// Which of the port's times the call asks for. They are measured from the first time on that somebody asks.
base::Result<const ipc::TimeStatistics*> times_of(const Call& call) {
  PortObject& port = port_of(*call.capability);
  const ipc::TimeStatistics* times = nullptr;
  switch (static_cast<abi::CallTime>(call.arguments().which_time())) {
    case abi::CallTime::Service: times = &port.service_times(); break;
    case abi::CallTime::Waiting: times = &port.waiting_times(); break;
  }
  if (times == nullptr) return base::Error::EINVAL;
  if (!port.measures_times) port.measure_times();
  return times;
}

}  // namespace

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_SEND>(const Call& call) {
  return send(call, Wait::until(deadline_of(call)));
}

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_TRY_SEND>(const Call& call) {
  return send(call, Wait::not_at_all());
}

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_RECEIVE>(const Call& call) {
  return receive(call, Wait::until(call.arguments().deadline()));
}

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_TRY_RECEIVE>(const Call& call) {
  return receive(call, Wait::not_at_all());
}

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_CALL>(const Call& call) {
  OutgoingMessage outgoing(call, ipc::Blocking::MayBlock);
  if (call.arguments().deadline().value() == abi::kDeadlineDoNotBlock) return base::Error::EINVAL;
  PortObject& called = port_of(*call.capability);
  if (!called.is_alive()) return base::Error::EPIPE;
  const Wait wait = Wait::until(deadline_of(call));
  // A call can never complete at once, so a deadline in the past has passed.
  if (wait.blocking == ipc::Blocking::DoNotBlock) return base::Error::ETIMEDOUT;
  if (would_wait_for_itself(call.thread, called)) return base::Error::EDEADLK;
  if (call.thread.call_depth() >= abi::kCallDepthMaximum) return base::Error::ELOOP;
  TRY(outgoing.prepare_call(call.capability->rights, &called.owner));
  if (outgoing.moves()) {
    outgoing.abandon();  // a call waits, and a move does not
    return base::Error::EINVAL;
  }
  call.thread.accepts_capability = outgoing.accepts_reply();
  ipc::WakeList wakes;
  const ipc::Outcome outcome =
      called.call(call.held, call.thread, outgoing.message(), call.capability->badge, wakes, time_at(called));
  outgoing.sent(outcome);
  if (outcome == ipc::Outcome::Completed) return conclude(call, outcome, BlockedOn::Call, wait, wakes);
  call.count_sent();
  if (!call.is_on_behalf) call.core().block(call.thread, BlockedOn::Call, wait.deadline);
  if (call.thread.waiting != ipc::Waiting::Reply) {
    wake_all(call, wakes);  // who watches the port
    if (!call.is_on_behalf) call.core().lend_to(called.owner.threads());
    if (trace_is_on()) trace_message(call.thread, BlockedOn::Call, outcome, nullptr);
    return Decision::leave();
  }
  if (call.is_on_behalf) {
    if (trace_is_on()) trace_message(call.thread, BlockedOn::Call, outcome, wakes.front());
    call.core().wake(wakes);
    return Decision::leave();
  }
  Thread& server = Thread::from(*call.thread.server);
  call.core().donate(call.thread, server);
  return hand_over(call, wakes);
}

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_REPLY>(const Call& call) {
  OutgoingMessage outgoing(call, ipc::Blocking::DoNotBlock);
  TRY(outgoing.prepare_reply());
  ipc::WakeList wakes;
  const ipc::Outcome outcome =
      ipc::reply(call.thread, call.arguments().reply_token(), outgoing.message(), wakes, port::now());
  outgoing.replied(call.thread.completion.status.ok());
  call.core().refresh_priority(call.thread);
  return conclude(call, outcome, BlockedOn::Send, Wait::not_at_all(), wakes);
}

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_REPLY_AND_RECEIVE>(const Call& call) {
  OutgoingMessage outgoing(call, ipc::Blocking::DoNotBlock);
  TRY(outgoing.prepare_reply());
  if (outgoing.moves()) {
    outgoing.abandon();  // whether the reply was lost is known to the next message only
    return base::Error::EINVAL;
  }
  const Wait wait = Wait::until(call.arguments().deadline());
  ipc::WakeList wakes;
  PortObject& port = port_of(*call.capability);
  const ipc::Outcome outcome = port.reply_and_receive(call.held, call.thread, call.arguments().reply_token(),
                                                      outgoing.message(), wait.blocking, wakes, time_at(port));
  call.core().refresh_priority(call.thread);
  if (!wakes.is_empty()) ++call.silo().messages_sent;
  if (outcome == ipc::Outcome::Completed) return conclude(call, outcome, BlockedOn::Receive, wait, wakes);
  call.core().block(call.thread, BlockedOn::Receive, wait.deadline);
  offer_direct_calls(call.thread, port, wait.deadline);
  return hand_over(call, wakes);
}

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_CREATE>(const Call& call) {
  call.results().succeed(TRY(create_port(call.held, call.silo())));
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_DESTROY>(const Call& call) {
  destroy_port(port_of(*call.capability));
  call.core().note_work(call.thread.effective_priority());
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_STATS>(const Call& call) {
  const ipc::PortStatistics now = port_of(*call.capability).statistics();
  call.results().succeed(Values{{now.sent, now.received, now.queued, now.calls, now.replies, now.deepest_queue,
                                 now.replies_lost, now.alive ? std::uint64_t{1} : 0}});
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_CALL_STATS>(const Call& call) {
  const ipc::TimeStatistics& times = *TRY(times_of(call));
  call.results().succeed(times.count(), times.shortest(), times.longest(), times.sum());
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_CALL_HISTOGRAM>(const Call& call) {
  const std::uint64_t first = call.arguments().first_bucket();
  if (first >= abi::kCallTimeBuckets) return base::Error::EINVAL;
  const ipc::TimeStatistics& times = *TRY(times_of(call));
  Values values;
  for (unsigned i = 0; i < abi::kMessageWords; ++i) values.word[i] = times.bucket(first + i);
  call.results().succeed(values);
  return Decision::stay();
}

}  // namespace kernel
