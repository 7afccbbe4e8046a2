// SPDX-License-Identifier: Apache-2.0
//
// SchedulingContext: whose time it is. What runs is a thread on a context: its own, or while it serves a call that of
// the caller (design 8). Counts the time that was spent on it; one with a budget has a Limit besides.
//
// INVARIANT: at most one thread that could run is on a context; while a caller waits for its reply, that is the server.
// INVARIANT: a Limit is in its core's queue of refills while some thread is held by it.
#pragma once

#include <cstdint>

#include "ipc/abi/abi.hpp"
#include "kernel/base/intrusive_list.hpp"
#include "kernel/base/relaxed.hpp"
#include "kernel/budget.hpp"
#include "kernel/timer_queue.hpp"

namespace kernel {

class Thread;

/// As a manifest gives it. `amount` 0: without a budget.
struct BudgetDescription {
  std::uint32_t amount = 0;  ///< microseconds, abi::kBudgetMinimum to `period`
  std::uint32_t period = 0;  ///< microseconds, abi::kPeriodMinimum to abi::kPeriodMaximum
  abi::Overrun overrun = abi::Overrun::Throttle;
};

/// Membership of a thread among those that a context holds. Base class of Thread.
struct HeldLink {
  base::ListNode<HeldLink> held_node;
};

/// What a context with a budget has besides.
struct Limit : TimerLink {
  Limit(base::Ticks amount, base::Ticks period, abi::Overrun what_then, Thread& whose)
      : budget(amount, period), overrun(what_then), owner(whose) {}

  Budget budget;
  const abi::Overrun overrun;
  Thread& owner;                                             ///< whose own context it limits
  std::uint64_t exhaustions = 0;                             ///< how often somebody would have run on
  base::IntrusiveList<HeldLink, &HeldLink::held_node> held;  ///< Ready, and in no run queue until something comes back
};

struct SchedulingContext {
  base::Relaxed<std::uint64_t> used;  ///< ticks that it has paid; while it pays, less the time at which that began
  Limit* limit = nullptr;             ///< null: without a budget
  std::uint8_t partition = 0;         ///< of the silo that pays (core_windows.cpp)

  /// Nothing needs to be asked before a thread runs on it while this is the open partition.
  bool is_plain(std::uint8_t open) const { return limit == nullptr && partition == open; }
};

}  // namespace kernel
