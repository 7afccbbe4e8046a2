// SPDX-License-Identifier: Apache-2.0
//
// Guarded<T, rank>: data inside its lock. The only way to it is with(held, function), where `held` proves which rank
// the caller holds already and that interrupts are masked. A wrong order does not compile: with() requires rank(held) <
// rank.
//
// INVARIANT: the value is touched only between acquire and release of the lock.
#pragma once

#include <atomic>
#include <utility>

#include "kernel/base/lock_rank.hpp"
#include "kernel/base/rank_check.hpp"
#include "kernel/base/tokens.hpp"

namespace base {

/// Proof that the most inner lock held has rank `kRank`, and that interrupts are masked.
template <LockRank kRank>
class Held {
 public:
  static constexpr LockRank rank = kRank;

 private:
  constexpr explicit Held(InterruptsMasked) {}
  template <typename T, LockRank kOther>
  friend class Guarded;
  friend constexpr Held<LockRank::Nothing> hold_nothing(InterruptsMasked);
};

/// Where a kernel entry begins: interrupts are masked and no lock is held.
constexpr Held<LockRank::Nothing> hold_nothing(InterruptsMasked masked) { return Held<LockRank::Nothing>(masked); }

template <typename T, LockRank kRank>
class Guarded {
 public:
  template <typename... Arguments>
  constexpr explicit Guarded(Arguments&&... arguments) : value_(std::forward<Arguments>(arguments)...) {}
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  /// Runs function(value, held-token) under the lock and returns what it returns. The function does not block and does
  /// not throw.
  template <LockRank kHeld, typename Function>
  decltype(auto) with(Held<kHeld>, Function&& function) {
    static_assert(kHeld < kRank, "lock order: this lock ranks below one that is already held");
    [[maybe_unused]] const RankCheck check(kRank);
    const Lock lock(locked_);
    return std::forward<Function>(function)(value_, Held<kRank>(TokenSource::interrupts_masked()));
  }

 private:
  /// ORDERING: acquire on taking, release on giving: what one holder wrote is seen by the next. Fair enough for the few
  /// short holds there are; contention starts with several cores.
  class Lock {
   public:
    explicit Lock(std::atomic<bool>& locked) : locked_(locked) {
      while (locked_.exchange(true, std::memory_order_acquire)) {
        while (locked_.load(std::memory_order_relaxed)) {
        }
      }
    }
    ~Lock() { locked_.store(false, std::memory_order_release); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    std::atomic<bool>& locked_;
  };

  std::atomic<bool> locked_{false};
  T value_;
};

}  // namespace base
