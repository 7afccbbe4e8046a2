// SPDX-License-Identifier: Apache-2.0
//
// Channels through real system calls: both directions, blocking, deadlines, the death of an end, statistics.
#include "test/fakes/kernel_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;

struct ChannelCallsTest : fakes::KernelWorld {
  Thread& left = add_program("left", 10);
  Thread& right = add_program("right", 9);
  std::uint32_t channel = add_channel("samples", 2);
  std::uint64_t left_end =
      grant(left, abi::ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive}, 0xa0, 0);
  std::uint64_t right_end =
      grant(right, abi::ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive}, 0xa1, 1);
};

TEST_F(ChannelCallsTest, S9_a_message_arrives_at_the_other_end_with_the_senders_badge) {
  start();
  EXPECT_EQ(
      status_of(SystemCall::CHAN_SEND, {.handle = left_end, .x1 = 3, .flags = 1, .words = {1, 2, 3, 4, 5, 6, 7, 8}}),
      0);
  expect_clean(left);
  call(SystemCall::CHAN_RECV, {.handle = left_end});
  ASSERT_TRUE(is_running(right)) << "what an end sends it does not receive";
  EXPECT_EQ(status_of(SystemCall::CHAN_RECV, {.handle = right_end}), 0);
  const std::uint64_t expected[19] = {0, 3, 1, 1, 2, 3, 4, 0xa0, 0, 5, 6, 7, 8};
  for (unsigned i = 0; i <= 18; ++i) EXPECT_EQ(right.general[i], expected[i]) << i;
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = right_end, .x1 = 4}), 0);
  ASSERT_TRUE(is_running(left)) << "the receiver is more urgent";
  EXPECT_EQ(left.general[1], 4u);
  EXPECT_EQ(left.general[7], 0xa1u);
  EXPECT_EQ(left.general[8], 0u);
}

TEST_F(ChannelCallsTest, a_full_direction_blocks_and_the_order_is_kept) {
  start();
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = left_end, .x1 = 0}), 0);
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = left_end, .x1 = 1}), 0);
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_SEND, {.handle = left_end}), minus(Error::EAGAIN));
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = left_end, .deadline = 0}), minus(Error::EAGAIN));
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = left_end, .deadline = 1}), minus(Error::ETIMEDOUT));
  call(SystemCall::CHAN_SEND, {.handle = left_end, .x1 = 2});
  ASSERT_TRUE(is_running(right));
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_RECV, {.handle = right_end}), 0);
  EXPECT_EQ(right.general[1], 0u);
  ASSERT_TRUE(is_running(left));
  EXPECT_EQ(status(left), 0);
  expect_clean(left);
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  for (std::uint64_t i = 1; i <= 2; ++i) {
    EXPECT_EQ(status_of(SystemCall::CHAN_TRY_RECV, {.handle = right_end}), 0);
    EXPECT_EQ(right.general[1], i);
  }
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_RECV, {.handle = right_end}), minus(Error::EAGAIN));
  expect_clean(right);
}

TEST_F(ChannelCallsTest, D5_E7_a_receive_times_out) {
  start();
  call(SystemCall::CHAN_RECV, {.handle = left_end, .deadline = clock() + 50});
  ASSERT_TRUE(is_running(right));
  pass(50);
  ASSERT_TRUE(is_running(left));
  EXPECT_EQ(status(left), minus(Error::ETIMEDOUT));
  expect_clean(left);
  EXPECT_EQ(status_of(SystemCall::CHAN_RECV, {.handle = left_end, .deadline = clock()}), minus(Error::ETIMEDOUT));
  EXPECT_EQ(status_of(SystemCall::CHAN_RECV, {.handle = left_end, .deadline = 0}), minus(Error::EAGAIN));
}

