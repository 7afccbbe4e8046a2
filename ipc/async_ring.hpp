// SPDX-License-Identifier: Apache-2.0
//
// AsyncRing: the bounded queue of an AsyncChan, for any number of cores that push and pop at once, without a lock.
// Nothing in it waits: an operation retries only because another one got through. Owns two positions that count for
// ever; who moves tail from p to p + 1 owns place p for writing, who moves head from p to p + 1 owns it for reading.
// The slot of a place says itself whose turn it is. With lap = place / capacity and slot = place % capacity:
//
//   turn == 2 * lap      free, for the writer of that place
//   turn == 2 * lap + 1  full, for the reader of that place; when he has finished he makes it 2 * (lap + 1)
//
// So a slot is read only after all of it was written and written again only after all of it was read, for every
// capacity: lap and state are both in the turn, and capacity 1 is nothing special.
//
// Closing sets the top bit of the tail word. A writer claims a place by a compare-and-swap from a word without that
// bit, so after close() no claim succeeds and the number of messages is final. A reader whose head equals that number
// knows that nothing can come any more (EPIPE). Until then he is told EAGAIN, also while a writer that claimed before
// the close is still copying: its message is received.
//
// INVARIANT: head <= tail <= head + capacity; each moves by ones and never back; a closed tail does not move.
// INVARIANT: sent is tail and received is head, so sent = received + queued without any counter that could be wrong.
//
// A writer or reader that has claimed a place and not yet finished holds up the others at that place only: they see
// a ring that is full, or empty. Kernel entries run with interrupts masked, so that is the time of copying a message.
// The synchronisation of a message is turn: release when a side has finished with a slot, acquire when the other side
// looks. The positions are claimed by compare-and-swap and need no order of their own but where noted.
//
// Who publishes notifies after try_push() has returned, so a reader that saw "empty" is told again.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "ipc/message.hpp"
#include "kernel/base/result.hpp"

namespace ipc {

inline constexpr std::uint32_t kAsyncCapacityMaximum = 256;
inline constexpr std::uint32_t kAsyncSlotsPerChunk = 16;
inline constexpr std::uint32_t kAsyncChunksMaximum = kAsyncCapacityMaximum / kAsyncSlotsPerChunk;

/// What is queued, copied in and out as it is: the caller has made the message sanitized() before.
struct AsyncMessage {
  Message message;
  std::uint64_t badge;  ///< of the capability that it was sent through
  std::uint64_t label;  ///< of the sender, from kernel state
};

struct AsyncSlot {
  std::atomic<std::uint64_t> turn{0};
  AsyncMessage content = {};  ///< belongs to whom the turn says
};

/// Storage comes in pieces that the kernel's pools can give: two of them and the pool's own words fit into a page.
struct alignas(64) AsyncChunk {
  AsyncSlot slot[kAsyncSlotsPerChunk];
};
static_assert(sizeof(AsyncChunk) <= 4096 / 2 - 64, "two chunks lie in one page of a kernel::ObjectPool");

struct AsyncStatistics {
  std::uint64_t sent, received;
  std::uint64_t dropped;        ///< refused because the ring was full; refusals after close are not counted
  std::uint64_t deepest_queue;  ///< seen by the writers as they claimed; never above the capacity
  std::uint32_t queued, capacity;
  bool is_closed;
};

/// How far a batch got: the first `done` messages went through in order; the next one was refused, if any is left.
struct AsyncBatch {
  std::uint32_t done;
  base::Result<void> status;
};

class AsyncRing {
 public:
  /// How many chunks a ring of that capacity is made of. EINVAL: not 1 to kAsyncCapacityMaximum.
  static constexpr base::Result<std::uint32_t> chunks_needed(std::uint32_t capacity) {
    if (capacity == 0 || capacity > kAsyncCapacityMaximum) return base::Error::EINVAL;
    return (capacity + kAsyncSlotsPerChunk - 1) / kAsyncSlotsPerChunk;
  }

  /// The chunks are this ring's as long as it lives; other than chunks_needed() said is a kernel bug and traps. The
  /// creator makes the ring known to other cores with release (a capability under the table's lock does).
  AsyncRing(std::span<AsyncChunk* const> chunks, std::uint32_t capacity);
  AsyncRing(const AsyncRing&) = delete;
  AsyncRing& operator=(const AsyncRing&) = delete;

