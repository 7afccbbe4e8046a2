// SPDX-License-Identifier: Apache-2.0
//
// Semaphore: the count and its bounds, order, handing over, the end.
#include "test/fakes/ipc_world.hpp"

#include "ipc/semaphore.hpp"

namespace ipc {
namespace {

using base::Error;

struct SemaphoreTest : fakes::IpcWorld {
  Party a, b, c;
};

TEST_F(SemaphoreTest, N4_counts_between_0_and_its_maximum) {
  Semaphore full(abi::kSemaphoreMaximum);
  EXPECT_EQ(full.post(wakes).error(), Error::EINVAL);
  EXPECT_EQ(full.count(), abi::kSemaphoreMaximum);
  EXPECT_EQ(full.wait(a, kDoNotBlock), kCompleted);
  EXPECT_TRUE(succeeded(a));
  EXPECT_TRUE(full.post(wakes).ok());
  EXPECT_EQ(full.count(), abi::kSemaphoreMaximum);
  Semaphore empty(0);
  EXPECT_EQ(empty.wait(a, kDoNotBlock), kCompleted);
  EXPECT_TRUE(failed_with(a, Error::EAGAIN));
}

TEST_F(SemaphoreTest, C12_a_post_goes_to_the_longest_waiter_and_a_newcomer_does_not_overtake) {
  Semaphore gate(0);
  ASSERT_EQ(gate.wait(a, kMayBlock), kBlocked);
  ASSERT_EQ(gate.wait(b, kMayBlock), kBlocked);
  EXPECT_TRUE(gate.post(wakes).ok());
  EXPECT_EQ(gate.count(), 0u);
  EXPECT_EQ(gate.wait(c, kDoNotBlock), kCompleted);
  EXPECT_TRUE(failed_with(c, Error::EAGAIN)) << "it is the waiter's already";
  EXPECT_EQ(woken(), &a);
  EXPECT_TRUE(succeeded(a));
  EXPECT_TRUE(gate.post(wakes).ok());
  EXPECT_EQ(woken(), &b);
}

TEST_F(SemaphoreTest, N4_a_cancelled_waiter_takes_no_post) {
  Semaphore gate(0);
  ASSERT_EQ(gate.wait(a, kMayBlock), kBlocked);
  ASSERT_EQ(gate.wait(b, kMayBlock), kBlocked);
  cancel(a, Error::ETIMEDOUT);
  EXPECT_TRUE(gate.post(wakes).ok());
  EXPECT_EQ(woken(), &b);
  EXPECT_EQ(gate.count(), 0u);
}

TEST_F(SemaphoreTest, N4_a_post_is_handed_over_to_who_has_waited_longest_if_he_may_have_it) {
  Semaphore gate(0);
  const auto yes = [](const Party&) { return true; };
  EXPECT_EQ(gate.hand_over_at_once(yes), nullptr) << "nobody waits";
  ASSERT_EQ(gate.wait(a, kMayBlock), kBlocked);
  ASSERT_EQ(gate.wait(b, kMayBlock), kBlocked);
  EXPECT_EQ(gate.hand_over_at_once([&](const Party& party) { return &party != &a; }), nullptr);
  EXPECT_EQ(a.waiting, Waiting::Queue) << "nothing has changed";
  EXPECT_EQ(gate.hand_over_at_once(yes), &a);
  EXPECT_EQ(a.waiting, Waiting::Nothing);
  EXPECT_TRUE(gate.post(wakes).ok());
  EXPECT_EQ(woken(), &b);
  EXPECT_EQ(gate.count(), 0u);
}

TEST_F(SemaphoreTest, C9_when_nobody_can_post_waiters_go_in_steps_and_the_count_is_left) {
  Semaphore gate(0);
  for (Party* one : {&a, &b, &c}) ASSERT_EQ(gate.wait(*one, kMayBlock), kBlocked);
  EXPECT_FALSE(gate.disconnect(2, wakes));
  EXPECT_TRUE(gate.disconnect(2, wakes));
  EXPECT_EQ(wakes.size(), 3u);
  for (Party* one : {&a, &b, &c}) EXPECT_TRUE(failed_with(*one, Error::EPIPE));
  while (wakes.pop_front() != nullptr) {
  }
  Semaphore counted(1);
  EXPECT_TRUE(counted.disconnect(2, wakes));
  EXPECT_EQ(counted.wait(a, kMayBlock), kCompleted);
  EXPECT_TRUE(succeeded(a));
  EXPECT_EQ(counted.wait(a, kMayBlock), kCompleted);
  EXPECT_TRUE(failed_with(a, Error::EPIPE));
}

}  // namespace
}  // namespace ipc
