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
// with more of them is among the pending points, which continue_raising() works off.
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
  static constexpr std::uint32_t kBindingsPerPoint = 8;
  static constexpr std::uint32_t kWakesPerRaise = 8;

  constexpr WatchPoint() = default;
  WatchPoint(const WatchPoint&) = delete;
  WatchPoint& operator=(const WatchPoint&) = delete;

  /// The condition is true now: bits are set, parties that wait for any are woken with the place in their set.
  void raise(WakeList& wakes) {
    if (!bindings_.is_empty() || !watches_.is_empty()) raise_all(wakes);
  }

  void add(Watch& watch);
  void remove(Watch& watch) { watches_.remove(watch); }
  /// False if there are kBindingsPerPoint already.
  [[nodiscard]] bool bind(Binding& binding, Notification& notification, std::uint64_t bits);
  bool is_bound_to(const Notification& notification) const;

  /// The object ends: bindings are taken out one after the other; null when none is left. The caller frees it.
  Binding* unbind_any();
  /// Wakes at most kWakesPerRaise more; true when none waits any more.
  bool continue_raising(WakeList& wakes);
  /// Before the object's memory is given back.
  void forget();

  base::ListNode<WatchPoint> pending_node;  ///< in the list of watch.cpp

 private:
  friend void unbind(Binding& binding);
  void raise_all(WakeList& wakes);
  base::IntrusiveList<Watch, &Watch::node> watches_;
  base::IntrusiveList<Binding, &Binding::at_point> bindings_;
};

/// Out of its point and its notification; the caller frees it.
void unbind(Binding& binding);

/// Whether a raise has left parties to wake; the kernel then calls continue_raising_one() in steps.
bool raising_is_pending();
/// Start of boot.
void forget_raising();
/// One bounded step.
void continue_raising_one(WakeList& wakes);

}  // namespace ipc
