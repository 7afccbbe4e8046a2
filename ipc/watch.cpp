// SPDX-License-Identifier: Apache-2.0
//
// Watch points: see watch.hpp. The list of pending points belongs to the one core that runs silos and is touched with
// interrupts masked.
#include "ipc/watch.hpp"

#include "ipc/notification.hpp"

namespace ipc {

namespace {

constinit base::IntrusiveList<WatchPoint, &WatchPoint::pending_node> pending;

}  // namespace

void WatchPoint::raise_all(WakeList& wakes) {
  // A binding of a notification is refused (kernel/wait_calls.cpp), so this goes one level deep and no further.
  for (Binding* binding = bindings_.front(); binding != nullptr; binding = bindings_.next(*binding)) {
    binding->notification->signal(binding->bits, wakes);
  }
  if (!continue_raising(wakes) && !pending_node.is_linked()) pending.push_back(*this);
}

bool WatchPoint::continue_raising(WakeList& wakes) {
  for (std::uint32_t woken = 0; woken < kWakesPerRaise; ++woken) {
    Watch* const watch = watches_.front();
    if (watch == nullptr) return true;
    Party& party = *watch->party;
    const std::uint64_t place = std::uint64_t{1} << watch->place;
    stop_watching(party);
    complete(party, {}, Delivery{.message = {.opcode = 0, .flags = 0, .word = {place}}, .badge = 0, .token = 0});
    wakes.push_back(party);
  }
  return watches_.is_empty();
}

void WatchPoint::add(Watch& watch) {
  watch.point = this;
  watches_.push_back(watch);
}

bool WatchPoint::bind(Binding& binding, Notification& notification, std::uint64_t bits) {
  if (bindings_.size() == kBindingsPerPoint) return false;
  binding.point = this;
  binding.notification = &notification;
  binding.bits = bits;
  bindings_.push_back(binding);
  notification.bindings_.push_back(binding);
  return true;
}

bool WatchPoint::is_bound_to(const Notification& notification) const {
  for (const Binding* binding = bindings_.front(); binding != nullptr; binding = bindings_.next(*binding)) {
    if (binding->notification == &notification) return true;
  }
  return false;
}

Binding* WatchPoint::unbind_any() {
  Binding* const binding = bindings_.front();
  if (binding != nullptr) unbind(*binding);
  return binding;
}

void WatchPoint::forget() {
  if (pending_node.is_linked()) pending.remove(*this);
}

void unbind(Binding& binding) {
  binding.point->bindings_.remove(binding);
  binding.notification->bindings_.remove(binding);
  binding.point = nullptr;
  binding.notification = nullptr;
}

bool raising_is_pending() { return !pending.is_empty(); }

void forget_raising() {
  while (pending.pop_front() != nullptr) {
  }
}

void continue_raising_one(WakeList& wakes) {
  WatchPoint* const point = pending.front();
  if (point != nullptr && point->continue_raising(wakes)) pending.remove(*point);
}

}  // namespace ipc
