// SPDX-License-Identifier: Apache-2.0
//
// Offering receivers to the fast path, and catching up with it.
#include "kernel/direct_call.hpp"

#include <cstddef>

#include "kernel/port/direct_call.h"
#include "kernel/silo.hpp"
#include "kernel/system_call.hpp"
#include "kernel/thread.hpp"

namespace kernel {

static_assert(offsetof(Capability, handle) == CAPABILITY_HANDLE);
static_assert(offsetof(Capability, direct) == CAPABILITY_OBJECT);
static_assert(offsetof(Capability, rights) == CAPABILITY_RIGHTS);
static_assert(offsetof(Capability, badge) == CAPABILITY_BADGE);
static_assert(static_cast<std::uint64_t>(abi::Right::PortCall) == std::uint64_t{1} << CAPABILITY_RIGHT_PORT_CALL);
static_assert(offsetof(ipc::Object, direct_receiver) == OBJECT_DIRECT_RECEIVER);
static_assert(offsetof(ipc::Object, floating_receiver) == OBJECT_FLOATING_RECEIVER);
static_assert(static_cast<unsigned>(abi::SystemCall::NULL_CALL) == CALL_NUMBER_NULL);
static_assert(static_cast<unsigned>(abi::SystemCall::PORT_CALL) == CALL_NUMBER_PORT_CALL);
static_assert(static_cast<unsigned>(abi::SystemCall::PORT_REPLY_AND_RECEIVE) == CALL_NUMBER_REPLY_AND_RECEIVE);
static_assert((CALL_NUMBER_PORT_CALL >> CALL_NUMBER_BIT & 1) == 0 &&
              (CALL_NUMBER_REPLY_AND_RECEIVE >> CALL_NUMBER_BIT & 1) == 1);
static_assert(abi::kFlagEightWords == 1, "the path takes flags 0 and 1");
static_assert(DIRECT_DEPTH_MAXIMUM < 32);

namespace {

/// Of a receiver that owes replies. The path knows the depth of its caller alone; so a line whose callers come to stand
/// behind those others is longer than kCallDepthMaximum, but not than twice that.
constexpr unsigned kDirectReceiverDepthMaximum = abi::kCallDepthMaximum / 2;

static_assert(!needs_a_pledge(abi::SystemCall::PORT_CALL) && !needs_a_pledge(abi::SystemCall::PORT_REPLY_AND_RECEIVE));

/// Whose direct call the thread serves, null if none.
Thread* direct_caller_of(Thread& thread) {
  if (thread.direct_caller != nullptr) return &Thread::from(*thread.direct_caller);
  // SAFETY: the fast path stored the address of a context there; bit 0 of an address that is a multiple of 64 is its
  // note.
  auto* const context = reinterpret_cast<port::ThreadContext*>(thread.floating_caller & ~std::uint64_t{1});
  return context == nullptr ? nullptr : &Thread::from(*context);
}

/// A table of one entry that carries no right, so that every handle leads to the C++ path.
constinit ipc::Object nothing(abi::ObjectType::None);
constinit Capability no_direct_calls{.handle = 0, .direct = &nothing, .derivation = {}, .object = &nothing};

}  // namespace

bool may_be_called_directly(const Thread& receiver, const PortObject& port, base::Ticks deadline) {
  return deadline.is_forever() && !port.measures_times && !receiver.reply_was_lost && port.has_one_receiver() &&
         receiver.call_depth() <= kDirectReceiverDepthMaximum;
}

void offer_direct_calls(Thread& receiver, PortObject& port, base::Ticks deadline) {
  if (!may_be_called_directly(receiver, port, deadline)) return;
  ipc::Object& object = port;
  receiver.served_port = &object;
  port.offer_direct(receiver, &receiver.context(), receiver.direct_token, receiver.uses_floating_point);
}

void admit_direct_calls(Thread& thread) {
  const Silo& silo = thread.silo();
  const bool are_admitted = !silo.rate.is_limited();
  thread.capabilities = are_admitted ? silo.capabilities.entries() : &no_direct_calls;
  thread.capability_mask = are_admitted ? (std::uint64_t{silo.capabilities.slots()} - 1) << abi::kHandleIndexShift : 0;
}

DirectCallCounts direct_call_counts(const Silo& silo) {
  DirectCallCounts counts = {};
  for (Thread* const thread : silo.threads()) {
    // Of another core's silo what has not been counted stays so: its ports are that core's.
    if (thread->waiting == ipc::Waiting::PortMessage && thread->core().is_this_core())
      thread->ipc::Party::port->count_direct_calls();
    const std::uint64_t both = thread->direct_calls + thread->direct_calls_taken;
    counts.sent += both + thread->messages_sent_abroad;
    counts.received += both;
  }
  return counts;
}

/// `caller` waits for the reply of `server`, which waits for nothing. Both had been left as they were before.
void Core::adopt_direct_call(Thread& caller, Thread& server) {
  server.direct_caller = nullptr;
  server.floating_caller = 0;
  static_cast<PortObject*>(server.ipc::Party::port.load())->adopt_direct_call(caller, server);
  // What was counted as a call and its reply is a call so far.
  server.silo().messages_sent -= 1;
  caller.silo().messages_received -= 1;
  server.blocked_on_ = BlockedOn::Nothing;
  // The arguments of its call, for whoever asks what it is blocked in.
  caller.general[0] = caller.call_handle;
  caller.general[7] = caller.call_deadline;
  caller.general[8] = CALL_NUMBER_PORT_CALL;
  caller.turn_left_ = {};
  block(caller, BlockedOn::Call, base::Ticks(caller.call_deadline));
  donate(caller, server);
}

void Core::catch_up_with(Thread& now_running) {
  Thread* chain[DIRECT_DEPTH_MAXIMUM + 1];
  unsigned length = 0;
  for (Thread* thread = &now_running; thread != running_; thread = direct_caller_of(*thread)) {
    if (thread == nullptr || length == DIRECT_DEPTH_MAXIMUM + 1) __builtin_trap();
    chain[length++] = thread;
  }
  for (Thread* caller = running_; length-- != 0; caller = chain[length]) adopt_direct_call(*caller, *chain[length]);
  now_running.state_ = ThreadState::Running;
  running_ = &now_running;
}

}  // namespace kernel
