// SPDX-License-Identifier: Apache-2.0
//
// TypedChannel<T>: a bounded queue of T with counted senders and receivers, any number of each, for the kernel's own
// use and for tests; silos have Channel. Owns one locked state: both counts, the queue and who waits. Whether a side is
// gone is never stored, it is that its count is 0, so minting a handle brings a side back in the same step. The creator
// gives the storage; nothing is allocated.
//
// A blocking operation tests its condition and links its waiter under one lock. Whoever makes the wish come true does
// the waiter's work under the same lock, takes it off the list, and wakes its thread after unlocking: a wake-up goes to
// one waiter, that waiter has its result already, and nobody overtakes who waits longer. A thread that gives up
// (deadline, its end) leaves the list under the lock, or has been served and takes the result.
//
// The kernel never blocks, so it has the try_ forms only; who can block brings a Blocker (tests: HostBlocker).
//
// INVARIANT: waiting_receivers is not empty => the queue is empty and senders != 0.
// INVARIANT: waiting_senders is not empty => the queue is full and receivers != 0.
// INVARIANT: sent = received + discarded + queued. Success of a send means queued, not received.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include "kernel/base/guarded.hpp"
#include "kernel/base/intrusive_list.hpp"
#include "kernel/base/result.hpp"

namespace ipc {

enum class [[nodiscard]] WaitEnd : std::uint8_t{Woken, GaveUp};

/// How a thread waits. One per thread; it lives until no other thread can be inside wake() any more. Each wake() ends
/// exactly one wait, also one that begins later.
template <typename B>
concept Blocker = requires(B& thread) {
  { thread.wait() } -> std::same_as<WaitEnd>;  ///< until woken, or until the thread has a reason to give up
  thread.wait_for_wake();                      ///< whatever happens: a wake-up is certain to come
  thread.wake();                               ///< from any thread
};

/// Of who never blocks.
struct NeverBlocks {};

struct TypedStatistics {
  std::uint64_t sent, received;
  std::uint64_t discarded;  ///< queued when the last handle went
  std::size_t queued, capacity;
  std::uint32_t senders, receivers;
};

enum class Side : std::uint8_t { Sending, Receiving };

template <typename T, typename B, Side kSide>
class TypedEnd;
template <typename T, typename B = NeverBlocks>
using Sender = TypedEnd<T, B, Side::Sending>;
template <typename T, typename B = NeverBlocks>
using Receiver = TypedEnd<T, B, Side::Receiving>;

template <typename T, typename B = NeverBlocks>
class TypedChannel {
  static_assert(std::is_nothrow_move_assignable_v<T> && std::is_nothrow_default_constructible_v<T>,
                "a message is moved under a lock, and a slot without one holds T{}");

 public:
  using Unlocked = base::Held<base::LockRank::Nothing>;
  struct Ends {
    Sender<T, B> sender;
    Receiver<T, B> receiver;
  };

  /// Capacity 0 is taken as 1. Less storage than the capacity is a kernel bug and traps.
  TypedChannel(std::span<T> storage, std::size_t capacity) : state_(storage, capacity == 0 ? 1 : capacity) {}
  TypedChannel(const TypedChannel&) = delete;
  TypedChannel& operator=(const TypedChannel&) = delete;

  /// The first handle of each side. Only while there is none; otherwise it traps.
  template <base::LockRank kHeld>
  Ends open(base::Held<kHeld> held) {
    state_.with(held, [](State& state, auto) {
      if (state.count[0] != 0 || state.count[1] != 0) __builtin_trap();
      state.count[0] = state.count[1] = 1;
    });
    return Ends{Sender<T, B>(*this), Receiver<T, B>(*this)};
  }
  template <base::LockRank kHeld>
  TypedStatistics statistics(base::Held<kHeld> held) {
    return state_.with(held, [](State& state, auto) {
      return TypedStatistics{state.sent,     state.received, state.discarded, state.queued,
                             state.capacity, state.count[0], state.count[1]};
    });
  }

 private:
  template <typename, typename, Side>
  friend class TypedEnd;

