// SPDX-License-Identifier: Apache-2.0
//
// Timers of silos on a core: how many expire at a time and how often, and that deadlines do not wait for them.
#include "test/fakes/event_world.hpp"

namespace kernel {
namespace {

using base::Ticks;

struct CoreTimers : fakes::EventWorld {
  Thread& high = add_program("high", 20);
  Thread& low = add_program("low", 10);
  CoreTimers() { fakes::set_now(1'000'000); }
};

TEST_F(CoreTimers, defect_A4_a_storm_of_timers_takes_a_bounded_share_and_no_deadline_waits_for_it) {
  start();
  const std::uint64_t word = new_notification();
  for (int i = 0; i < 20; ++i) set_timer(new_timer(word), clock() + 1, kPeriod);
  call(Call::SLEEP_UNTIL, {.deadline = clock() + kPeriod + 3});
  ASSERT_TRUE(is_running(low));
  // All 20 are due; eight are handled, and the next eight not before kTimerTurnMicroseconds have passed.
  pass(1);
  const std::uint64_t turn = clock() + kPeriod;
  EXPECT_EQ(fakes::armed_timer(), Ticks(turn));
  interrupt();
  EXPECT_EQ(fakes::armed_timer(), Ticks(turn)) << "whatever is due";
  pass(kPeriod);
  EXPECT_TRUE(is_running(low));
  pass(2);
  EXPECT_TRUE(is_running(high)) << "at its deadline, though eight timers are overdue";
  // None is forgotten: the most overdue come first.
  pass(10 * kPeriod);
  EXPECT_EQ(take(word), 1);
}

TEST_F(CoreTimers, defect_A4_every_timer_of_a_storm_has_its_turn) {
  start();
  const std::uint64_t word = new_notification();
  std::uint64_t all = 0;
  for (int i = 0; i < 20; ++i) {
    all |= std::uint64_t{1} << i;
    set_timer(new_timer(word, std::uint64_t{1} << i), clock() + 1, kPeriod);
  }
  std::uint64_t seen = 0;
  for (int turn = 0; turn < 4; ++turn) {
    pass(kPeriod);
    const std::int64_t taken = take(word);
    if (taken > 0) seen |= static_cast<std::uint64_t>(taken);
  }
  EXPECT_EQ(seen, all);
}

}  // namespace
}  // namespace kernel
