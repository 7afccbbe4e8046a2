// SPDX-License-Identifier: Apache-2.0
//
// Timers: expiries in time, periods, what is missed, storms that are bounded, and what ends with what.
#include "test/fakes/event_world.hpp"

namespace kernel {
namespace {

using base::Error;
using base::Ticks;

struct TimerCalls : fakes::EventWorld {
  Thread& high = add_program("high", 20);
  Thread& low = add_program("low", 10);
  TimerCalls() { fakes::set_now(1'000'000); }
};

TEST_F(TimerCalls, defect_A4_an_expiry_sets_the_bits_and_wakes_who_waits) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t timer = new_timer(word, 0b100);
  EXPECT_EQ(set_timer(timer, clock() + 500), 0);
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + 500));
  call(Call::NOTIFICATION_WAIT, {.handle = word, .words = {0b100}});
  ASSERT_TRUE(is_running(low));
  pass(499);
  EXPECT_TRUE(is_running(low));
  pass(1);
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(high.general[3], 0b100u);
  EXPECT_TRUE(fakes::armed_timer().is_forever()) << "once";
  EXPECT_EQ(status_of(Call::TIMER_CANCEL, {.handle = timer}), 0);
  EXPECT_EQ(high.general[3], 0u) << "it does not run any more";
}

TEST_F(TimerCalls, defect_A4_the_past_expires_at_once_and_forever_never) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t timer = new_timer(word);
  EXPECT_EQ(set_timer(timer, 0), 0);
  pass(1);
  EXPECT_EQ(take(word), 1);
  EXPECT_EQ(set_timer(timer, ~std::uint64_t{0}), 0);
  pass(kFrequency);
  EXPECT_EQ(take(word), minus(Error::EAGAIN));
  call(Call::TIMER_CANCEL, {.handle = timer});
  EXPECT_EQ(high.general[3], 0u);
}

TEST_F(TimerCalls, defect_A4_cancel_tells_whether_it_ran_and_set_replaces) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t timer = new_timer(word);
  set_timer(timer, clock() + 1000);
  set_timer(timer, clock() + 5000);
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + 5000));
  call(Call::TIMER_CANCEL, {.handle = timer});
  EXPECT_EQ(status(high), 0);
  EXPECT_EQ(high.general[3], 1u);
  expect_clean(high, {3});
  pass(10'000);
  EXPECT_EQ(take(word), minus(Error::EAGAIN));
}

TEST_F(TimerCalls, defect_A6_missed_periods_are_one_signal_and_the_next_is_the_first_multiple_in_the_future) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t timer = new_timer(word);
  const std::uint64_t first = clock() + 100;
  EXPECT_EQ(set_timer(timer, first, kPeriod), 0);
  pass(100);
  EXPECT_EQ(take(word), 1);
  EXPECT_EQ(fakes::armed_timer(), Ticks(first + kPeriod));
  pass(10 * kPeriod + 7);
  EXPECT_EQ(take(word), 1);
  EXPECT_EQ(take(word), minus(Error::EAGAIN));
  interrupt();
  // A turn of timers lies kTimerTurnMicroseconds behind the last one, which is later than the next multiple here.
  EXPECT_EQ(fakes::armed_timer(), Ticks(first + 10 * kPeriod + 7 + kPeriod));
  pass(kPeriod);
  EXPECT_EQ(take(word), 1);
}

TEST_F(TimerCalls, defect_A4_a_period_that_leads_beyond_the_counter_ends_the_timer) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t timer = new_timer(word);
  set_timer(timer, clock() + 10, ~std::uint64_t{0});
  pass(10);
  EXPECT_EQ(take(word), 1);
  EXPECT_TRUE(fakes::armed_timer().is_forever());
}

TEST_F(TimerCalls, defect_A4_a_period_below_50_microseconds_is_einval) {
  start();
  const std::uint64_t timer = new_timer(new_notification());
  for (const std::uint64_t period : {std::uint64_t{1}, kPeriod - 1})
    EXPECT_EQ(set_timer(timer, 0, period), minus(Error::EINVAL));
  EXPECT_EQ(high.silo().refused_calls, 2u);
  EXPECT_TRUE(fakes::armed_timer().is_forever());
  EXPECT_EQ(set_timer(timer, clock() + 1, kPeriod), 0);
}

TEST_F(TimerCalls, defect_A3_rights_and_quota) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t waiter = copy(word, bit(Right::NotificationWait));
  EXPECT_EQ(status_of(Call::TIMER_CREATE, {.words = {waiter, 1}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(Call::TIMER_CREATE, {.words = {12345, 1}}), minus(Error::EBADF));
  EXPECT_EQ(status_of(Call::TIMER_CREATE, {.words = {word, 0}}), minus(Error::EINVAL));
  const std::uint64_t timer = new_timer(word);
  const std::uint64_t bare = copy(timer, bit(Right::Duplicate));
  EXPECT_EQ(set_timer(bare, 0), minus(Error::EPERM));
  EXPECT_EQ(status_of(Call::TIMER_CANCEL, {.handle = bare}), minus(Error::EPERM));
  for (int i = 1; i < 20; ++i) new_timer(word);
  EXPECT_EQ(status_of(Call::TIMER_CREATE, {.words = {word, 1}}), minus(Error::EDQUOT));
}

}  // namespace
}  // namespace kernel