  /// A blocked operation; lies on the stack of its thread.
  struct Waiter {
    B& thread;
    T& message;  ///< to be sent from here, or received into
    base::Result<void> status = base::Error::EAGAIN;
    bool is_done = false;  ///< under the lock: taken off the list, its thread is or will be woken
    base::ListNode<Waiter> node = {};
  };
  using Waiters = base::IntrusiveList<Waiter, &Waiter::node>;

  struct State {
    State(std::span<T> memory, std::size_t slots) : storage(memory), capacity(slots) {
      if (memory.size() < slots) __builtin_trap();
    }
    base::Result<void> attempt(Side side, T& message, Waiters& woken) {
      return side == Side::Sending ? send(message, woken) : receive(message, woken);
    }
    base::Result<void> send(T& message, Waiters& woken) {
      if (count[1] == 0) return base::Error::EPIPE;
      if (Waiter* const receiver = waiting[1].pop_front()) {
        receiver->message = std::move(message);
        ++sent;
        ++received;
        finish(*receiver, {}, woken);
        return {};
      }
      if (queued == capacity) return base::Error::EAGAIN;
      enqueue(message);
      return {};
    }
    base::Result<void> receive(T& into, Waiters& woken) {
      if (queued == 0) return count[0] == 0 ? base::Error::EPIPE : base::Error::EAGAIN;
      into = dequeue();
      ++received;
      if (Waiter* const sender = waiting[0].pop_front()) {
        enqueue(sender->message);
        finish(*sender, {}, woken);
      }
      return {};
    }
    void enqueue(T& message) {
      storage[(first + queued) % capacity] = std::move(message);
      ++queued;
      ++sent;
    }
    T dequeue() {
      T message = std::exchange(storage[first], T{});
      first = (first + 1) % capacity;
      --queued;
      return message;
    }
    void finish(Waiter& waiter, base::Result<void> status, Waiters& woken) {
      waiter.status = status;
      waiter.is_done = true;
      woken.push_back(waiter);
    }
    void drop(Side side, Waiters& woken) {
      if (--count[static_cast<unsigned>(side)] != 0) return;
      // Nobody is left to serve the other side. Waiters of this side, whose handle was taken from under them, end too.
      for (Waiters& list : waiting) {
        while (Waiter* const waiter = list.pop_front()) finish(*waiter, base::Error::EPIPE, woken);
      }
      if (count[0] != 0 || count[1] != 0) return;
      for (; queued != 0; ++discarded) static_cast<void>(dequeue());
    }

    std::span<T> storage;
    std::size_t capacity;
    std::size_t first = 0, queued = 0;
    std::uint32_t count[2] = {0, 0};  ///< senders, receivers
    Waiters waiting[2];               ///< senders, receivers; first come, first served
    std::uint64_t sent = 0, received = 0, discarded = 0;
  };

  /// After unlocking. A waiter is gone as soon as its thread is woken.
  static void wake_all(Waiters& woken) {
    while (Waiter* const waiter = woken.pop_front()) {
      if constexpr (Blocker<B>) waiter->thread.wake();
    }
  }

  template <base::LockRank kHeld>
  base::Result<void> attempt(base::Held<kHeld> held, Side side, T& message) {
    Waiters woken;
    const base::Result<void> status =
        state_.with(held, [&](State& state, auto) { return state.attempt(side, message, woken); });
    wake_all(woken);
    return status;
  }

  static bool must_wait(base::Result<void> status) { return !status.ok() && status.error() == base::Error::EAGAIN; }
  base::Result<void> attempt_or_wait(Unlocked held, Side side, T& message, B& thread) requires Blocker<B> {
    Waiters woken;
    Waiter self{thread, message};
    const base::Result<void> at_once = state_.with(held, [&](State& state, auto) {
      const base::Result<void> status = state.attempt(side, message, woken);
      if (must_wait(status)) state.waiting[static_cast<unsigned>(side)].push_back(self);
      return status;
    });
    wake_all(woken);
    if (!must_wait(at_once)) return at_once;
    if (thread.wait() == WaitEnd::Woken) return self.status;
    const bool was_served = state_.with(held, [&](State& state, auto) {
      if (!self.is_done) state.waiting[static_cast<unsigned>(side)].remove(self);
      return self.is_done;
    });
    if (!was_served) return base::Error::ETIMEDOUT;
    thread.wait_for_wake();
    return self.status;
  }

