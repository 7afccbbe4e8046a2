// SPDX-License-Identifier: Apache-2.0
//
// Clock: the steady clock that kernel and silos share (CNTVCT_EL0), and Deadline: an instant of it as the kernel
// takes it. Invariant: a Deadline made from a time point or a duration is never earlier than asked for (conversion
// rounds up).
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

#include "granary/counter.hpp"
#include "ipc/abi/abi.hpp"

namespace granary {

namespace detail {
inline constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
}  // namespace detail

/// A steady clock (std::chrono::is_clock_v<Clock>), counting from the start of the machine.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;

  static time_point now() { return from_ticks(detail::counter_now()); }

  static time_point from_ticks(std::uint64_t ticks) {
    const std::uint64_t frequency = detail::counter_frequency();
    const std::uint64_t nanoseconds = ticks / frequency * detail::kNanosecondsPerSecond +
                                      ticks % frequency * detail::kNanosecondsPerSecond / frequency;
    return time_point(duration(static_cast<rep>(nanoseconds)));
  }
  /// The first tick that is not before the given time since the start; 0 for a negative one.
  static std::uint64_t to_ticks(duration since_start) {
    if (since_start.count() <= 0) return 0;
    const std::uint64_t frequency = detail::counter_frequency();
    const auto nanoseconds = static_cast<std::uint64_t>(since_start.count());
    const std::uint64_t rest = nanoseconds % detail::kNanosecondsPerSecond * frequency;
    return nanoseconds / detail::kNanosecondsPerSecond * frequency +
           (rest + detail::kNanosecondsPerSecond - 1) / detail::kNanosecondsPerSecond;
  }
};

/// When a call gives up. Made from a duration ("100ms from now"), a time point of Clock, or one of the constants
/// below.
class Deadline {
 public:
  template <typename Rep, typename Period>
  Deadline(std::chrono::duration<Rep, Period> from_now) : ticks_(after(std::chrono::ceil<Clock::duration>(from_now))) {}
  Deadline(Clock::time_point instant) : ticks_(not_special(Clock::to_ticks(instant.time_since_epoch()))) {}

  /// For those who count in ticks of the counter. 0 and all ones have the kernel's meanings.
  static constexpr Deadline from_ticks(std::uint64_t ticks) { return Deadline(ticks, Raw{}); }
  constexpr std::uint64_t ticks() const { return ticks_; }

 private:
  struct Raw {};
  constexpr Deadline(std::uint64_t ticks, Raw) : ticks_(ticks) {}
  static std::uint64_t not_special(std::uint64_t ticks) { return ticks == abi::kDeadlineDoNotBlock ? 1 : ticks; }
  static std::uint64_t after(Clock::duration from_now) {
    const std::uint64_t now = detail::counter_now();
    const std::uint64_t wait = Clock::to_ticks(from_now);
    return wait > abi::kDeadlineForever - 1 - now ? abi::kDeadlineForever - 1 : now + wait;
  }
  std::uint64_t ticks_;
};

inline constexpr Deadline forever = Deadline::from_ticks(abi::kDeadlineForever);
/// Complete at once or fail with kWouldBlock. Not for calls (kInvalidArgument).
inline constexpr Deadline do_not_block = Deadline::from_ticks(abi::kDeadlineDoNotBlock);
/// `until(start + 5ms)`: reads better than the bare time point.
inline Deadline until(Clock::time_point instant) { return Deadline(instant); }

}  // namespace granary
