// SPDX-License-Identifier: Apache-2.0
//
// TimerQueue: the deadlines of one core's blocked threads, or the timers of silos that run there: a bounded binary heap
// with the earliest on top. Insertion, removal and expiry cost at most log2(1024) = 10 steps; the earliest is known at
// once. Owns the heap, not what is in it. A queue holds one kind of thing, so its owner knows what a link leads to.
// Used by its core alone, so it needs no lock.
//
// INVARIANT: heap_[link.place] == &link for every queued link; place is kNotQueued if and only if it is not queued.
// INVARIANT: no element is earlier than its parent. A deadline does not change while queued.
// INVARIANT: it cannot overflow: at most kThreadsMaximum threads, abi::kTimersMaximum timers and kSilosMaximum
// watchdogs exist, each has one link, and a link is queued once.
#pragma once

#include <cstdint>

#include "kernel/base/ids.hpp"
#include "kernel/limits.hpp"

namespace kernel {

/// A moment to wait for. Base class of Thread and TimerObject, so that a link leads back without a pointer.
struct TimerLink {
  static constexpr std::uint16_t kNotQueued = 0xffff;
  base::Ticks deadline;
  std::uint16_t place = kNotQueued;

  constexpr bool is_timed() const { return place != kNotQueued; }
};

class TimerQueue {
 public:
  static constexpr unsigned kCapacity = kThreadsMaximum;

  constexpr unsigned size() const { return count_; }
  /// Ticks::forever() if there is none.
  constexpr base::Ticks earliest() const { return count_ == 0 ? base::Ticks::forever() : heap_[0]->deadline; }

  /// The link is not queued. A deadline of forever() is not queued at all.
  void insert(TimerLink& link, base::Ticks deadline);
  /// Takes the link out; no effect if it is not queued.
  void remove(TimerLink& link);
  /// Takes out the earliest if its deadline is at or before `now`, else null.
  TimerLink* take_expired(base::Ticks now);

 private:
  void put(unsigned place, TimerLink& link);
  void move_up(unsigned place, TimerLink& link);
  void move_down(unsigned place, TimerLink& link);

  static_assert(kCapacity < TimerLink::kNotQueued, "every place has a number");
  static_assert(abi::kTimersMaximum <= kCapacity, "every timer has a place");
  static_assert(kSilosMaximum <= kCapacity, "every watchdog has a place");
  unsigned count_ = 0;
  TimerLink* heap_[kCapacity] = {};
};

}  // namespace kernel
