// SPDX-License-Identifier: Apache-2.0
//
// Batch: up to 16 messages that cross into the kernel together. A view of the calling thread's message page, where the
// kernel reads and writes them; nothing is copied. Messages are sent in the order in which they were added; those that
// could not be sent stay in the batch, in their order, so that `send_batch` can be called again.
//
// A thread has one page, so it uses one Batch at a time, and nobody else uses that one: another thread of the silo
// that writes into it changes what is sent.
#pragma once

#include <cstdint>
#include <cstring>

#include "granary/objects.hpp"

namespace granary {

class Batch {
 public:
  static constexpr std::uint64_t kCapacity = abi::kBatchMaximum;

  /// Empty.
  Batch() : entries_(page()) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  /// False if the batch is full; the message is not in it then.
  [[nodiscard]] bool add(const Message& message) {
    if (is_full()) return false;
    const granary_message wire = detail::to_wire(message);
    granary_message_entry& entry = entries_[size_++];
    entry.opcode = wire.opcode;
    entry.flags = wire.flags;
    for (unsigned i = 0; i < abi::kMessageWords; ++i) entry.word[i] = wire.word[i];
    return true;
  }
  std::uint64_t size() const { return size_; }
  bool is_empty() const { return size_ == 0; }
  bool is_full() const { return size_ == kCapacity; }
  void clear() { size_ = 0; }

  /// Number `index`, below size(): as it was added, or as it was received. The token of a call is given once.
  Request take(std::uint64_t index) {
    granary_message_entry& entry = entries_[index];
    Request request{(*this)[index], entry.badge, Token(entry.reply_token)};
    request.reply_lost = (entry.flags & GRANARY_FLAG_REPLY_LOST) != 0;
    request.sender = {static_cast<std::uint32_t>(entry.label)};
    granary_message wire{entry.opcode, entry.flags, {}};
    for (unsigned i = 0; i < abi::kMessageWords; ++i) wire.word[i] = entry.word[i];
    request.carried = detail::carried_by(wire, request.message);
    entry.reply_token = 0;
    return request;
  }
  Message operator[](std::uint64_t index) const {
    const granary_message_entry& entry = entries_[index];
    const auto& w = entry.word;
    return {entry.opcode, {w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]}};
  }
  std::uint64_t badge(std::uint64_t index) const { return entries_[index].badge; }

  /// Calls use(Request) for each in order, and is empty afterwards.
  template <typename Use>
  void consume(Use use) {
    const std::uint64_t count = size_;
    size_ = 0;
    for (std::uint64_t i = 0; i < count; ++i) use(take(i));
  }

  /// For the objects that take batches: what a call that sent has said; the tail moves up.
  Result<std::uint64_t> sent(granary_status status, std::uint64_t count, SystemCall call) {
    if (status != GRANARY_OK) return detail::error_of(status, call);
    size_ -= count;
    std::memmove(entries_, entries_ + count, size_ * sizeof *entries_);
    return count;
  }
  /// What a call that received has said.
  Result<std::uint64_t> received(granary_status status, std::uint64_t count, SystemCall call) {
    size_ = status == GRANARY_OK ? count : 0;
    if (status != GRANARY_OK) return detail::error_of(status, call);
    return count;
  }

 private:
  static granary_message_entry* page() {
    std::uint64_t address = 0;
    granary_message_page(&address);
    // SAFETY: the kernel maps a page for this thread there, as long as it lives.
    return reinterpret_cast<granary_message_entry*>(address);
  }

  granary_message_entry* entries_;
  std::uint64_t size_ = 0;
};
static_assert(sizeof(granary_message_entry) == sizeof(abi::MessageEntry));

inline Result<std::uint64_t> Port::send_batch(Batch& batch, Deadline deadline) const {
  if (batch.is_empty()) return std::uint64_t{0};
  std::uint64_t done = 0;
  const granary_status status = granary_port_send_batch(value(), batch.size(), deadline.ticks(), &done);
  return batch.sent(status, done, SystemCall::PORT_SEND_BATCH);
}
inline Result<std::uint64_t> Port::receive_batch(Batch& batch, Deadline deadline, std::uint64_t maximum) const {
  std::uint64_t done = 0;
  const granary_status status = granary_port_receive_batch(value(), maximum, deadline.ticks(), &done);
  return batch.received(status, done, SystemCall::PORT_RECEIVE_BATCH);
}
inline Result<std::uint64_t> Channel::send_batch(Batch& batch, Deadline deadline) const {
  if (batch.is_empty()) return std::uint64_t{0};
  std::uint64_t done = 0;
  const granary_status status = granary_chan_send_batch(value(), batch.size(), deadline.ticks(), &done);
  return batch.sent(status, done, SystemCall::CHAN_SEND_BATCH);
}
inline Result<std::uint64_t> Channel::receive_batch(Batch& batch, Deadline deadline, std::uint64_t maximum) const {
  std::uint64_t done = 0;
  const granary_status status = granary_chan_recv_batch(value(), maximum, deadline.ticks(), &done);
  return batch.received(status, done, SystemCall::CHAN_RECV_BATCH);
}

}  // namespace granary
