// SPDX-License-Identifier: Apache-2.0
//
// See quick_visits.hpp. What only one core may touch is the port's core's to touch: its receivers, its queue, who waits
// at it. Calls that come from another core lend nothing, so no priority and no payer changes with them.
#include "kernel/quick_visits.hpp"

#include "kernel/blocking_call.hpp"
#include "kernel/direct_call.hpp"
#include "kernel/link.hpp"
#include "kernel/message_registers.hpp"
#include "kernel/object_section.hpp"
#include "kernel/silo.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

namespace {

using abi::Right;
using abi::SystemCall;

// Nobody looks at pledges here.
static_assert(!needs_a_pledge(SystemCall::PORT_CALL) && !needs_a_pledge(SystemCall::PORT_SEND) &&
              !needs_a_pledge(SystemCall::PORT_TRY_SEND) && !needs_a_pledge(SystemCall::PORT_REPLY) &&
              !needs_a_pledge(SystemCall::PORT_REPLY_AND_RECEIVE));

/// SAFETY: the vectors mask interrupts before they call an entry, and a kernel that was left holds no lock; a
/// BesideSection is none.
Unlocked at_entry() { return base::hold_nothing(base::TokenSource::interrupts_masked()); }

bool is_number(const Arguments& arguments, SystemCall call) {
  return arguments.number() == static_cast<std::uint64_t>(call);
}

/// The message and the silo that sends it are common ones.
bool sends_plainly(const Thread& thread) { return Arguments(thread).is_plain() && !thread.silo().rate.is_limited(); }

/// Of a call or a send to a port; null if the long way has to refuse it.
const Capability* capability_for(const Thread& thread, bool is_call) {
  const Right right = is_call ? Right::PortCall : Right::PortSend;
  const auto found = thread.silo().capabilities.lookup(Arguments(thread).handle(), right);
  return found.ok() ? found.value() : nullptr;
}

/// Nobody could take the call but one thread, which waits for something itself: is it for the caller? Its state is this
/// core's to look at; what it waits for may be another's.
bool could_be_a_circle(const PortObject& port) {
  const auto threads = port.owner.threads();
  return threads.size() == 1 && threads.front()->state() == ThreadState::Blocked;
}

}  // namespace

bool QuickVisit::is_common(const Thread& visitor) {
  const Arguments arguments(visitor);
  is_call_ = is_number(arguments, SystemCall::PORT_CALL);
  if (!is_call_ && !is_number(arguments, SystemCall::PORT_SEND) && !is_number(arguments, SystemCall::PORT_TRY_SEND))
    return false;
  if (!sends_plainly(visitor)) return false;
  capability_ = capability_for(visitor, is_call_);
  if (capability_ == nullptr) return false;
  port_ = &port_of(*capability_);
  if (port_->home != core_.id().value() || !port_->is_alive() || port_->measures_times) return false;
  if (!is_call_) return port_->takes_at_once();
  if (Wait::until(arguments.deadline()).blocking == ipc::Blocking::DoNotBlock) return false;
  if (visitor.call_depth() >= abi::kCallDepthMaximum) return false;
  return port_->has_receivers() || (!could_be_a_circle(*port_) && !port_->readable.has_listeners());
}

void QuickVisit::run(Thread& visitor) const {
  ipc::Message message;
  Arguments(visitor).write_plain(message);
  ipc::WakeList wakes;
  if (is_call_) {
    visitor.accepts_capability = false;
    static_cast<void>(port_->call(at_entry(), visitor, message, capability_->badge, wakes));
    ++visitor.messages_sent_abroad;
    core_.wake(wakes);
    return;
  }
  static_cast<void>(port_->send(at_entry(), visitor, message, capability_->badge, ipc::Blocking::DoNotBlock, wakes));
  core_.wake(wakes);
  visitor.core().post(visitor);
}

Thread* try_visit(Thread& thread) {
  const Arguments arguments(thread);
  const bool is_call = is_number(arguments, SystemCall::PORT_CALL);
  if (!sends_plainly(thread)) return nullptr;
  const Capability* const capability = capability_for(thread, is_call);
  if (capability == nullptr) return nullptr;
  const ipc::Object& port = *capability->object;
  Core& core = thread.core();
  if (port.home == core.id().value() || !core.can_block_at_once()) return nullptr;
  base::Ticks deadline = base::Ticks::forever();
  if (!is_number(arguments, SystemCall::PORT_TRY_SEND)) {
    const Wait wait = Wait::until(deadline_through(capability->link, arguments.deadline()));
    if (wait.blocking == ipc::Blocking::DoNotBlock) return nullptr;
    deadline = wait.deadline;
  }
  const BesideSection section(core.id());
  return core.visit_at_once(thread, port, is_call ? BlockedOn::Call : BlockedOn::Send, deadline);
}

namespace {

class QuickReply {
 public:
  explicit QuickReply(Thread& server) : server_(server), arguments_(server) {}

  /// Whether run() can do it.
  bool is_common() {
    if (!arguments_.is_plain()) return false;
    const ipc::OwedReplies::Record* const record = server_.owed.find(arguments_.reply_token());
    if (record == nullptr || record->caller == nullptr || record->caller->core == server_.ipc::Party::core)
      return false;
    if (record->port != nullptr && static_cast<const PortObject*>(record->port)->measures_times) return false;
    caller_ = &Thread::from(*record->caller);
    return is_number(arguments_, SystemCall::PORT_REPLY) || can_receive();
  }
  Thread* run() const {
    ipc::Message message;
    arguments_.write_plain(message);
    ipc::WakeList wakes;
    static_cast<void>(ipc::reply(server_, arguments_.reply_token(), message, wakes));
    static_cast<void>(wakes.pop_front());
    ++server_.silo().messages_sent;
    caller_->core().post(*caller_);
    if (port_ != nullptr) return receive();
    Results(server_).finish(server_.completion);
    return &server_;
  }

 private:
  bool can_receive() {
    const auto found = server_.silo().capabilities.lookup(arguments_.handle(), Right::PortReceive);
    if (!found.ok()) return false;
    port_ = &port_of(*found.value());
    if (port_->home != server_.ipc::Party::core || port_->measures_times) return false;
    if (port_->has_messages()) return port_->gives_at_once(server_.ipc::Party::core);
    return port_->is_alive() && server_.core().can_block_at_once(arguments_.deadline());
  }
  Thread* receive() const {
    ipc::WakeList wakes;
    if (port_->receive(at_entry(), server_, ipc::Blocking::MayBlock, wakes) == ipc::Outcome::Completed) {
      ++server_.silo().messages_received;
      Results(server_).finish(server_.completion);
      return &server_;
    }
    Thread* const next = server_.core().block_at_once(BlockedOn::Receive);
    offer_direct_calls(server_, *port_, base::Ticks::forever());
    return next;
  }

  Thread& server_;
  const Arguments arguments_;
  Thread* caller_ = nullptr;
  PortObject* port_ = nullptr;  ///< null: nothing is received
};

}  // namespace

Thread* try_reply_elsewhere(Thread& thread) {
  const BesideSection section(thread.core().id());
  QuickReply reply(thread);
  return reply.is_common() ? reply.run() : nullptr;
}

}  // namespace kernel
