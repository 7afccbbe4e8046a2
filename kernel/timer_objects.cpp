// SPDX-License-Identifier: Apache-2.0
//
// Beginnings, expiries and ends of timers. The pool is touched in shared sections; what is running is in the core's
// queue of timers (core_timers.cpp).
#include "kernel/core.hpp"
#include "kernel/derivation.hpp"
#include "kernel/object_kinds.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/silo.hpp"

namespace kernel {

namespace {

constexpr std::uint64_t kAllRights = rights_of_type(abi::ObjectType::Timer);

constinit ObjectPool<TimerObject> pool;
/// Promised to quotas since boot: never more than abi::kTimersMaximum, so that the core's queue can not overflow.
constinit std::uint32_t backed_timers = 0;

/// In whose queue it is: its maker's, whoever sets it.
Core& keeper_of(const TimerObject& timer) { return core_of(timer.charged_to.core()); }

/// The first multiple of the period after `now`; forever if the counter does not get there.
base::Ticks next_expiry(base::Ticks last, std::uint64_t period, base::Ticks now) {
  const std::uint64_t periods = (now.value() - last.value()) / period;
  const std::uint64_t past = last.value() + periods * period;  // at most `now`
  const std::uint64_t next = past + period;
  return next < past ? base::Ticks::forever() : base::Ticks(next);
}

}  // namespace

TimerObject& timer_of(const Capability& capability) {
  // SAFETY: type says what an object is, and every timer is made here.
  return static_cast<TimerObject&>(*capability.object);
}

base::Result<void> back_timers(Unlocked unlocked, std::uint32_t count) {
  if (count > abi::kTimersMaximum - backed_timers) return base::Error::ENOSPC;
  TRY(pool.reserve(unlocked, count));
  backed_timers += count;
  return {};
}

/// Timers are derived capabilities, and of those only the memory of this boot has places.
void forget_timers() {
  backed_timers = 0;
  pool.forget();
}

std::uint32_t live_timers() { return pool.live(); }

base::Result<std::uint64_t> create_timer(Unlocked unlocked, Silo& creator, Capability& signaller, std::uint64_t bits) {
  if (bits == 0) return base::Error::EINVAL;
  TRY(check_bits(signaller, bits));
  if (signaller.object->is_revoking) return base::Error::EBUSY;
  if (creator.capabilities.room() < 1) return base::Error::ENOSPC;
  Quota& quota = creator.quota(abi::QuotaKind::Timers);
  TRY(quota.charge(1));
  NotificationObject& notification = notification_of(signaller);
  const auto made = pool.create(unlocked, signaller, notification, bits, creator);
  if (!made.ok()) {
    quota.give_back(1);
    return made.error();
  }
  notification.timers.push_back(*made.value());
  derivation::link_child(*made.value(), signaller);
  return creator.capabilities.insert(unlocked, Grant{made.value(), kAllRights, 0, 0});
}

base::Result<void> set_timer(TimerObject& timer, base::Ticks first, std::uint64_t period) {
  if (timer.notification == nullptr) return base::Error::EPIPE;
  timer.period = period;
  Core& core = keeper_of(timer);
  core.stop_timer(timer);
  core.start_timer(timer, first);
  core.signal();
  return {};
}

bool cancel_timer(TimerObject& timer) {
  const bool was_running = timer.is_timed();
  keeper_of(timer).stop_timer(timer);
  return was_running;
}

void expire_timer(TimerObject& timer, base::Ticks now, ipc::WakeList& wakes) {
  if (timer.period != 0) keeper_of(timer).start_timer(timer, next_expiry(timer.deadline, timer.period, now));
  timer.notification->signal(timer.bits, wakes);
}

void silence_timer(TimerObject& timer) {
  keeper_of(timer).stop_timer(timer);
  derivation::unlink(timer);
  timer.notification->timers.remove(timer);
  timer.notification = nullptr;
}

bool end_timer(TimerObject& timer) {
  if (timer.references != 0) return true;
  if (NotificationObject* const notification = timer.notification) {
    silence_timer(timer);
    source_has_ended(*notification);
  }
  timer.charged_to.quota(abi::QuotaKind::Timers).give_back(1);
  pool.give_back(timer);
  return true;
}

}  // namespace kernel
