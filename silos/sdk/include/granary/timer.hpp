// SPDX-License-Identifier: Apache-2.0
//
// Timer: sets bits of a notification at a time, once or again and again. Expiries that nobody has seen are one event;
// the next one is at the first multiple of the period in the future, so periods do not drift.
#pragma once

#include "granary/notification.hpp"

namespace granary {

class Timer : public Handle {
 public:
  using Handle::Handle;

  /// kInvalidArgument no bits; kNotPermitted bits that `notification` may not set; kQuotaExceeded, kNoMemory,
  /// kTableFull.
  static Result<Timer> create(const Notification& notification, std::uint64_t bits) {
    granary_handle handle;
    const granary_status status = granary_timer_create(notification.value(), bits, &handle);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::TIMER_CREATE);
    return Timer(handle);
  }
  Result<Timer> duplicate() const { return duplicate_as<Timer>(); }
  Result<Timer> duplicate(std::uint64_t rights) const { return duplicate_as<Timer>(rights); }

  /// Once. Anew if it is running. kPeerGone if the notification is gone.
  Result<void> set(Deadline when) const {
    return detail::checked(granary_timer_set(value(), when.ticks(), 0), SystemCall::TIMER_SET);
  }
  /// At `first` and then each `period`. kInvalidArgument below 50 microseconds.
  template <typename Rep, typename Period>
  Result<void> set(Deadline first, std::chrono::duration<Rep, Period> period) const {
    const std::uint64_t ticks = Clock::to_ticks(std::chrono::ceil<Clock::duration>(period));
    if (ticks == 0) return kInvalidArgument;
    return detail::checked(granary_timer_set(value(), first.ticks(), ticks), SystemCall::TIMER_SET);
  }
  /// Whether it was running.
  Result<bool> cancel() const {
    std::uint64_t was_running;
    const granary_status status = granary_timer_cancel(value(), &was_running);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::TIMER_CANCEL);
    return was_running != 0;
  }
};

}  // namespace granary
