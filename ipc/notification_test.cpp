// SPDX-License-Identifier: Apache-2.0
//
// Notification: bits, masks, order of waiters, bounds, the end.
#include "test/fakes/ipc_world.hpp"

#include "ipc/notification.hpp"

namespace ipc {
namespace {

using base::Error;

struct NotificationTest : fakes::IpcWorld {
  Notification word;
  Party a, b, c;

  std::uint64_t take(std::uint64_t mask) {
    Party taker;
    EXPECT_EQ(word.wait(taker, mask, kDoNotBlock), kCompleted);
    return succeeded(taker) ? got(taker).message.word[0] : 0;
  }
  ~NotificationTest() override {
    for (Party* one : {&a, &b, &c}) party_dies(*one, wakes);
    while (wakes.pop_front() != nullptr) {
    }
  }
};

TEST_F(NotificationTest, N6_bits_stay_until_they_are_taken_and_are_taken_once) {
  word.signal(0b0111, wakes);
  word.signal(0b0001, wakes);
  EXPECT_EQ(take(0b1011), 0b0011u);
  EXPECT_EQ(word.bits(), 0b0100u);
  EXPECT_EQ(take(0b1011), 0u);
  EXPECT_EQ(take(~std::uint64_t{0}), 0b0100u);
  EXPECT_TRUE(wakes.is_empty());
}

TEST_F(NotificationTest, N6_a_signal_goes_to_the_longest_waiters_whose_masks_have_it) {
  ASSERT_EQ(word.wait(a, 0b001, kMayBlock), kBlocked);
  ASSERT_EQ(word.wait(b, 0b011, kMayBlock), kBlocked);
  ASSERT_EQ(word.wait(c, 0b110, kMayBlock), kBlocked);
  word.signal(0b111, wakes);
  EXPECT_EQ(wakes.pop_front(), &a);
  EXPECT_EQ(wakes.pop_front(), &b);
  EXPECT_EQ(wakes.pop_front(), &c);
  EXPECT_EQ(got(a).message.word[0], 0b001u);
  EXPECT_EQ(got(b).message.word[0], 0b010u);
  EXPECT_EQ(got(c).message.word[0], 0b100u);
  EXPECT_EQ(word.bits(), 0u);
}

TEST_F(NotificationTest, N6_one_event_is_taken_by_one_waiter_alone) {
  ASSERT_EQ(word.wait(a, 1, kMayBlock), kBlocked);
  ASSERT_EQ(word.wait(b, 1, kMayBlock), kBlocked);
  word.signal(1, wakes);
  EXPECT_EQ(woken(), &a);
  EXPECT_EQ(b.waiting, Waiting::Queue);
}

TEST_F(NotificationTest, N6_a_cancelled_waiter_takes_nothing) {
  ASSERT_EQ(word.wait(a, 1, kMayBlock), kBlocked);
  cancel(a, Error::ETIMEDOUT);
  EXPECT_TRUE(failed_with(a, Error::ETIMEDOUT));
  word.signal(1, wakes);
  EXPECT_TRUE(wakes.is_empty());
  EXPECT_EQ(word.bits(), 1u);
}

TEST_F(NotificationTest, N6_an_empty_mask_is_einval_and_too_many_waiters_ebusy) {
  EXPECT_EQ(word.wait(a, 0, kMayBlock), kCompleted);
  EXPECT_TRUE(failed_with(a, Error::EINVAL));
  std::vector<std::unique_ptr<Party>> crowd;
  for (unsigned i = 0; i < Notification::kWaitersMaximum; ++i) {
    crowd.push_back(std::make_unique<Party>());
    ASSERT_EQ(word.wait(*crowd.back(), 2, kMayBlock), kBlocked);
  }
  EXPECT_EQ(word.wait(a, 1, kMayBlock), kCompleted);
  EXPECT_TRUE(failed_with(a, Error::EBUSY));
  word.signal(1, wakes);
  EXPECT_EQ(take(1), 1u) << "what is there can be taken however many wait";
  for (auto& one : crowd) party_dies(*one, wakes);
}

TEST_F(NotificationTest, C9_when_nobody_can_signal_waiters_go_in_steps_and_what_is_set_stays) {
  word.signal(0b100, wakes);
  for (Party* one : {&a, &b, &c}) ASSERT_EQ(word.wait(*one, 1, kMayBlock), kBlocked);
  EXPECT_FALSE(word.disconnect(2, wakes));
  EXPECT_EQ(wakes.size(), 2u);
  EXPECT_TRUE(word.disconnect(2, wakes));
  for (Party* one : {&a, &b, &c}) EXPECT_TRUE(failed_with(*one, Error::EPIPE));
  EXPECT_EQ(word.wait(a, 0b100, kMayBlock), kCompleted);
  EXPECT_TRUE(succeeded(a));
  EXPECT_EQ(word.wait(a, 0b100, kMayBlock), kCompleted);
  EXPECT_TRUE(failed_with(a, Error::EPIPE));
}

}  // namespace
}  // namespace ipc
