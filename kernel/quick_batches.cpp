// SPDX-License-Identifier: Apache-2.0
//
// Quick batches: as many messages as can be queued or are there, each by the quick form of its operation. What stops
// the first one is told by the handler (batch_calls.cpp); what stops a later one is no error. Nothing that the first
// one found can be otherwise for the next, but that the queue has become full or empty; what a message that is queued
// brings along is looked for before the first one is taken.
#include "kernel/message_page.hpp"
#include "kernel/quick_call.hpp"

namespace kernel {

namespace {

using abi::Right;
using abi::SystemCall;

class QuickBatch : QuickCallBase {
 public:
  explicit QuickBatch(Thread& thread) : QuickCallBase(thread) {}

  Thread* channel_send() {
    const Capability* const capability = find_sender(Right::ChannelSend);
    if (capability == nullptr) return nullptr;
    ipc::Channel& channel = static_cast<ChannelObject&>(*capability->object);
    return sent_each([&](abi::MessageEntry& entry, std::uint64_t flags) {
      ipc::Party* receiver = nullptr;
      const auto fill = [&](ipc::QueuedMessage& node) {
        read_words(entry, flags, node.message);
        node.badge = capability->badge;
        node.label = thread_.label;
      };
      return channel.send_at_once(at_entry(), capability->end, fill, never, receiver) == ipc::Channel::AtOnce::Queue;
    });
  }

  Thread* channel_receive() {
    const Capability* const capability = find(Right::ChannelReceive);
    if (capability == nullptr) return nullptr;
    ipc::Channel& channel = static_cast<ChannelObject&>(*capability->object);
    if (!channel.next_are_plain(at_entry(), capability->end, abi::kBatchMaximum)) return nullptr;
    return received_each([&](std::uint32_t index) {
      const auto take = [&](const ipc::QueuedMessage& node) {
        write_entry(thread_.message_page(), index, node.message, node.badge, node.label);
      };
      const auto cannot_wait = [] { return false; };
      return channel.receive_at_once(at_entry(), thread_, capability->end, take, cannot_wait) ==
             ipc::Channel::AtOnce::Queue;
    });
  }

  Thread* port_send() {
    const Capability* const capability = find_sender(Right::PortSend);
    if (capability == nullptr) return nullptr;
    PortObject& port = static_cast<PortObject&>(*capability->object);
    return sent_each([&](abi::MessageEntry& entry, std::uint64_t flags) {
      return port.queue_at_once(at_entry(), [&](ipc::QueuedMessage& node) {
        read_words(entry, flags, node.message);
        node.badge = capability->badge;
        node.label = thread_.label;
      });
    });
  }

  Thread* async_send() {
    const Capability* const capability = find_sender(Right::AsyncSend);
    if (capability == nullptr) return nullptr;
    ipc::AsyncChannel& channel = static_cast<AsyncObject&>(*capability->object);
    bool is_full = false;
    Thread* const next = sent_each([&](abi::MessageEntry& entry, std::uint64_t flags) {
      is_full = !channel.send_at_once([&](ipc::AsyncMessage& content) {
        read_words(entry, flags, content.message);
        content.badge = capability->badge;
        content.label = thread_.label;
      });
      return !is_full;
    });
    if (next != nullptr && is_full) channel.count_refusal();
    return next;
  }

  Thread* async_receive() {
    const Capability* const capability = find(Right::AsyncReceive);
    if (capability == nullptr) return nullptr;
    ipc::AsyncChannel& channel = static_cast<AsyncObject&>(*capability->object);
    return received_each([&](std::uint32_t index) {
      return channel.receive_at_once([&](const ipc::AsyncMessage& content) {
        write_entry(thread_.message_page(), index, content.message, content.badge, content.label);
      });
    });
  }

 private:
  static bool never(const ipc::Party&) { return false; }
  const Capability* find_sender(Right right) const { return thread_.silo().rate.is_limited() ? nullptr : find(right); }

  /// send(entry, flags) for each entry, whose flags are those of a plain message.
  template <typename Send>
  Thread* sent_each(Send send) {
    const base::Result<std::uint32_t> count = Arguments(thread_).batch_count();
    if (!count.ok()) return nullptr;
    std::uint32_t done = 0;
    for (; done < count.value(); ++done) {
      abi::MessageEntry& entry = thread_.message_page().entry[done];
      const base::Result<std::uint64_t> flags = read_flags(entry);
      if (!flags.ok() || !send(entry, flags.value())) break;
    }
    if (done == 0) return nullptr;
    thread_.silo().messages_sent += done;
    return end(done);
  }
  /// receive(index) into each entry.
  template <typename Receive>
  Thread* received_each(Receive receive) {
    const base::Result<std::uint32_t> count = Arguments(thread_).batch_count();
    if (!count.ok()) return nullptr;
    std::uint32_t done = 0;
    while (done < count.value() && receive(done)) ++done;
    if (done == 0) return nullptr;
    thread_.silo().messages_received += done;
    return end(done);
  }
  Thread* end(std::uint32_t done) {
    Results(thread_).succeed_at_once(done);
    return &thread_;
  }
};

}  // namespace

Thread* try_quick_batch(Thread& thread) {
  QuickBatch batch(thread);
  switch (Arguments(thread).number()) {
    case static_cast<std::uint64_t>(SystemCall::CHAN_SEND_BATCH): return batch.channel_send();
    case static_cast<std::uint64_t>(SystemCall::CHAN_RECV_BATCH): return batch.channel_receive();
    case static_cast<std::uint64_t>(SystemCall::PORT_SEND_BATCH): return batch.port_send();
    case static_cast<std::uint64_t>(SystemCall::ASYNC_SEND_BATCH): return batch.async_send();
    case static_cast<std::uint64_t>(SystemCall::ASYNC_RECEIVE_BATCH): return batch.async_receive();
    default: return nullptr;
  }
}

}  // namespace kernel