TEST_F(ChannelCallsTest, closing_an_end_disconnects_the_other_after_what_is_queued) {
  start();
  call(SystemCall::CHAN_RECV, {.handle = left_end});
  ASSERT_TRUE(is_running(right));
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = right_end, .x1 = 1}), 0);
  ASSERT_TRUE(is_running(left));
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 10});
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = right_end, .x1 = 2}), 0);
  EXPECT_EQ(status_of(SystemCall::CHAN_CLOSE, {.handle = right_end}), 0);
  expect_clean(right);
  EXPECT_EQ(status_of(SystemCall::CHAN_CLOSE, {.handle = right_end}), minus(Error::EBADF));
  pass(10);
  ASSERT_TRUE(is_running(left));
  EXPECT_EQ(status_of(SystemCall::CHAN_RECV, {.handle = left_end}), 0);
  EXPECT_EQ(left.general[1], 2u);
  EXPECT_EQ(status_of(SystemCall::CHAN_RECV, {.handle = left_end}), minus(Error::EPIPE));
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = left_end}), minus(Error::EPIPE));
}

TEST_F(ChannelCallsTest, closing_an_end_wakes_whoever_is_blocked_at_the_other) {
  start();
  call(SystemCall::CHAN_RECV, {.handle = left_end});
  ASSERT_TRUE(is_running(right));
  call(SystemCall::CHAN_CLOSE, {.handle = right_end});
  ASSERT_TRUE(is_running(left));
  EXPECT_EQ(status(left), minus(Error::EPIPE));
  expect_clean(left);
}

TEST_F(ChannelCallsTest, S1_a_made_channel_is_charged_and_given_back) {
  start();
  for (const std::uint64_t bad : {std::uint64_t{0}, std::uint64_t{1025}, ~std::uint64_t{0}}) {
    EXPECT_EQ(status_of(SystemCall::CHAN_CREATE, {.words = {bad}}), minus(Error::EINVAL));
  }
  EXPECT_EQ(status_of(SystemCall::CHAN_CREATE, {.words = {33}}), minus(Error::EDQUOT)) << "66 slots of 64";
  ASSERT_EQ(status_of(SystemCall::CHAN_CREATE, {.words = {32}}), 0);
  expect_clean(left, {3, 4});
  const std::uint64_t ends[] = {left.general[3], left.general[4]};
  EXPECT_EQ(status_of(SystemCall::CHAN_CREATE, {.words = {1}}), minus(Error::EDQUOT));
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = ends[0], .x1 = 5}), 0);
  EXPECT_EQ(status_of(SystemCall::CHAN_RECV, {.handle = ends[1]}), 0);
  EXPECT_EQ(left.general[1], 5u);
  EXPECT_EQ(status_of(SystemCall::CHAN_CLOSE, {.handle = ends[0]}), 0);
  EXPECT_EQ(status_of(SystemCall::CHAN_RECV, {.handle = ends[1]}), minus(Error::EPIPE));
  EXPECT_EQ(status_of(SystemCall::CHAN_CLOSE, {.handle = ends[1]}), 0);
  EXPECT_EQ(status_of(SystemCall::CHAN_CREATE, {.words = {32}}), 0);
  EXPECT_EQ(left.silo().refused_calls, 5u);
}

TEST_F(ChannelCallsTest, S8_statistics_tell_both_directions) {
  start();
  call(SystemCall::CHAN_SEND, {.handle = left_end});
  call(SystemCall::CHAN_SEND, {.handle = left_end});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  call(SystemCall::CHAN_RECV, {.handle = right_end});
  call(SystemCall::CHAN_SEND, {.handle = right_end});
  ASSERT_EQ(status_of(SystemCall::CHAN_STATS, {.handle = right_end}), 0);
  // sent, received, queued here, queued there, capacity, deepest, discarded, alive
  const std::uint64_t expected[19] = {0, 0, 1, 1, 1, 1, 1, 0, 0, 2, 2, 0, 3};
  for (unsigned i = 0; i <= 18; ++i) EXPECT_EQ(right.general[i], expected[i]) << i;
  EXPECT_EQ(right.silo().messages_sent, 1u);
  EXPECT_EQ(right.silo().messages_received, 1u);
}

TEST_F(ChannelCallsTest, bad_flags_are_refused_and_nothing_is_queued) {
  start();
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = left_end, .flags = 0x80}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_SEND, {.handle = left_end, .flags = abi::kFlagReplyLost}),
            minus(Error::EINVAL));
  call(SystemCall::CHAN_STATS, {.handle = left_end});
  EXPECT_EQ(left.general[6], 0u);
}

}  // namespace
}  // namespace kernel
