// SPDX-License-Identifier: Apache-2.0
//
// AsyncChannel: a bounded queue whose sender never waits: a message that does not fit is refused and counted. Any
// number of silos may send and receive, by the rights of their capabilities. Like the other handles, it is a name, not
// an owner.
#pragma once

#include "granary/batch.hpp"
#include "granary/objects.hpp"

namespace granary {

struct AsyncStatistics {
  std::uint64_t sent = 0, received = 0, dropped = 0, deepest_queue = 0, queued = 0, capacity = 0;
};

class AsyncChannel : public Handle {
 public:
  using Handle::Handle;

  /// `capacity` messages, 1 to 256. kInvalidArgument, kQuotaExceeded, kNoMemory, kTableFull.
  static Result<AsyncChannel> create(std::uint64_t capacity = abi::kAsyncCapacityMaximum) {
    granary_handle handle;
    const granary_status status = granary_async_create(capacity, &handle);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::ASYNC_CREATE);
    return AsyncChannel(handle);
  }
  Result<AsyncChannel> duplicate() const { return duplicate_as<AsyncChannel>(); }
  Result<AsyncChannel> duplicate(std::uint64_t rights) const { return duplicate_as<AsyncChannel>(rights); }

  /// Never waits. kWouldBlock: full, and the message is dropped; kPeerGone: closed.
  Result<void> send(const Message& message) const {
    const granary_message wire = detail::to_wire(message);
    return detail::checked(granary_async_send(value(), &wire), SystemCall::ASYNC_SEND);
  }
  /// The oldest message. kTimedOut; kPeerGone when it is closed and nothing is left.
  Result<Delivery> receive(Deadline deadline = forever) const {
    granary_delivery delivery;
    const granary_status status = granary_async_receive(value(), deadline.ticks(), &delivery);
    return detail::delivery_of(status, delivery, SystemCall::ASYNC_RECEIVE);
  }
  Result<Delivery> try_receive() const {
    granary_delivery delivery;
    const granary_status status = granary_async_try_receive(value(), &delivery);
    return detail::delivery_of(status, delivery, SystemCall::ASYNC_TRY_RECEIVE);
  }
  /// How many went; the rest stays in the batch (batch.hpp). kWouldBlock, kPeerGone if not even the first.
  Result<std::uint64_t> send_batch(Batch& batch) const {
    if (batch.is_empty()) return std::uint64_t{0};
    std::uint64_t done = 0;
    const granary_status status = granary_async_send_batch(value(), batch.size(), &done);
    return batch.sent(status, done, SystemCall::ASYNC_SEND_BATCH);
  }
  /// What is there, up to `maximum`; waits for the first only.
  Result<std::uint64_t> receive_batch(Batch& batch, Deadline deadline = forever,
                                      std::uint64_t maximum = Batch::kCapacity) const {
    std::uint64_t done = 0;
    const granary_status status = granary_async_receive_batch(value(), maximum, deadline.ticks(), &done);
    return batch.received(status, done, SystemCall::ASYNC_RECEIVE_BATCH);
  }
  /// For all who have it: nothing is sent any more, what is queued is received, then kPeerGone. Needs the right to
  /// receive. (close() gives up this handle only.)
  Result<void> close_channel() const { return detail::checked(granary_async_close(value()), SystemCall::ASYNC_CLOSE); }

  Result<AsyncStatistics> stats() const {
    granary_async_stats_result stats;
    const granary_status status = granary_async_stats(value(), &stats);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::ASYNC_STATS);
    return AsyncStatistics{stats.sent,   stats.received, stats.dropped, stats.deepest_queue_seen,
                           stats.queued, stats.capacity};
  }
};

}  // namespace granary
