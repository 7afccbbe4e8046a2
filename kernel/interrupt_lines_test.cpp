// SPDX-License-Identifier: Apache-2.0
//
// What a line that fires does, by the short form of interrupts and without.
#include "test/fakes/line_world.hpp"

namespace kernel {
namespace {

using base::Error;
using fakes::kLine;
using fakes::kOther;

class FiringLines : public fakes::LineWorld {};

INSTANTIATE_TEST_SUITE_P(Ways, FiringLines, testing::Bool());

TEST_P(FiringLines, Q4_the_driver_wakes_and_the_line_stays_active_until_it_waits_again) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 0b10);
  for (int i = 0; i < 3; ++i) {
    await(word, 0b110);
    ASSERT_TRUE(is_running(low));
    EXPECT_FALSE(fakes::line(kLine).is_active);
    fire(kLine);
    ASSERT_TRUE(is_running(driver));
    EXPECT_EQ(status(driver), 0);
    EXPECT_EQ(driver.general[3], 0b10u);
    expect_clean(driver, {3});
    EXPECT_TRUE(fakes::line(kLine).is_active);
  }
  EXPECT_EQ(take(word, 0b100), minus(Error::EAGAIN));
  EXPECT_TRUE(fakes::line(kLine).is_active) << "it waits for something else";
  EXPECT_EQ(take(word, 0b10), minus(Error::EAGAIN));
  EXPECT_FALSE(fakes::line(kLine).is_active);
  EXPECT_EQ(statistic(line, 0), 3u);
  EXPECT_EQ(interrupts_taken_quickly, GetParam() ? 3u : 0u);
}

TEST_P(FiringLines, Q4_who_is_interrupted_goes_on_afterwards_with_all_its_registers) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  await(word, 1);
  ASSERT_TRUE(is_running(low));
  for (unsigned i = 0; i < 31; ++i) low.general[i] = dirt(low, i);
  fire(kLine);
  await(word, 1);
  ASSERT_TRUE(is_running(low));
  for (unsigned i = 0; i < 31; ++i) EXPECT_EQ(low.general[i], dirt(low, i)) << i;
}

TEST_P(FiringLines, Q4_what_fired_before_the_wait_is_not_finished_by_it) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  fire(kLine);
  EXPECT_EQ(take(word, 1), 1);
  EXPECT_TRUE(fakes::line(kLine).is_active);
  EXPECT_EQ(finish(line), 1);
  EXPECT_FALSE(fakes::line(kLine).is_active);
  EXPECT_EQ(finish(line), 0);
}

TEST_P(FiringLines, Q3_one_that_nobody_has_is_turned_off_and_counted) {
  start();
  for (const std::uint32_t number : {40u, 42u, 1019u}) {
    fakes::raise_interrupt({port::InterruptKind::Line, base::InterruptId(number)});
    interrupt();
    EXPECT_FALSE(fakes::line(base::InterruptId(number)).is_enabled);
    EXPECT_EQ(fakes::unfinished_interrupts(), 0u);
  }
  EXPECT_EQ(this_core().stray_interrupts(), 3u);
}

TEST_P(FiringLines, Q4_the_timer_comes_through_while_a_line_is_active) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  const std::uint64_t timer = new_timer(word, 2);
  set_timer(timer, clock() + 100);
  fire(kLine);
  EXPECT_EQ(take(word, 1), 1);
  pass(100);
  EXPECT_EQ(take(word, 2), 2);
}

}  // namespace
}  // namespace kernel
