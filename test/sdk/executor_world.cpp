// SPDX-License-Identifier: Apache-2.0
#include "test/sdk/executor_world.hpp"

#include "internal.hpp"

namespace sdk_host {

namespace {
FakeWorld* the_world = nullptr;
}

FakeWorld::FakeWorld() {
  the_world = this;
  set_counter(now_);
}
FakeWorld::~FakeWorld() {
  the_world = nullptr;
  use_real_counter();
}

FakeObject* FakeWorld::add() {
  FakeObject& object = objects_.emplace_back();
  object.handle = 0x10 * objects_.size();
  return &object;
}

bool FakeWorld::advance(std::uint64_t until) {
  const bool event = !events_.empty() && events_.begin()->first <= until;
  if (!event && until == abi::kDeadlineForever) return false;
  now_ = std::max(now_, event ? events_.begin()->first : until);
  set_counter(now_);
  if (!event) return true;
  const std::function<void()> happens = std::move(events_.begin()->second);
  events_.erase(events_.begin());
  happens();
  return true;
}

granary::Result<std::uint64_t> FakeWorld::ready_of(unsigned count, const std::uint64_t* places) const {
  std::uint64_t ready = 0;
  for (unsigned place = 0; place < count; ++place) {
    for (const FakeObject& object : objects_) {
      if (object.handle != (places[place] & ~std::uint64_t{3})) continue;
      if (object.bad) return granary::kBadHandle;
      if ((places[place] & 1) != 0 && object.readable()) ready |= std::uint64_t{1} << place;
      if ((places[place] & 2) != 0 && object.writable()) ready |= std::uint64_t{1} << place;
    }
  }
  return ready;
}

granary::Result<std::uint64_t> FakeWorld::wait_for_any(unsigned count, const std::uint64_t* places,
                                                       std::uint64_t deadline) {
  ++waits_;
  if (fails_with.number() != 0) return fails_with;
  if (count == 0 || count > GRANARY_WAIT_ANY_MAXIMUM) return granary::kInvalidArgument;
  for (;;) {
    const granary::Result<std::uint64_t> ready = ready_of(count, places);
    if (!ready || *ready != 0) return ready;
    if (deadline == abi::kDeadlineDoNotBlock) return granary::kWouldBlock;
    if (now_ >= deadline) return granary::kTimedOut;
    if (!advance(deadline)) {
      ADD_FAILURE() << "waits for what will never happen";
      return granary::kNoSuchCall;
    }
  }
}

void FakeWorld::sleep_until(std::uint64_t tick) {
  ++waits_;
  while (now_ < tick && advance(tick)) {
  }
}

}  // namespace sdk_host

namespace granary::detail {

Result<std::uint64_t> wait_for_any(unsigned count, const std::uint64_t* places, std::uint64_t deadline) {
  return sdk_host::the_world->wait_for_any(count, places, deadline);
}
void sleep_until_tick(std::uint64_t tick) { sdk_host::the_world->sleep_until(tick); }

}  // namespace granary::detail
