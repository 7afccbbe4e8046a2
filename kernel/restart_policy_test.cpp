// SPDX-License-Identifier: Apache-2.0
//
// What the policies say, at the edges of their numbers.
#include "test/fakes/host_prelude.hpp"

#include "kernel/restart_policy.hpp"

namespace kernel {
namespace {

using abi::RestartMode;
using abi::SafeState;
using base::Ticks;
using Fate = RestartPolicy::Fate;

constexpr std::uint64_t kFrequency = 1'000'000;  // a tick is a microsecond

RestartDescription limited(std::uint32_t limit, std::uint32_t period, SafeState then = SafeState::StayDown) {
  return {.mode = RestartMode::Limited, .limit = limit, .period = period, .then = then};
}

TEST(RestartPolicy, never_is_what_nobody_has_asked_for) {
  RestartPolicy policy;
  EXPECT_EQ(policy.after_end(Ticks(1), Ticks(2)).fate, Fate::StaysDown);
}

TEST(RestartPolicy, always_comes_back_at_once_without_a_backoff) {
  RestartPolicy policy({.mode = RestartMode::Always}, kFrequency);
  for (std::uint64_t now = 10; now < 1000; ++now) {
    const auto verdict = policy.after_end(Ticks(now - 1), Ticks(now));
    EXPECT_EQ(verdict.fate, Fate::Restarts);
    EXPECT_EQ(verdict.due, Ticks(now));
  }
}

TEST(RestartPolicy, a_backoff_doubles_six_times_and_begins_anew_after_a_stable_time) {
  RestartPolicy policy({.mode = RestartMode::Always, .backoff = 100}, kFrequency);
  std::uint64_t now = 1000;
  for (const std::uint64_t wait : {100, 200, 400, 800, 1600, 3200, 6400, 6400}) {
    EXPECT_EQ(policy.after_end(Ticks(now - 10), Ticks(now)).due, Ticks(now + wait));
    now += 10'000;
  }
  const std::uint64_t started = now;
  now += RestartPolicy::kStableMicroseconds;
  EXPECT_EQ(policy.after_end(Ticks(started), Ticks(now)).due, Ticks(now + 100));
  EXPECT_EQ(policy.after_end(Ticks(now), Ticks(now + 1)).due, Ticks(now + 1 + 200)) << "not stable any more";
}

TEST(RestartPolicy, limited_permits_as_many_in_any_period) {
  RestartPolicy policy(limited(2, 1000), kFrequency);
  EXPECT_EQ(policy.after_end(Ticks(0), Ticks(100)).fate, Fate::Restarts);
  EXPECT_EQ(policy.after_end(Ticks(100), Ticks(200)).fate, Fate::Restarts);
  EXPECT_EQ(policy.after_end(Ticks(200), Ticks(1099)).fate, Fate::StaysDown) << "the first was 999 ago";
  EXPECT_EQ(policy.after_end(Ticks(200), Ticks(1100)).fate, Fate::Restarts) << "one refused does not count";
  EXPECT_EQ(policy.after_end(Ticks(1100), Ticks(1199)).fate, Fate::StaysDown);
  EXPECT_EQ(policy.after_end(Ticks(1100), Ticks(1200)).fate, Fate::Restarts);
}

TEST(RestartPolicy, an_operator_s_start_clears_the_record) {
  RestartPolicy policy(limited(1, 1000), kFrequency);
  EXPECT_EQ(policy.after_end(Ticks(0), Ticks(1)).fate, Fate::Restarts);
  EXPECT_EQ(policy.after_end(Ticks(1), Ticks(2)).fate, Fate::StaysDown);
  policy.forget_history();
  EXPECT_EQ(policy.after_end(Ticks(2), Ticks(3)).fate, Fate::Restarts);
}

TEST(RestartPolicy, the_safe_states) {
  for (const auto& [state, fate] :
       {std::pair{SafeState::StopGroup, Fate::GroupStops}, std::pair{SafeState::ResetBoard, Fate::BoardResets}}) {
    RestartPolicy policy(limited(1, 1000, state), kFrequency);
    EXPECT_EQ(policy.after_end(Ticks(0), Ticks(1)).fate, Fate::Restarts);
    EXPECT_EQ(policy.after_end(Ticks(1), Ticks(2)).fate, fate);
  }
}

TEST(RestartPolicy, a_supervisor_has_a_second) {
  RestartPolicy policy({.mode = RestartMode::Supervised}, kFrequency);
  const auto verdict = policy.after_end(Ticks(1), Ticks(5));
  EXPECT_EQ(verdict.fate, Fate::IsAsked);
  EXPECT_EQ(verdict.due, Ticks(5 + abi::kSupervisorPatience));
}

TEST(RestartPolicy, descriptions_that_make_no_sense) {
  EXPECT_TRUE(is_sane(RestartDescription{}));
  EXPECT_TRUE(is_sane(limited(abi::kRestartLimitMaximum, abi::kRestartPeriodMaximum)));
  EXPECT_FALSE(is_sane(limited(abi::kRestartLimitMaximum + 1, 1)));
  EXPECT_FALSE(is_sane(limited(1, abi::kRestartPeriodMaximum + 1)));
  EXPECT_FALSE(is_sane(limited(0, 1)));
  EXPECT_FALSE(is_sane(limited(1, 0)));
  EXPECT_FALSE(is_sane({.mode = RestartMode::Always, .limit = 1, .period = 1}));
  EXPECT_FALSE(is_sane({.mode = RestartMode::Always, .then = SafeState::ResetBoard}));
  EXPECT_FALSE(is_sane({.mode = RestartMode::Always, .backoff = abi::kRestartBackoffMaximum + 1}));
  EXPECT_FALSE(is_sane({.group = abi::kRestartGroupsMaximum + 1}));
  EXPECT_FALSE(is_sane({.mode = static_cast<RestartMode>(4)}));
  EXPECT_FALSE(is_sane(
      RestartDescription{.mode = RestartMode::Limited, .limit = 1, .period = 1, .then = static_cast<SafeState>(3)}));
}

}  // namespace
}  // namespace kernel
