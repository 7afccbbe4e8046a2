// SPDX-License-Identifier: Apache-2.0
//
// Quick calls: the commonest operations in their commonest cases, from the registers into the object and back, without
// the dispatcher, a Message in between, or the scheduler's resume(). Each does exactly what its handler does
// (*_calls.cpp) or nothing; then the handler follows. What is not common goes the long way: errors, deadlines, flags,
// capabilities in messages, rate limits, watchers, bindings, turns.
//
// While the core traces, these are not called: the second vector table leads past them, as past the fast path.
#include "kernel/quick_call.hpp"

#include "kernel/direct_call.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/interrupt_objects.hpp"
#include "kernel/port/entry.hpp"
#include "kernel/system_call.hpp"

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

bool Core::can_block_at_once(base::Ticks deadline) const {
  return deadline.is_forever() && !has_work_ && !ready_.is_empty();
}

Thread& Core::block_at_once(BlockedOn operation) {
  Thread& running = *running_;
  block(running, operation, base::Ticks::forever());
  running.turn_left_ = {};
  turn_end_ = base::Ticks::forever();
  Thread& next = take_front();
  take_core(next);
  begin_turn_at_once(next);
  return next;
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

using abi::Right;
using abi::SystemCall;

/// Each returns the thread that runs from now on, or null if the call is not quick after all.
class QuickCall : QuickCallBase {
 public:
  explicit QuickCall(Thread& thread) : QuickCallBase(thread) {}

  Thread* channel_send() {
    const Capability* const capability = sender(Right::ChannelSend);
    if (capability == nullptr) return nullptr;
    ipc::Party* receiver = nullptr;
    ipc::Channel& channel = static_cast<ChannelObject&>(*capability->object);
    const auto fill = [&](ipc::QueuedMessage& node) { write(node, *capability); };
    switch (channel.send_at_once(at_entry(), capability->end, fill, may_wake(), receiver)) {
      case ipc::Channel::AtOnce::No: return nullptr;
      case ipc::Channel::AtOnce::Queue: return sent();
      case ipc::Channel::AtOnce::Party: return handed(*capability, Thread::from(*receiver));
    }
    return nullptr;
  }

  Thread* channel_receive(base::Ticks deadline) {
    const Capability* const capability = find(Right::ChannelReceive);
    if (capability == nullptr) return nullptr;
    ipc::Channel& channel = static_cast<ChannelObject&>(*capability->object);
    const auto take = [&](const ipc::QueuedMessage& node) {
      Results(thread_).deliver_at_once(node.message, node.badge, node.label);
    };
    switch (channel.receive_at_once(at_entry(), thread_, capability->end, take, may_block(deadline))) {
      case ipc::Channel::AtOnce::No: return nullptr;
      case ipc::Channel::AtOnce::Queue: return received();
      case ipc::Channel::AtOnce::Party: return &core_.block_at_once(BlockedOn::Receive);
    }
    return nullptr;
  }

  Thread* async_send() {
    const Capability* const capability = sender(Right::AsyncSend);
    if (capability == nullptr) return nullptr;
    const bool is_sent = static_cast<AsyncObject&>(*capability->object).send_at_once([&](ipc::AsyncMessage& content) {
      Arguments(thread_).write_plain(content.message);
      content.badge = capability->badge;
      content.label = thread_.label;
    });
    return is_sent ? sent() : nullptr;
  }

  Thread* async_receive() {
    const Capability* const capability = find(Right::AsyncReceive);
    if (capability == nullptr) return nullptr;
    const bool has_come =
        static_cast<AsyncObject&>(*capability->object).receive_at_once([&](const ipc::AsyncMessage& content) {
          Results(thread_).deliver_at_once(content.message, content.badge, static_cast<std::uint32_t>(content.label));
        });
    return has_come ? received() : nullptr;
  }

  Thread* port_send() {
    const Capability* const capability = sender(Right::PortSend);
    if (capability == nullptr) return nullptr;
    PortObject& port = static_cast<PortObject&>(*capability->object);
    ipc::Party* const receiver = port.send_at_once(may_wake());
    if (receiver != nullptr) return handed(*capability, Thread::from(*receiver));
    return port.queue_at_once(at_entry(), [&](ipc::QueuedMessage& node) { write(node, *capability); }) ? sent()
                                                                                                       : nullptr;
  }

  Thread* port_receive(base::Ticks deadline) {
    const Capability* const capability = find(Right::PortReceive);
    if (capability == nullptr) return nullptr;
    PortObject& port = static_cast<PortObject&>(*capability->object);
    const auto take = [&](const ipc::QueuedMessage& node) {
      Results(thread_).deliver_at_once(node.message, node.badge, node.label);
    };
    if (port.take_at_once(at_entry(), take)) return received();
    if (!port.wait_at_once(thread_, may_block(deadline))) return nullptr;
    Thread& next = core_.block_at_once(BlockedOn::Receive);
    offer_direct_calls(thread_, port, deadline);
    return &next;
  }

  Thread* notification_signal() {
    const Capability* const capability = find(Right::NotificationSignal);
    const std::uint64_t bits = Arguments(thread_).signalled_bits();
    if (capability == nullptr || !check_bits(*capability, bits).ok()) return nullptr;
    ipc::Party* woken = nullptr;
    std::uint64_t taken = 0;
    if (!static_cast<NotificationObject&>(*capability->object).signal_at_once(bits, may_wake(), woken, taken))
      return nullptr;
    Results(thread_).succeed_at_once();
    if (woken == nullptr) return &thread_;
    Results(Thread::from(*woken)).succeed_at_once(taken);
    return &core_.wake_at_once(Thread::from(*woken));
  }

  Thread* notification_wait() {
    const Capability* const capability = find(Right::NotificationWait);
    if (capability == nullptr) return nullptr;
    const Arguments arguments(thread_);
    std::uint64_t taken = 0;
    NotificationObject& notification = static_cast<NotificationObject&>(*capability->object);
    // What is finished stays so if the handler has to follow, which would do it as well.
    if (!finish_awaited_lines_at_once(notification, arguments.awaited_bits())) return nullptr;
    if (!notification.wait_at_once(thread_, arguments.awaited_bits(), may_block(arguments.deadline()), taken))
      return nullptr;
    if (taken == 0) return &core_.block_at_once(BlockedOn::Wait);
    Results(thread_).succeed_at_once(taken);
    return &thread_;
  }

  Thread* semaphore_post() {
    const Capability* const capability = find(Right::SemaphorePost);
    if (capability == nullptr || !static_cast<SemaphoreObject&>(*capability->object).post_at_once()) return nullptr;
    Results(thread_).succeed_at_once();
    return &thread_;
  }

  Thread* semaphore_wait() {
    const Capability* const capability = find(Right::SemaphoreWait);
    if (capability == nullptr || !static_cast<SemaphoreObject&>(*capability->object).wait_at_once()) return nullptr;
    Results(thread_).succeed_at_once();
    return &thread_;
  }
};

/// Nobody looks at pledges here.
constexpr bool none_needs_a_pledge() {
  for (const SystemCall number :
       {SystemCall::CHAN_SEND,          SystemCall::CHAN_TRY_SEND,    SystemCall::CHAN_RECV,
        SystemCall::CHAN_TRY_RECV,      SystemCall::ASYNC_SEND,       SystemCall::ASYNC_RECEIVE,
        SystemCall::ASYNC_TRY_RECEIVE,  SystemCall::PORT_SEND,        SystemCall::PORT_TRY_SEND,
        SystemCall::PORT_RECEIVE,       SystemCall::PORT_TRY_RECEIVE, SystemCall::NOTIFICATION_SIGNAL,
        SystemCall::NOTIFICATION_WAIT,  SystemCall::SEMAPHORE_POST,   SystemCall::SEMAPHORE_WAIT,
        SystemCall::SEMAPHORE_TRY_WAIT, SystemCall::PORT_SEND_BATCH,  SystemCall::CHAN_SEND_BATCH,
        SystemCall::CHAN_RECV_BATCH,    SystemCall::ASYNC_SEND_BATCH, SystemCall::ASYNC_RECEIVE_BATCH}) {
    if (needs_a_pledge(number)) return false;
  }
  return true;
}
static_assert(none_needs_a_pledge());

/// By the number of the call; null: it is not quick.
Thread* try_quick_call(Thread& thread) {
  const Arguments arguments(thread);
  QuickCall call(thread);
  constexpr base::Ticks kNever(abi::kDeadlineDoNotBlock);
  switch (arguments.number()) {
    case static_cast<std::uint64_t>(SystemCall::CHAN_SEND):
    case static_cast<std::uint64_t>(SystemCall::CHAN_TRY_SEND): return call.channel_send();
    case static_cast<std::uint64_t>(SystemCall::CHAN_RECV): return call.channel_receive(arguments.deadline());
    case static_cast<std::uint64_t>(SystemCall::CHAN_TRY_RECV): return call.channel_receive(kNever);
    case static_cast<std::uint64_t>(SystemCall::ASYNC_SEND): return call.async_send();
    case static_cast<std::uint64_t>(SystemCall::ASYNC_RECEIVE):
    case static_cast<std::uint64_t>(SystemCall::ASYNC_TRY_RECEIVE): return call.async_receive();
    case static_cast<std::uint64_t>(SystemCall::PORT_SEND):
    case static_cast<std::uint64_t>(SystemCall::PORT_TRY_SEND): return call.port_send();
    case static_cast<std::uint64_t>(SystemCall::PORT_RECEIVE): return call.port_receive(arguments.deadline());
    case static_cast<std::uint64_t>(SystemCall::PORT_TRY_RECEIVE): return call.port_receive(kNever);
    case static_cast<std::uint64_t>(SystemCall::NOTIFICATION_SIGNAL): return call.notification_signal();
    case static_cast<std::uint64_t>(SystemCall::NOTIFICATION_WAIT): return call.notification_wait();
    case static_cast<std::uint64_t>(SystemCall::SEMAPHORE_POST): return call.semaphore_post();
    case static_cast<std::uint64_t>(SystemCall::SEMAPHORE_WAIT):
    case static_cast<std::uint64_t>(SystemCall::SEMAPHORE_TRY_WAIT): return call.semaphore_wait();
    case static_cast<std::uint64_t>(SystemCall::PORT_SEND_BATCH):
    case static_cast<std::uint64_t>(SystemCall::CHAN_SEND_BATCH):
    case static_cast<std::uint64_t>(SystemCall::CHAN_RECV_BATCH):
    case static_cast<std::uint64_t>(SystemCall::ASYNC_SEND_BATCH):
    case static_cast<std::uint64_t>(SystemCall::ASYNC_RECEIVE_BATCH): return try_quick_batch(thread);
    default: return nullptr;
  }
}

}  // namespace

}  // namespace kernel

namespace port {

QuickExit kernel_on_quick_call(ThreadContext* running) {
  kernel::Thread& thread = kernel::Thread::from(*running);
  // Otherwise there is something to catch up with first.
  if (thread.core().running() != &thread) return {nullptr, running};
  kernel::Thread* const next = kernel::try_quick_call(thread);
  return {next == nullptr ? nullptr : &next->context(), running};
}

}  // namespace port
