// SPDX-License-Identifier: Apache-2.0
//
// AsyncChan: the lock-free ring (async_ring.hpp) as an object that capabilities name. Sending never waits: what does
// not fit is refused and counted. Receiving may wait. Whoever subscribes is told of every message that was accepted,
// and of the close (`readable`); to be told is a hint to look, as a receiver that waits may have taken the message.
//
// Closed means: no message is accepted any more, in the same atomic step in which it was open before; what is queued is
// received; then EPIPE. A receiver closes it, or the end of the last capability that sends or the last that receives.
//
// INVARIANT: receivers is not empty => the ring is empty.
// The ring is for any number of cores; the queue of receivers and the watch point are touched in shared sections,
// or by the one core whose silos name it.
#pragma once

#include <cstdint>
#include <span>

#include "ipc/async_ring.hpp"
#include "ipc/object.hpp"
#include "ipc/party.hpp"
#include "ipc/watch.hpp"

namespace ipc {

class AsyncChannel : public Object {
 public:
  AsyncChannel(std::span<AsyncChunk* const> chunks, std::uint32_t capacity)
      : Object(abi::ObjectType::AsyncChannel), ring_(chunks, capacity) {}

  /// Never blocks. EAGAIN full (counted as dropped); EPIPE closed. The message was not queued then.
  Outcome send(Party& sender, const Message& message, std::uint64_t badge, WakeList& wakes);
  /// The oldest message. EAGAIN; EPIPE closed and empty.
  Outcome receive(Party& receiver, Blocking blocking);

  // What the kernel does in few steps (kernel/quick_calls.cpp). False: it is not done, and the operations above know
  // why.

  /// fill(AsyncMessage&) writes the message.
  template <typename Fill>
  bool send_at_once(Fill fill) {
    return receivers_.is_empty() && !readable.has_listeners() && ring_.has_room() && ring_.push_with(fill).ok();
  }
  /// One more was refused.
  void count_refusal() { ring_.count_refusal(); }
  /// take(const AsyncMessage&) reads the message.
  template <typename Take>
  bool receive_at_once(Take take) {
    return ring_.pop_with(take).ok();
  }

  /// No message is accepted from now on. Who waits, and who subscribes, is told by disconnect().
  void close() { ring_.close(); }
  /// Closed: subscribers are told once, at most `limit` receivers complete with EPIPE; true when none waits.
  bool disconnect(std::uint32_t limit, WakeList& wakes);
  /// Who could send comes back: at most `limit` receivers end with `error`; true when none is left.
  bool interrupt(std::uint32_t limit, base::Error error, WakeList& wakes) {
    return end_waits(receivers_, limit, error, wakes);
  }
  /// Works again after close().
  void reopen() {
    has_told_of_close_ = false;
    ring_.reopen();
  }

  bool is_closed() const { return ring_.is_closed(); }
  /// Whether receive() would not wait: there is a message, or none will ever come.
  bool can_receive() const { return ring_.is_closed() || ring_.depth() != 0; }
  AsyncStatistics statistics() const { return ring_.statistics(); }

  WatchPoint readable;  ///< can_receive()

 private:
  AsyncRing ring_;
  PartyQueue receivers_;
  bool has_told_of_close_ = false;
};

}  // namespace ipc