  /// EAGAIN full (counted as dropped); EPIPE closed. Then the message was not queued and never will be. Success means
  /// queued, not received.
  base::Result<void> try_push(const AsyncMessage& message);
  /// EAGAIN nothing to take now; EPIPE closed and drained, for ever. `into` is written on success only.
  base::Result<void> try_pop(AsyncMessage& into);
  /// The same, in place: fill(AsyncMessage&) writes all of a message, take(const AsyncMessage&) reads it.
  template <typename Fill>
  base::Result<void> push_with(Fill fill);
  template <typename Take>
  base::Result<void> pop_with(Take take);
  /// As push_with counts one when the ring is full.
  // ORDERING: relaxed: a figure that orders nothing.
  void count_refusal() { dropped_.fetch_add(1, std::memory_order_relaxed); }
  /// Whether a push would not be refused now.
  bool has_room() const;
  /// As many as go, in order; messages of others may lie between them. At most one refusal is counted as dropped.
  AsyncBatch push_many(std::span<const AsyncMessage> messages);
  AsyncBatch pop_many(std::span<AsyncMessage> into);

  /// From now on no push succeeds; what is queued can be received. May be called again.
  void close();
  bool is_closed() const;
  /// Pushes succeed again. Nobody is at work on the ring.
  void reopen();
  /// Places claimed for writing and not yet for reading; exact if nobody is at work, otherwise it was a moment ago.
  std::uint32_t depth() const;
  /// Each figure was true during the call, and sent = received + queued; exact all together if nobody is at work.
  AsyncStatistics statistics() const;

 private:
  static constexpr std::uint64_t kClosed = std::uint64_t{1} << 63;  ///< 63 bits of messages: centuries at 1 per ns

  struct Place {
    AsyncSlot& slot;
    std::uint64_t turn_when_free;
    std::uint64_t turn_when_full() const { return turn_when_free + 1; }
    std::uint64_t turn_of_next_lap() const { return turn_when_free + 2; }
  };
  Place place(std::uint64_t position) const;
  void note_depth(std::uint64_t depth);

  // What writers write and what readers write lie in different cache lines, and what nobody writes in a third.
  alignas(64) std::atomic<std::uint64_t> tail_{0};  ///< with kClosed
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> deepest_{0};
  alignas(64) std::atomic<std::uint64_t> head_{0};
  alignas(64) std::uint32_t capacity_;
  AsyncChunk* chunks_[kAsyncChunksMaximum] = {};
};

inline AsyncRing::Place AsyncRing::place(std::uint64_t position) const {
  const std::uint64_t lap = position / capacity_;
  const std::uint64_t index = position - lap * capacity_;
  return Place{chunks_[index / kAsyncSlotsPerChunk]->slot[index % kAsyncSlotsPerChunk], lap * 2};
}

inline bool AsyncRing::has_room() const {
  // ORDERING: relaxed and acquire as in push_with, which looks again.
  const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
  if ((tail & kClosed) != 0) return false;
  const Place here = place(tail);
  return here.slot.turn.load(std::memory_order_acquire) == here.turn_when_free;
}

template <typename Fill>
base::Result<void> AsyncRing::push_with(Fill fill) {
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
      fill(here.slot.content);
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

template <typename Take>
base::Result<void> AsyncRing::pop_with(Take take) {
  // ORDERING: relaxed: an old value leads to a slot whose turn, or to a claim that, tells it.
  std::uint64_t head = head_.load(std::memory_order_relaxed);
  for (;;) {
    const Place here = place(head);
    // ORDERING: acquire, with the writer's release of the turn: all of his message is there.
    if (here.slot.turn.load(std::memory_order_acquire) == here.turn_when_full()) {
      // ORDERING: relaxed: the claim is exclusive because it is one atomic step; the slot's turn does the rest.
      if (!head_.compare_exchange_weak(head, head + 1, std::memory_order_relaxed, std::memory_order_relaxed)) continue;
      take(std::as_const(here.slot.content));
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

}  // namespace ipc
