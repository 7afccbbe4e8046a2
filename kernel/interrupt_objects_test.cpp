// SPDX-License-Identifier: Apache-2.0
//
// When a line may fire again, and what ends with what.
#include "test/fakes/line_world.hpp"

namespace kernel {
namespace {

using base::Error;
using fakes::kLine;
using fakes::kOther;

class LineObjects : public fakes::LineWorld {};

INSTANTIATE_TEST_SUITE_P(Ways, LineObjects, testing::Bool());

TEST_P(LineObjects, Q4_several_lines_of_one_notification_are_finished_each_by_its_bits) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 0b01);
  bind_line(other, word, 0b10);
  fire(kLine);
  fire(kOther);
  EXPECT_EQ(take(word), 0b11);
  EXPECT_EQ(take(word, 0b01), minus(Error::EAGAIN));
  EXPECT_FALSE(fakes::line(kLine).is_active);
  EXPECT_TRUE(fakes::line(kOther).is_active);
  fire(kLine);
  EXPECT_EQ(take(word, 0b11), 0b01);
  EXPECT_FALSE(fakes::line(kOther).is_active) << "that one had been seen";
  EXPECT_TRUE(fakes::line(kLine).is_active) << "this one had not";
}

TEST_P(LineObjects, Q4_a_line_of_several_bits_is_finished_by_waiting_for_any_that_was_taken) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 0b11);
  fire(kLine);
  EXPECT_EQ(take(word, 0b01), 0b01);
  EXPECT_TRUE(fakes::line(kLine).is_active);
  EXPECT_EQ(take(word, 0b01), minus(Error::EAGAIN));
  EXPECT_FALSE(fakes::line(kLine).is_active);
}

TEST_P(LineObjects, Q5_a_line_beyond_its_limit_is_held_back_until_time_gives_more) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  for (int i = 0; i < 4; ++i) {
    await(word, 1);
    fire(kLine);
  }
  console();
  await(word, 1);
  EXPECT_TRUE(fakes::line(kLine).is_active) << "its burst is used up";
  ASSERT_TRUE(is_running(low));
  EXPECT_THAT(console(), testing::HasSubstr("interrupt line (40) of silo driver fires more than 1000 times a second"));
  pass(kFrequency / 1000 - 1);
  EXPECT_TRUE(fakes::line(kLine).is_active);
  pass(1);
  EXPECT_FALSE(fakes::line(kLine).is_active);
  fire(kLine);
  ASSERT_TRUE(is_running(driver));
  await(word, 1);
  EXPECT_TRUE(fakes::line(kLine).is_active) << "that was one more";
  EXPECT_THAT(console(), testing::Not(testing::HasSubstr("fires more than"))) << "it is said once";
  pass(kFrequency);
  fire(kLine);
  EXPECT_EQ(statistic(line, 0), 6u);
  EXPECT_EQ(statistic(line, 1), 2u);
}

TEST_P(LineObjects, Q5_a_line_that_is_held_back_can_be_unbound) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  for (int i = 0; i < 4; ++i) {
    fire(kLine);
    take(word, 1);
    finish(line);
  }
  EXPECT_TRUE(fakes::line(kLine).is_active);
  EXPECT_EQ(finish(line), 0);
  EXPECT_EQ(unbind_line(line), 0);
  EXPECT_FALSE(fakes::line(kLine).is_active);
  EXPECT_EQ(bind_line(line, word, 1), minus(Error::EBUSY)) << "that does not give it its burst back";
  for (int i = 0; i < 3; ++i) pass(kFrequency / 100);  // the console runs empty
  EXPECT_TRUE(fakes::armed_timer().is_forever());
  EXPECT_EQ(bind_line(line, word, 1), 0);
}

TEST_P(LineObjects, Q3_it_ends_with_its_capability) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t waiter = copy(word, bit(Right::NotificationWait));
  bind_line(line, word, 1);
  close(word);
  fire(kLine);
  EXPECT_EQ(take(waiter), 1) << "the line keeps the notification able to be signalled";
  close(line);
  EXPECT_FALSE(fakes::line(kLine).is_enabled);
  EXPECT_FALSE(fakes::line(kLine).is_active);
  EXPECT_EQ(take(waiter), minus(Error::EPIPE));
  close(waiter);
  expect_nothing_left(driver);
}

TEST_P(LineObjects, Q3_it_ends_with_its_notification) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  bind_line(other, word, 2);
  fire(kLine);
  close(word);
  EXPECT_FALSE(fakes::line(kLine).is_enabled || fakes::line(kOther).is_enabled);
  EXPECT_FALSE(fakes::line(kLine).is_active);
  expect_nothing_left(driver);
  EXPECT_EQ(bind_line(line, new_notification(), 1), 0);
}

TEST_P(LineObjects, Q3_a_revoke_ends_its_right_to_signal) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t signaller = copy(word, bit(Right::NotificationSignal));
  bind_line(line, signaller, 1);
  fire(kLine);
  EXPECT_EQ(status_of(Call::HANDLE_REVOKE, {.handle = word}), 0);
  EXPECT_FALSE(fakes::line(kLine).is_enabled || fakes::line(kLine).is_active);
  EXPECT_EQ(unbind_line(line), minus(Error::ENOENT));
}

TEST_P(LineObjects, Q3_it_ends_with_its_silo) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  fire(kLine);
  call(Call::EXIT);
  ASSERT_TRUE(is_running(low));
  EXPECT_FALSE(fakes::line(kLine).is_enabled || fakes::line(kLine).is_active);
}

}  // namespace
}  // namespace kernel
