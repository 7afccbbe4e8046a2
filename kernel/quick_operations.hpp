// SPDX-License-Identifier: Apache-2.0
//
// The quick calls themselves, once for objects of this core alone (quick_calls.cpp) and once for those that silos of
// several cores name (shared_calls.cpp), which alone include this. A template each and not one function for both: the
// first kind is not to pay for the second.
#pragma once

#include "kernel/direct_call.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/interrupt_objects.hpp"
#include "kernel/quick_call.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

/// Each returns the thread that runs from now on, or null if the call is not quick after all, or nobody runs: then the
/// core's running() is null as well. `Base` says which objects
/// they may touch and how: OwnCallBase (quick_calls.cpp), SharedCallBase (shared_calls.cpp).
template <typename Base>
class QuickCall : Base {
  using Right = abi::Right;
  using Base::at_entry;
  using Base::core_;
  using Base::count_up;
  using Base::find;
  using Base::handed;
  using Base::may_block;
  using Base::may_wake;
  using Base::received;
  using Base::sender;
  using Base::sent;
  using Base::thread_;
  using Base::woken;
  using Base::write;

 public:
  explicit QuickCall(Thread& thread) : Base(thread) {}

  Thread* batch() { return Base::try_batch(thread_); }

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
      case ipc::Channel::AtOnce::Party: return core_.block_at_once(BlockedOn::Receive);
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
    Thread* const next = core_.block_at_once(BlockedOn::Receive);
    offer_direct_calls(thread_, port, deadline);
    return next;
  }

  Thread* notification_signal() {
    const Capability* const capability = find(Right::NotificationSignal);
    const std::uint64_t bits = Arguments(thread_).signalled_bits();
    if (capability == nullptr || !check_bits(*capability, bits).ok()) return nullptr;
    ipc::Party* waiter = nullptr;
    std::uint64_t taken = 0;
    if (!static_cast<NotificationObject&>(*capability->object).signal_at_once(bits, may_wake(), waiter, taken))
      return nullptr;
    Results(thread_).succeed_at_once();
    return waiter == nullptr ? &thread_ : woken(Thread::from(*waiter), taken);
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
    if (taken == 0) return core_.block_at_once(BlockedOn::Wait);
    Results(thread_).succeed_at_once(taken);
    return &thread_;
  }

  Thread* semaphore_post() {
    const Capability* const capability = find(Right::SemaphorePost);
    return capability == nullptr ? nullptr : count_up(static_cast<SemaphoreObject&>(*capability->object));
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
  using abi::SystemCall;
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

/// By the number of the call; null: it is not quick. Part of its one caller.
template <typename Base>
[[gnu::always_inline]] inline Thread* try_quickly(Thread& thread) {
  using abi::SystemCall;
  const Arguments arguments(thread);
  QuickCall<Base> call(thread);
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
    case static_cast<std::uint64_t>(SystemCall::ASYNC_RECEIVE_BATCH): return call.batch();
    default: return nullptr;
  }
}

}  // namespace kernel
