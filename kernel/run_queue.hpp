// SPDX-License-Identifier: Apache-2.0
//
// RunQueue: the ready threads of one core. 64 priorities, first in first out within one, every operation in constant
// time. Owns the links between ready threads, not the threads. Used by its core alone, so it needs no lock.
//
// INVARIANT: bit p of occupied_ is set if and only if level p has a thread.
// INVARIANT: a link is in at most one queue, at most once; level is kNotQueued if and only if it is in none.
#pragma once

#include <bit>
#include <cstdint>

#include "ipc/abi/abi.hpp"
#include "kernel/base/ids.hpp"

namespace kernel {

/// A thread's place among the ready ones. Base class of Thread, so that a link leads back to its thread without a
/// pointer.
struct ReadyLink {
  static constexpr std::uint8_t kNotQueued = 0xff;
  ReadyLink* next = nullptr;
  ReadyLink* previous = nullptr;
  std::uint8_t level = kNotQueued;

  constexpr bool is_queued() const { return level != kNotQueued; }
  /// One by one: g++ 12 writes a whole default value byte by byte.
  constexpr void forget() {
    next = nullptr;
    previous = nullptr;
    level = kNotQueued;
  }
};

class RunQueue {
 public:
  constexpr bool is_empty() const { return occupied_ == 0; }
  constexpr bool has(base::Priority priority) const { return ((occupied_ >> priority.value()) & 1) != 0; }

  /// True if something more urgent than `priority` is ready.
  constexpr bool has_more_urgent_than(base::Priority priority) const {
    return occupied_ != 0 && most_urgent().is_more_urgent_than(priority);
  }

  /// Only if not empty.
  constexpr base::Priority most_urgent() const {
    return base::Priority(static_cast<std::uint8_t>(63 - std::countl_zero(occupied_)));
  }

  /// The longest waiting of the most urgent; null if empty.
  constexpr ReadyLink* front() const { return occupied_ == 0 ? nullptr : level_[most_urgent().value()].first; }

  /// Behind all others of its priority. The link is in no queue.
  void push_back(ReadyLink& link, base::Priority priority);
  /// Before all others of its priority: for a thread that was preempted and has not used up its turn. In no queue.
  void push_front(ReadyLink& link, base::Priority priority);
  /// Takes out the first of the most urgent. Only if not empty.
  ReadyLink& pop_front();
  /// This queue is empty: all that is in the other one, which is empty then. As many steps as there are priorities
  /// in use.
  void take_all_of(RunQueue& other);
  /// Takes the link out of this queue; no effect if it is in none.
  void remove(ReadyLink& link);

 private:
  struct Level {
    ReadyLink* first = nullptr;
    ReadyLink* last = nullptr;
  };

  static_assert(abi::kPriorityCount == 64, "one bit of occupied_ per priority");
  std::uint64_t occupied_ = 0;
  Level level_[abi::kPriorityCount] = {};
};

}  // namespace kernel
