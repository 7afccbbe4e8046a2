// SPDX-License-Identifier: Apache-2.0
//
// Watch points: see watch.hpp. The list of pending points is touched in shared sections.
#include "ipc/watch.hpp"

#include "ipc/notification.hpp"

namespace ipc {

namespace {

constinit base::IntrusiveList<WatchPoint, &WatchPoint::pending_node> pending;

}  // namespace

void WatchPoint::raise_all(WakeList& wakes) {
  // A binding to a notification's own condition is refused (kernel/watching.cpp), so this goes one level deep and no
  // further.
  for (Binding* binding = bindings_.front(); binding != nullptr; binding = bindings_.next(*binding)) {
    binding->notification->signal(binding->bits, wakes);
  }
  ++raises_;
  if (!continue_raising(wakes) && !pending_node.is_linked()) pending.push_back(*this);
}

bool WatchPoint::continue_raising(WakeList& wakes) {
  for (std::uint32_t woken = 0;; ++woken) {
    const Watch* const watch = watches_.front();
    if (watch == nullptr || watch->raises == raises_) return true;
    if (woken == kWakesPerRaise) return false;
    Party& party = *watch->party;
    std::uint64_t places = 0;
    for (const Watch& one : party.watches) {
      if (one.point == this) places |= std::uint64_t{1} << one.place;
    }
    stop_watching(party);
    complete(party, {}, Delivery{.message = {.opcode = 0, .flags = 0, .word = {places}}, .badge = 0, .token = 0});
    wakes.push_back(party);
  }
}

void WatchPoint::add(Watch& watch) {
  watch.point = this;
  watch.raises = raises_;
  watches_.push_back(watch);
}

void WatchPoint::bind(Binding& binding, Notification& notification, std::uint64_t bits) {
  binding.point = this;
  binding.notification = &notification;
  binding.bits = bits;
  bindings_.push_back(binding);
  notification.bindings_.push_back(binding);
}

void WatchPoint::forget() {
  if (!watches_.is_empty() || !bindings_.is_empty()) __builtin_trap();
  if (pending_node.is_linked()) pending.remove(*this);
}

Outcome wait_for_any(Party& party, const WatchSet& set) {
  for (unsigned i = 0; i < abi::kWaitAnyMaximum * kEvents; ++i) {
    if (set.point[i] != nullptr) set.point[i]->add(party.watches[i]);
  }
  party.waiting = Waiting::Any;
  return Outcome::Blocked;
}

void unbind(Binding& binding) {
  binding.point->bindings_.remove(binding);
  binding.notification->bindings_.remove(binding);
  binding.point = nullptr;
  binding.notification = nullptr;
}

bool raising_is_pending() { return !pending.is_empty(); }

void continue_raising_one(WakeList& wakes) {
  WatchPoint* const point = pending.front();
  if (point != nullptr && point->continue_raising(wakes)) pending.remove(*point);
}

void forget_raises() {
  while (pending.pop_front() != nullptr) {
  }
}

}  // namespace ipc
