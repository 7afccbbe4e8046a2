// SPDX-License-Identifier: Apache-2.0
//
// One side of a stream (stream.hpp): what writer and reader have in common, which is all but the direction of a copy.
// Each side goes through the ring by an index of its own, up to a limit that the other side's index sets: the reader
// up to the writer's index, the writer up to the reader's plus the capacity. Indices count bytes and are never reset.
// Invariants:
//   - What decides here (own index, limit, capacity, number of sleeps) is private. Shared memory is written from it,
//     and of what others write only two words are read, each once for a decision: the other's index and its sleeps.
//   - limit - mine <= capacity, whatever is in shared memory: an index that would break this, or that goes back, is
//     refused, and the side is corrupt for ever.
//   - Addresses are made of the private index, masked: none is outside the ring.
//   - The sides that have been opened name the same capacity, if both are honest: each writes its shape and then looks
//     at the other's, once. Nothing is decided by it later, so a lie only keeps a side from being opened.
//   - next .. run_end is room for whole messages without a wrap, or empty.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <utility>

#include "granary/clock.hpp"
#include "granary/result.hpp"

namespace granary {

/// What wakes the other side of a stream, and what its own side sleeps on. One doorbell serves one side of one stream,
/// or several sides that one thread uses.
///   ring()  wakes the other side; it is remembered if that side does not wait yet. kPeerGone if there is none.
///   wait()  until the own bell has been rung since the last wait; takes the ring away. It may return for no reason.
///           kTimedOut; kPeerGone when nobody is left who could ring.
/// Both order memory: what was written before ring() is seen behind the wait() that it ends.
template <typename T>
concept Doorbell = std::default_initializable<T> && std::movable<T> && requires(T bell, Deadline deadline) {
  { bell.ring() } -> std::same_as<Result<void>>;
  { bell.wait(deadline) } -> std::same_as<Result<void>>;
};

inline constexpr std::size_t kStreamMessageBytes = 64;

namespace detail {

/// The head of the shared memory; the ring follows it. Each word has one writer and a cache line of its own.
struct StreamLayout {
  alignas(64) std::uint64_t written;        ///< bytes that the writer has put in, ever
  std::uint64_t writer_shape;               ///< stream_shape() of the writer, 0 until it is opened
  alignas(64) std::uint64_t read;           ///< bytes that the reader has taken out, ever
  std::uint64_t reader_shape;               ///< the same of the reader
  alignas(64) std::uint64_t writer_sleeps;  ///< odd: the writer waits for a bell; a new number for each time
  alignas(64) std::uint64_t reader_sleeps;
};
static_assert(sizeof(StreamLayout) == 256 && std::atomic_ref<std::uint64_t>::is_always_lock_free);

/// What both sides must agree about: that this is a stream, in this layout, and of how many messages (a power of two).
constexpr std::uint64_t stream_shape(std::size_t messages) {
  constexpr std::uint64_t kMagic = 0x6772'6e73'7472'0100;  // "grnstr", layout 1
  return kMagic + static_cast<std::uint64_t>(std::countr_zero(messages));
}

// ORDERING: indices, sleeps and shapes are sequentially consistent. The release half of a store and the acquire half of
// a load hand over the bytes of the ring; the total order is what makes sleeping safe: who sleeps stores its sleeps and
// then loads the other's index, who advances stores its index and then loads the other's sleeps, so at least one of the
// two sees the other; the same holds for the shapes of two sides that are opened at once. On AArch64 that is STLR and
// LDAR, which keep their order without a barrier.
struct SharedWords {
  static std::uint64_t load(std::uint64_t& word) { return std::atomic_ref(word).load(std::memory_order_seq_cst); }
  static void store(std::uint64_t& word, std::uint64_t value) {
    std::atomic_ref(word).store(value, std::memory_order_seq_cst);
  }
};

/// A copy that does not lean on the C library's, which is made for size and goes byte by byte.
inline void copy_bytes(std::byte* to, const std::byte* from, std::size_t length) {
  for (; length >= kStreamMessageBytes; length -= kStreamMessageBytes) {
    std::memcpy(to, from, kStreamMessageBytes);
    to += kStreamMessageBytes;
    from += kStreamMessageBytes;
  }
  const auto rest = [&]<std::size_t... kSizes>(std::index_sequence<kSizes...>) {
    ((length & kSizes ? (std::memcpy(to, from, kSizes), to += kSizes, from += kSizes) : to), ...);
  };
  rest(std::index_sequence<32, 16, 8, 4, 2, 1>());
}

enum class StreamRole { Writer, Reader };

/// Words: how shared words are reached; tests put other things in between.
template <Doorbell Bell, typename Words>
class StreamSide {
 public:
  /// Belongs to no stream: everything is kInvalidArgument.
  StreamSide() = default;
  StreamSide(StreamSide&& other) noexcept
      : state_(std::exchange(other.state_, State{})), bell_(std::move(other.bell_)) {}
  StreamSide& operator=(StreamSide&& other) noexcept {
    state_ = std::exchange(other.state_, State{});
    bell_ = std::move(other.bell_);
    return *this;
  }
  ~StreamSide() = default;

