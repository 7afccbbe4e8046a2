// SPDX-License-Identifier: Apache-2.0
//
// Watching a condition of an object without taking anything: WatchPoint is one condition (a port is readable, this end
// of a channel is writable). Two kinds of watchers: a thread that waits for any of several conditions is linked in each
// by a Watch, and a Binding sets bits of a notification each time. An object raises its points at the places where a
// condition becomes true; who is woken looks again, so a point may be raised once too often, never too seldom.
//
// INVARIANT: a party has linked watches if and only if it waits for Waiting::Any; all go in the same step.
// INVARIANT: a binding is linked in its point and in its notification, or in neither.
// INVARIANT: at most kBindingsPerPoint bindings; at most kWakesPerRaise parties are woken by one raise, and a point
// with more of them is among the pending points, which continue_raising() works off. It wakes those who watched when
// the point was raised and nobody who came later, so it comes to an end whatever the woken ones do.
#pragma once

#include <cstdint>

#include "ipc/party.hpp"
#include "kernel/base/intrusive_list.hpp"

namespace ipc {

class Notification;

struct Binding {
  base::ListNode<Binding> at_point;
  base::ListNode<Binding> at_notification;
  WatchPoint* point = nullptr;
  Notification* notification = nullptr;
  std::uint64_t bits = 0;
};

class WatchPoint {
 public:
  static constexpr std::uint32_t kBindingsPerPoint = abi::kBindingsPerEvent;
  static constexpr std::uint32_t kWakesPerRaise = 8;

  constexpr WatchPoint() = default;
  WatchPoint(const WatchPoint&) = delete;
  WatchPoint& operator=(const WatchPoint&) = delete;

  /// The condition is true now: bits are set, parties that wait for any are woken with their places in their sets.
  void raise(WakeList& wakes) {
    if (has_listeners()) raise_all(wakes);
  }

  /// A raise reaches somebody.
  bool has_listeners() const { return !bindings_.is_empty() || !watches_.is_empty(); }
  void add(Watch& watch);
  void remove(Watch& watch) { watches_.remove(watch); }
  bool is_watched() const { return !watches_.is_empty(); }

  bool has_room_for_binding() const { return bindings_.size() < kBindingsPerPoint; }
  /// There is room for it.
  void bind(Binding& binding, Notification& notification, std::uint64_t bits);
  Binding* first_binding() const { return bindings_.front(); }
  Binding* next_binding(const Binding& binding) const { return bindings_.next(binding); }

  /// Wakes at most kWakesPerRaise more; true when none is left of those who watched when it was raised.
  bool continue_raising(WakeList& wakes);
  /// Before the object's memory is given back: nobody watches it any more, and no binding is left (else it traps).
  void forget();

  base::ListNode<WatchPoint> pending_node;  ///< in the list of watch.cpp

 private:
  friend void unbind(Binding& binding);
  void raise_all(WakeList& wakes);
  base::IntrusiveList<Watch, &Watch::node> watches_;  ///< who has watched longest comes first
  base::IntrusiveList<Binding, &Binding::at_point> bindings_;
  std::uint32_t raises_ = 0;  ///< that met a watcher; two that differ by 2^32 never meet, as every raise is finished
};

/// The points of a set, by place and event (abi::Event - 1); null where nothing is asked for.
struct WatchSet {
  WatchPoint* point[abi::kWaitAnyMaximum * kEvents] = {};
};
/// Blocks the party until one of the points is raised; none of their conditions holds now.
Outcome wait_for_any(Party& party, const WatchSet& set);

/// Out of its point and its notification; the caller frees it.
void unbind(Binding& binding);

/// Whether a raise has left parties to wake; the kernel then calls continue_raising_one() in steps.
bool raising_is_pending();
/// One bounded step.
void continue_raising_one(WakeList& wakes);
/// Start of boot: nothing is left of a system before.
void forget_raises();

}  // namespace ipc
