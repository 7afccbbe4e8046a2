// SPDX-License-Identifier: Apache-2.0
//
// Judging ends of silos: see restart_policy.hpp.
#include "kernel/restart_policy.hpp"

namespace kernel {

RestartPolicy::RestartPolicy(const RestartDescription& description, std::uint64_t frequency)
    : mode_(description.mode),
      then_(description.then),
      group_(description.group),
      limit_(static_cast<std::uint8_t>(description.limit)) {
  const auto ticks = [frequency](std::uint64_t microseconds) { return frequency * microseconds / 1'000'000; };
  period_ = ticks(description.period);
  backoff_ = ticks(description.backoff);
  stable_ = description.period == 0 ? ticks(kStableMicroseconds) : period_;
  patience_ = ticks(abi::kSupervisorPatience);
}

void RestartPolicy::forget_history() {
  next_ = 0;
  count_ = 0;
  streak_ = 0;
}

/// When it may come back: the later, the more often it has come back lately.
base::Ticks RestartPolicy::wait(base::Ticks started, base::Ticks now) {
  if (now.value() - started.value() >= stable_) streak_ = 0;
  const base::Ticks due(now.value() + (backoff_ << streak_));
  if (streak_ < kBackoffDoublings) ++streak_;
  return due;
}

RestartPolicy::Verdict RestartPolicy::after_end(base::Ticks started, base::Ticks now) {
  switch (mode_) {
    case abi::RestartMode::Never: break;
    case abi::RestartMode::Always: return {Fate::Restarts, wait(started, now)};
    case abi::RestartMode::Supervised: return {Fate::IsAsked, base::Ticks(now.value() + patience_)};
    case abi::RestartMode::Limited: {
      const bool is_used_up = count_ == limit_ && now.value() - times_[next_].value() < period_;
      if (is_used_up) {
        switch (then_) {
          case abi::SafeState::StayDown: return {};
          case abi::SafeState::StopGroup: return {Fate::GroupStops};
          case abi::SafeState::ResetBoard: return {Fate::BoardResets};
        }
      }
      times_[next_] = now;
      next_ = static_cast<std::uint8_t>((next_ + 1) % limit_);
      if (count_ < limit_) ++count_;
      return {Fate::Restarts, wait(started, now)};
    }
  }
  return {};
}

}  // namespace kernel
