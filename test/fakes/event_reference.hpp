// SPDX-License-Identifier: Apache-2.0
//
// What notifications, semaphores, waiting for any and bindings mean, in the plainest words that run, on top of what
// ports and channels mean (ipc_reference.hpp). ipc/event_reference_test.cpp runs it beside the state machines.
#pragma once

#include <algorithm>

#include "test/fakes/ipc_reference.hpp"

namespace fakes {

class EventReference : public IpcReference {
 public:
  static constexpr std::size_t kWakesPerRaise = 8, kWaiters = 32, kBindings = 8;

  struct Notification {
    std::uint64_t bits = 0;
    bool gone = false;
    std::deque<Index> waiters;
  };
  struct Semaphore {
    std::uint64_t count = 0;
    bool gone = false;
    std::deque<Index> waiters;
  };
  struct Watcher {
    Index who;
    unsigned place;
  };
  struct Bound {
    Index notification;
    std::uint64_t bits;
    std::uint64_t number;
  };
  struct Point {
    std::deque<Watcher> watchers;
    std::deque<Index> due;  ///< of a raise that is not finished: who is still to be woken
    std::vector<Bound> bound;
  };

  std::vector<Notification> notification;
  std::vector<Semaphore> semaphore;
  std::vector<std::uint64_t> mask;  ///< of each party
  std::vector<Point> point;
  std::deque<Index> pending;  ///< points

  // Points by number: two of each port, four of each channel, one of each notification and semaphore.

  Index of_port(Index at, bool writable) const { return 2 * at + (writable ? 1 : 0); }
  Index of_channel(Index at, unsigned end, bool writable) const {
    return 2 * port.size() + 4 * at + 2 * end + (writable ? 1 : 0);
  }
  Index of_notification(Index at) const { return 2 * port.size() + 4 * channel.size() + at; }
  Index of_semaphore(Index at) const { return of_notification(notification.size()) + at; }
  Index points() const { return of_semaphore(semaphore.size()); }

  bool holds(Index number) const {
    if (number < of_channel(0, 0, false)) {
      const Port& p = port[number / 2];
      return !p.alive || (number % 2 == 0 ? !p.queue.empty() : p.slots() < abi::kPortQueueCapacity);
    }
    if (number < of_notification(0)) {
      const Index rest = number - of_channel(0, 0, false);
      const Channel& c = channel[rest / 4];
      const unsigned end = rest / 2 % 2;
      if (c.gone[0] || c.gone[1]) return true;
      return rest % 2 == 0 ? !c.lane[1 - end].queue.empty() : c.lane[end].queue.size() < c.capacity;
    }
    if (number < of_semaphore(0)) {
      const Notification& n = notification[number - of_notification(0)];
      return n.bits != 0 || n.gone;
    }
    const Semaphore& s = semaphore[number - of_semaphore(0)];
    return s.count != 0 || s.gone;
  }

  // Operations; true if the party's completed at once.

  void signal(Index at, std::uint64_t bits) {
    Notification& n = notification[at];
    if (bits == 0) return;
    n.bits |= bits;
    for (auto it = n.waiters.begin(); it != n.waiters.end();) {
      const std::uint64_t taken = n.bits & mask[*it];
      if (taken == 0) {
        ++it;
        continue;
      }
      n.bits &= ~taken;
      wakes(*it, {.error = {}, .message = taken});
      it = n.waiters.erase(it);
    }
    if (n.bits != 0) raise(of_notification(at));
  }
  bool wait(Index who, Index at, std::uint64_t wanted, bool may_block) {
    Notification& n = notification[at];
    if (wanted == 0) return ends(who, {base::Error::EINVAL});
    if (const std::uint64_t taken = n.bits & wanted; taken != 0) {
      n.bits &= ~taken;
      return ends(who, {.error = {}, .message = taken});
    }
    if (n.gone) return ends(who, {base::Error::EPIPE});
    if (!may_block) return ends(who, {base::Error::EAGAIN});
    if (n.waiters.size() == kWaiters) return ends(who, {base::Error::EBUSY});
    n.waiters.push_back(who);
    mask[who] = wanted;
    return waits(who, Wait::Queue, at, {});
  }
  bool disconnect_notification(Index at, std::size_t limit) {
    Notification& n = notification[at];
    const bool is_new = !n.gone;
    n.gone = true;
    if (is_new) raise(of_notification(at));
    release(n.waiters, limit);
    return n.waiters.empty();
  }

