// SPDX-License-Identifier: Apache-2.0
//
// The ring's operations. The whole synchronisation is turn: release when a side has finished with a slot, acquire when
// the other side looks. The positions are claimed by compare-and-swap and need no order of their own but where noted.
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

AsyncRing::Place AsyncRing::place(std::uint64_t position) const {
  const std::uint64_t lap = position / capacity_;
  const std::uint64_t index = position - lap * capacity_;
  return Place{chunks_[index / kAsyncSlotsPerChunk]->slot[index % kAsyncSlotsPerChunk], lap * 2};
}

base::Result<void> AsyncRing::try_push(const AsyncMessage& message) {
  // ORDERING: relaxed: an old value leads to a slot whose turn, or to a claim that, tells it.
  std::uint64_t tail = tail_.load(std::memory_order_relaxed);
  for (;;) {
    if ((tail & kClosed) != 0) return base::Error::EPIPE;
    const Place here = place(tail);
    // ORDERING: acquire, with the reader's release of the turn: he has read all of what we are about to overwrite.
    if (here.slot.turn.load(std::memory_order_acquire) == here.turn_when_free) {
      // ORDERING: release: who sees the new tail sees the head that made room for it (depth()). Failure: relaxed, as
      // the load above. The claim itself is exclusive because it is one atomic step from a tail that is not closed.
      if (!tail_.compare_exchange_weak(tail, tail + 1, std::memory_order_release, std::memory_order_relaxed)) continue;
      // ORDERING: relaxed: the acquire of the turn shows us a head that is at most capacity - 1 behind.
      const std::uint64_t head = head_.load(std::memory_order_relaxed);
      here.slot.content = message;
      // ORDERING: release: the reader who sees this turn sees the whole message.
      here.slot.turn.store(here.turn_when_full(), std::memory_order_release);
      // A reader can have passed us only after the store; the head was loaded before it.
      note_depth(tail + 1 - head);
      return {};
    }
    // The slot is not free for this place: another writer has it already (then the tail has moved), or its message of
    // the lap before is still there.
    // ORDERING: relaxed is enough after the acquire above: if a writer has filled this place, we have seen his turn and
    // so see his tail. The same tail therefore means that the ring was full when we looked.
    const std::uint64_t now = tail_.load(std::memory_order_relaxed);
    if (now == tail) {
      // ORDERING: relaxed: a figure that orders nothing.
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return base::Error::EAGAIN;
    }
    tail = now;
  }
}

base::Result<void> AsyncRing::try_pop(AsyncMessage& into) {
  // ORDERING: relaxed: an old value leads to a slot whose turn, or to a claim that, tells it.
  std::uint64_t head = head_.load(std::memory_order_relaxed);
  for (;;) {
    const Place here = place(head);
    // ORDERING: acquire, with the writer's release of the turn: all of his message is there.
    if (here.slot.turn.load(std::memory_order_acquire) == here.turn_when_full()) {
      // ORDERING: relaxed: the claim is exclusive because it is one atomic step; the slot's turn does the rest.
      if (!head_.compare_exchange_weak(head, head + 1, std::memory_order_relaxed, std::memory_order_relaxed)) continue;
      into = here.slot.content;
      // ORDERING: release: the writer of the next lap, who sees this turn, overwrites only what we have read; and he
      // sees the head that we have moved.
      here.slot.turn.store(here.turn_of_next_lap(), std::memory_order_release);
      return {};
    }
    // ORDERING: relaxed after the acquire above, as in try_push: the same head means that nothing was there to take.
    const std::uint64_t now = head_.load(std::memory_order_relaxed);
    if (now == head) {
      // ORDERING: acquire, with close(): who is told "for ever" sees what the closer did before. Closed and all claimed
      // places read: the tail can not move any more, so this is final, whatever has happened since the loads above.
      return tail_.load(std::memory_order_acquire) == (kClosed | head) ? base::Error::EPIPE : base::Error::EAGAIN;
    }
    head = now;
  }
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