  Result<void> open(StreamRole role, std::span<std::byte> memory, std::size_t messages, Bell bell) {
    // SAFETY: an address is only looked at.
    const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
    if (memory.size() < sizeof(StreamLayout) || address % alignof(StreamLayout) != 0) return kInvalidArgument;
    if (!std::has_single_bit(messages)) return kInvalidArgument;
    if (messages > (memory.size() - sizeof(StreamLayout)) / kStreamMessageBytes) return kInvalidArgument;
    // SAFETY: the memory is aligned and long enough (above), the caller's for as long as the side lives, and plain
    // words of any value make a StreamLayout.
    StreamLayout& shared = *std::launder(reinterpret_cast<StreamLayout*>(memory.data()));
    const bool writes = role == StreamRole::Writer;
    const std::uint64_t shape = stream_shape(messages);
    Words::store(writes ? shared.writer_shape : shared.reader_shape, shape);
    const std::uint64_t other = Words::load(writes ? shared.reader_shape : shared.writer_shape);
    if (other != 0 && other != shape) return kInvalidArgument;
    State state;
    state.ring = memory.data() + sizeof(StreamLayout);
    state.capacity = messages * kStreamMessageBytes;
    state.own_index = writes ? &shared.written : &shared.read;
    state.own_sleeps = writes ? &shared.writer_sleeps : &shared.reader_sleeps;
    state.peer_index = writes ? &shared.read : &shared.written;
    state.peer_sleeps = writes ? &shared.reader_sleeps : &shared.writer_sleeps;
    state.ahead = writes ? state.capacity : 0;
    state.limit = state.ahead;
    state_ = state;
    bell_ = std::move(bell);
    renew_run();
    return {};
  }

  bool corrupt() const { return state_.corrupt; }
  /// Bytes from here to the limit as it was last seen.
  std::uint64_t room() const { return state_.limit - state_.mine; }
  /// The same without the part behind the wrap.
  std::span<std::byte> piece() const { return {state_.ring + offset(), std::min(room(), state_.capacity - offset())}; }

  /// Is there a whole message at next() without looking anywhere else?
  bool in_run() const { return state_.next != state_.run_end; }
  /// The same after a look at the other's index, without waiting.
  [[gnu::noinline]] bool more_run() {
    if (!look()) return false;
    renew_run();
    return in_run();
  }
  std::byte* next() const { return state_.next; }
  /// Over the message at next(), which is `here`.
  Result<void> advance_in_run(std::byte* here) {
    copied();
    state_.next = here + kStreamMessageBytes;
    state_.mine += kStreamMessageBytes;
    return publish();
  }
  /// Over `bytes`, at most room().
  Result<void> advance(std::uint64_t bytes) {
    copied();
    state_.mine += bytes;
    renew_run();
    return publish();
  }
  /// May the user advance by a number of his own, over a part of piece()?
  Result<void> may_advance(std::uint64_t bytes) const {
    if (!open()) return trouble();
    if (bytes > piece().size()) return kInvalidArgument;
    return {};
  }
  /// Calls copy(ring, offset in the user's bytes, length) for the one or two pieces that `bytes` (at most room()) are.
  template <typename Copy>
  void in_pieces(std::uint64_t bytes, Copy copy) const {
    const std::uint64_t first = std::min(bytes, state_.capacity - offset());
    copy(state_.ring + offset(), 0, first);
    if (first < bytes) copy(state_.ring, first, bytes - first);
  }