  bool post(Index at) {
    Semaphore& s = semaphore[at];
    if (!s.waiters.empty()) {
      wakes(take(s.waiters), {});
      return true;
    }
    if (s.count == 2147483647) return false;
    ++s.count;
    raise(of_semaphore(at));
    return true;
  }
  bool acquire(Index who, Index at, bool may_block) {
    Semaphore& s = semaphore[at];
    if (s.count != 0) {
      --s.count;
      return ends(who, {});
    }
    if (s.gone) return ends(who, {base::Error::EPIPE});
    if (!may_block) return ends(who, {base::Error::EAGAIN});
    s.waiters.push_back(who);
    return waits(who, Wait::Queue, at, {});
  }
  bool disconnect_semaphore(Index at, std::size_t limit) {
    Semaphore& s = semaphore[at];
    const bool is_new = !s.gone;
    s.gone = true;
    if (is_new) raise(of_semaphore(at));
    release(s.waiters, limit);
    return s.waiters.empty();
  }

  /// Blocks; none of the conditions holds.
  void wait_any(Index who, const std::vector<std::pair<Index, unsigned>>& set) {
    for (const auto& [number, place] : set) point[number].watchers.push_back({who, place});
    waits(who, Wait::Any, 0, {});
  }
  /// The raises of the last operation on a port or channel, in order.
  void act_on_raised() {
    for (const Raised& one : raised) {
      raise(one.is_port ? of_port(one.object, one.is_writable) : of_channel(one.object, one.end, one.is_writable));
    }
    raised.clear();
  }
  void raise(Index number) {
    for (const Bound& bound : std::vector(point[number].bound)) signal(bound.notification, bound.bits);
    Point& p = point[number];
    p.due.clear();
    for (const Watcher& watcher : p.watchers) {
      if (std::find(p.due.begin(), p.due.end(), watcher.who) == p.due.end()) p.due.push_back(watcher.who);
    }
    if (!go_on(number) && std::find(pending.begin(), pending.end(), number) == pending.end()) pending.push_back(number);
  }
  void continue_one() {
    if (!pending.empty() && go_on(pending.front())) pending.pop_front();
  }

  // What comes from outside.

  void cancel(Index who, base::Error error) {
    if (leave(who)) {
      ends(who, {error});
    } else {
      IpcReference::cancel(who, error);
    }
  }
  void dies(Index who) {
    if (leave(who)) ends(who, {base::Error::EPIPE});
    IpcReference::dies(who);
  }

 private:
  /// Wakes so many of those who are due; true when nobody is.
  bool go_on(Index number) {
    Point& p = point[number];
    for (std::size_t woken = 0; woken < kWakesPerRaise && !p.due.empty(); ++woken) {
      const Index who = p.due.front();
      std::uint64_t places = 0;
      for (const Watcher& watcher : p.watchers) places |= watcher.who == who ? std::uint64_t{1} << watcher.place : 0;
      leave(who);
      wakes(who, {.error = {}, .message = places});
    }
    return p.due.empty();
  }
  /// Out of every queue of this file; false if it was in none.
  bool leave(Index who) {
    if (party[who].wait != Wait::Queue && party[who].wait != Wait::Any) return false;
    for (Notification& n : notification) drop(n.waiters, who);
    for (Semaphore& s : semaphore) drop(s.waiters, who);
    for (Point& p : point) {
      std::erase_if(p.watchers, [&](const Watcher& watcher) { return watcher.who == who; });
      drop(p.due, who);
    }
    return true;
  }
};

}  // namespace fakes
