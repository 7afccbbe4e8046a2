// SPDX-License-Identifier: Apache-2.0
//
// A world in virtual time for what waits for many objects: things happen at ticks, and a wait goes on to the next of
// them. Fake objects are handles as real ones are: a copy names the same. They have of Port, Channel and Notification
// what an executor or a loop uses.
#pragma once

#include <deque>
#include <map>

#include "granary/executor.hpp"
#include "test/sdk/sdk_host.hpp"

namespace sdk_host {

/// What stands behind a handle.
struct FakeObject {
  std::uint64_t handle = 0, bits = 0;
  std::deque<int> items;
  unsigned room = 0;
  bool ended = false, bad = false, refills = false;

  bool readable() const { return !items.empty() || ended || refills || bits != 0; }
  bool writable() const { return room > 0; }
};

class FakeWorld {
 public:
  FakeWorld();
  ~FakeWorld();
  /// Runs it when the clock comes to `tick`.
  void at(std::uint64_t tick, std::function<void()> event) { events_.emplace(tick, std::move(event)); }
  std::uint64_t now() const { return now_; }
  /// System calls that waited, or could have.
  unsigned waits() const { return waits_; }
  granary::Error fails_with{0};  ///< every wait, if it is an error

  FakeObject* add();
  granary::Result<std::uint64_t> wait_for_any(unsigned count, const std::uint64_t* places, std::uint64_t deadline);
  void sleep_until(std::uint64_t tick);

 private:
  /// To the next event, or to `until`. False: that is never.
  bool advance(std::uint64_t until);
  granary::Result<std::uint64_t> ready_of(unsigned count, const std::uint64_t* places) const;

  std::deque<FakeObject> objects_;
  std::multimap<std::uint64_t, std::function<void()>> events_;
  std::uint64_t now_ = 10;
  unsigned waits_ = 0;
};

class FakeHandle {
 public:
  explicit FakeHandle(FakeWorld& world) : object_(world.add()) {}
  std::uint64_t value() const { return object_->handle; }
  void break_handle() const { object_->bad = true; }

 protected:
  FakeObject* object_;
};

/// Messages are numbers.
class FakeQueue : public FakeHandle {
 public:
  using FakeHandle::FakeHandle;
  void put(int item) const { object_->items.push_back(item); }
  void steal() const { object_->items.clear(); }
  void end() const { object_->ended = true; }
  void refill_for_ever() const { object_->refills = true; }
  void make_room(unsigned messages) const { object_->room = messages; }

  granary::Result<int> try_receive() const {
    if (object_->bad) return granary::kBadHandle;
    if (object_->refills) return 1;
    if (object_->items.empty()) return object_->ended ? granary::kPeerGone : granary::kWouldBlock;
    const int item = object_->items.front();
    object_->items.pop_front();
    return item;
  }
  granary::Result<void> try_send(const granary::Message&) const {
    if (object_->room == 0) return granary::kWouldBlock;
    --object_->room;
    return {};
  }
};

class FakeBits : public FakeHandle {
 public:
  using FakeHandle::FakeHandle;
  void set(std::uint64_t bits) const { object_->bits |= bits; }
  granary::Result<std::uint64_t> try_wait(std::uint64_t mask) const {
    const std::uint64_t taken = object_->bits & mask;
    if (taken == 0) return granary::kWouldBlock;
    object_->bits &= ~taken;
    return taken;
  }
};

}  // namespace sdk_host