  /// For how many of `wanted` bytes there is room, in whole units and at least one: waits only if there is none.
  Result<std::uint64_t> claim(std::uint64_t wanted, std::uint64_t unit, Deadline deadline) {
    if (!open() || (room() < wanted && !look())) return trouble();
    if (room() < unit) {
      if (const Result<void> there = wait_for(unit, deadline); !there) return there.error();
    }
    return std::min(wanted, room() / unit * unit);
  }

  /// Until there is room for `wanted` bytes, at most the capacity. What is there when the bell fails still counts.
  Result<void> wait_for(std::uint64_t wanted, Deadline deadline) {
    if (!open()) return trouble();
    for (Result<void> rung;;) {
      if (room() < wanted && !look()) return trouble();
      if (room() >= wanted) return {};
      if (!rung) return rung;
      if (deadline.ticks() == do_not_block.ticks()) return kWouldBlock;
      rung = sleep(wanted, deadline);
      // The other side may ring without an end and for nothing; that does not move the deadline.
      if (rung && counter_now() >= deadline.ticks()) rung = kTimedOut;
    }
  }

 private:
  struct State {
    // In this order what each message needs is loaded in pairs.
    std::byte* run_end = nullptr;
    std::byte* next = nullptr;
    std::uint64_t mine = 0;              ///< own index; shared memory only gets a copy of it
    std::uint64_t* own_index = nullptr;  ///< null: belongs to no stream
    std::uint64_t* peer_sleeps = nullptr;
    std::uint64_t limit = 0;  ///< INVARIANT: limit - mine <= capacity
    std::uint64_t ahead = 0;  ///< the limit is so far ahead of the other's index
    std::uint64_t capacity = 0;
    std::byte* ring = nullptr;
    std::uint64_t* peer_index = nullptr;
    std::uint64_t* own_sleeps = nullptr;
    std::uint64_t sleeps = 0;    ///< own; odd while asleep
    std::uint64_t rung_for = 0;  ///< the sleep of the other side that has got its bell
    bool corrupt = false;
  };

  bool open() const { return state_.own_index != nullptr && !state_.corrupt; }
  Error trouble() const { return state_.corrupt ? kPeerGone : kInvalidArgument; }
  std::uint64_t offset() const { return state_.mine & (state_.capacity - 1); }

  /// Moves the limit to where the other's index puts it. False, for ever, if that is not possible: backwards, or
  /// further than what lies between the two.
  bool look() {
    if (!open()) return false;
    const std::uint64_t limit = Words::load(*state_.peer_index) + state_.ahead;
    if (limit - state_.limit > state_.capacity - room()) {
      state_.corrupt = true;
      state_.run_end = state_.next;
      return false;
    }
    state_.limit = limit;
    return true;
  }
  void renew_run() {
    const std::span<std::byte> here = piece();
    const bool aligned = offset() % kStreamMessageBytes == 0;
    state_.next = here.data();
    state_.run_end = here.data() + (aligned ? here.size() / kStreamMessageBytes * kStreamMessageBytes : 0);
  }
  /// The compiler may not read the ring again for what has been copied out of it.
  static void copied() { std::atomic_signal_fence(std::memory_order_seq_cst); }
  /// The own index into shared memory, and a bell if the other side sleeps.
  Result<void> publish() {
    Words::store(*state_.own_index, state_.mine);
    const std::uint64_t sleeps = Words::load(*state_.peer_sleeps);
    if (sleeps % 2 != 0) [[unlikely]]
      return wake(sleeps);
    return {};
  }
  /// One bell for each sleep: until it is heard, more would only be more system calls.
  [[gnu::noinline]] Result<void> wake(std::uint64_t sleeps) {
    if (sleeps == state_.rung_for) return {};
    const Result<void> rung = bell_.ring();
    if (rung) state_.rung_for = sleeps;
    return rung;
  }
  Result<void> sleep(std::uint64_t wanted, Deadline deadline) {
    Words::store(*state_.own_sleeps, ++state_.sleeps);
    Result<void> rung;
    // The other side may have advanced before it could see the line above.
    if (look() && room() < wanted) rung = bell_.wait(deadline);
    Words::store(*state_.own_sleeps, ++state_.sleeps);
    return rung;
  }

  State state_;
  Bell bell_{};
};

}  // namespace detail
}  // namespace granary
