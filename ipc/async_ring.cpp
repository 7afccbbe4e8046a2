// SPDX-License-Identifier: Apache-2.0
//
// The ring's operations apart from the push and the pop themselves, which are in the header.
#include "ipc/async_ring.hpp"

namespace ipc {

AsyncRing::AsyncRing(std::span<AsyncChunk* const> chunks, std::uint32_t capacity) : capacity_(capacity) {
  const base::Result<std::uint32_t> needed = chunks_needed(capacity);
  if (!needed.ok() || needed.value() != chunks.size()) __builtin_trap();
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    chunks_[i] = chunks[i];
    // ORDERING: relaxed: nobody else knows the ring yet.
    for (AsyncSlot& slot : chunks[i]->slot) slot.turn.store(0, std::memory_order_relaxed);
  }
}

base::Result<void> AsyncRing::try_push(const AsyncMessage& message) {
  return push_with([&](AsyncMessage& content) { content = message; });
}

base::Result<void> AsyncRing::try_pop(AsyncMessage& into) {
  return pop_with([&](const AsyncMessage& content) { into = content; });
}

AsyncBatch AsyncRing::push_many(std::span<const AsyncMessage> messages) {
  std::uint32_t done = 0;
  for (const AsyncMessage& message : messages) {
    const base::Result<void> status = try_push(message);
    if (!status.ok()) return {done, status};
    ++done;
  }
  return {done, {}};
}

AsyncBatch AsyncRing::pop_many(std::span<AsyncMessage> into) {
  std::uint32_t done = 0;
  for (AsyncMessage& message : into) {
    const base::Result<void> status = try_pop(message);
    if (!status.ok()) return {done, status};
    ++done;
  }
  return {done, {}};
}

void AsyncRing::close() {
  // ORDERING: release: what the closer did before is seen by who is told EPIPE by try_pop. No claim can follow in the
  // order of this word's changes, because each would have to replace a word that is not closed.
  tail_.fetch_or(kClosed, std::memory_order_release);
}

void AsyncRing::reopen() {
  // ORDERING: release, as close(): what was done meanwhile is seen by who pushes next.
  tail_.fetch_and(~kClosed, std::memory_order_release);
}

bool AsyncRing::is_closed() const {
  // ORDERING: acquire, with close().
  return (tail_.load(std::memory_order_acquire) & kClosed) != 0;
}

std::uint32_t AsyncRing::depth() const { return statistics().queued; }

AsyncStatistics AsyncRing::statistics() const {
  // ORDERING: acquire, with the release of the claim: the head loaded next is not older than the one that made room for
  // this tail, so the difference is at most the capacity. It may be newer, then the queue was empty at this tail.
  const std::uint64_t word = tail_.load(std::memory_order_acquire);
  // ORDERING: relaxed, by the line above; the two figures after it order nothing.
  const std::uint64_t head = head_.load(std::memory_order_relaxed);
  const std::uint64_t sent = word & ~kClosed;
  const std::uint64_t received = head < sent ? head : sent;
  return AsyncStatistics{.sent = sent,
                         .received = received,
                         .dropped = dropped_.load(std::memory_order_relaxed),
                         .deepest_queue = deepest_.load(std::memory_order_relaxed),
                         .queued = static_cast<std::uint32_t>(sent - received),
                         .capacity = capacity_,
                         .is_closed = (word & kClosed) != 0};
}

void AsyncRing::note_depth(std::uint64_t depth) {
  // ORDERING: relaxed: a figure that orders nothing; the loop ends because it only grows, and only to the capacity.
  std::uint64_t deepest = deepest_.load(std::memory_order_relaxed);
  while (deepest < depth && !deepest_.compare_exchange_weak(deepest, depth, std::memory_order_relaxed)) {
  }
}

}  // namespace ipc