  base::Guarded<State, base::LockRank::TypedChannel> state_;
};

/// A handle: one of the channel's senders or receivers. It moves; it is copied by clone() and ended by drop(), which
/// take the lock and so say where they happen. Destroying one that was not dropped is a kernel bug and traps. Several
/// threads may use one handle at once, but not while it is moved or dropped.
template <typename T, typename B, Side kSide>
class TypedEnd {
 public:
  using Unlocked = base::Held<base::LockRank::Nothing>;
  static constexpr Side kOtherSide = kSide == Side::Sending ? Side::Receiving : Side::Sending;

  constexpr TypedEnd() = default;
  TypedEnd(TypedEnd&& other) noexcept : channel_(std::exchange(other.channel_, nullptr)) {}
  TypedEnd& operator=(TypedEnd&& other) noexcept {
    if (channel_ != nullptr) __builtin_trap();
    channel_ = std::exchange(other.channel_, nullptr);
    return *this;
  }
  ~TypedEnd() {
    if (channel_ != nullptr) __builtin_trap();
  }

  bool is_attached() const { return channel_ != nullptr; }
  template <base::LockRank kHeld>
  TypedEnd clone(base::Held<kHeld> held) const {
    return mint<kSide>(held);
  }
  /// A handle of the other side; if that side was gone, it is back.
  template <base::LockRank kHeld>
  TypedEnd<T, B, kOtherSide> mint_other(base::Held<kHeld> held) const {
    return mint<kOtherSide>(held);
  }
  /// The last of its side wakes all who wait for it.
  template <base::LockRank kHeld>
  void drop(base::Held<kHeld> held) {
    TypedChannel<T, B>& channel = *std::exchange(channel_, nullptr);
    typename TypedChannel<T, B>::Waiters woken;
    channel.state_.with(held, [&](auto& state, auto) { state.drop(kSide, woken); });
    channel.wake_all(woken);
  }
  /// The other side has no handles.
  template <base::LockRank kHeld>
  bool is_disconnected(base::Held<kHeld> held) const {
    return channel_->state_.with(held,
                                 [](auto& state, auto) { return state.count[static_cast<unsigned>(kOtherSide)] == 0; });
  }

  /// EPIPE no receivers; EAGAIN full. The message is moved from on success only; on an error it is where it was.
  template <base::LockRank kHeld>
  base::Result<void> try_send(base::Held<kHeld> held, T& message) requires(kSide == Side::Sending) {
    return channel_->attempt(held, kSide, message);
  }
  /// What is queued first; then EPIPE no senders, or EAGAIN. `into` is written on success only.
  template <base::LockRank kHeld>
  base::Result<void> try_receive(base::Held<kHeld> held, T& into) requires(kSide == Side::Receiving) {
    return channel_->attempt(held, kSide, into);
  }
  /// Waits while full; ETIMEDOUT the thread gave up. Not with a lock held.
  base::Result<void> send(Unlocked held, T& message, B& thread) requires(kSide == Side::Sending && Blocker<B>) {
    return channel_->attempt_or_wait(held, kSide, message, thread);
  }
  /// Waits while empty; ETIMEDOUT the thread gave up. Not with a lock held.
  base::Result<void> receive(Unlocked held, T& into, B& thread) requires(kSide == Side::Receiving && Blocker<B>) {
    return channel_->attempt_or_wait(held, kSide, into, thread);
  }

 private:
  friend class TypedChannel<T, B>;
  template <typename, typename, Side>
  friend class TypedEnd;
  explicit TypedEnd(TypedChannel<T, B>& channel) : channel_(&channel) {}

  template <Side kWanted, base::LockRank kHeld>
  TypedEnd<T, B, kWanted> mint(base::Held<kHeld> held) const {
    channel_->state_.with(held, [](auto& state, auto) { ++state.count[static_cast<unsigned>(kWanted)]; });
    return TypedEnd<T, B, kWanted>(*channel_);
  }

  TypedChannel<T, B>* channel_ = nullptr;
};

}  // namespace ipc
