// SPDX-License-Identifier: Apache-2.0
//
// Semaphores: what a silo may make, and what their ends mean for who waits.
#include "test/fakes/event_world.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using base::Error;

struct SemaphoreObjects : fakes::EventWorld {
  Thread& high = add_program("high", 20);
  Thread& low = add_program("low", 10);
  std::uint32_t shared = add_semaphore("shared", 0);
  std::uint64_t high_wait = grant(high, ObjectType::Semaphore, shared, {Right::SemaphoreWait});
  std::uint64_t low_post = grant(low, ObjectType::Semaphore, shared, {Right::SemaphorePost});
};

TEST_F(SemaphoreObjects, C9_a_waiter_gets_epipe_when_the_last_that_can_post_dies) {
  start();
  call(Call::SEMAPHORE_WAIT, {.handle = high_wait});
  fault(read_fault(0));
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(status(high), minus(Error::EPIPE));
}

TEST_F(SemaphoreObjects, C9_closing_a_handle_ends_the_wait_of_another_thread_through_it) {
  Thread& second = add_thread(high.silo().id, "second", 5);
  start();
  call(Call::SLEEP_UNTIL, {.deadline = clock() + 1000});
  call(Call::SLEEP_UNTIL, {.deadline = kForever});
  call(Call::SEMAPHORE_WAIT, {.handle = high_wait});
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(status_of(Call::SEMAPHORE_CLOSE, {.handle = high_wait}), 0);
  EXPECT_EQ(status(second), minus(Error::EPIPE));
}

TEST_F(SemaphoreObjects, N4_a_silo_that_has_stopped_takes_no_post_from_others) {
  Thread& first = add_program("dying", 12);
  for (const char* name : {"w1", "w2", "w3", "w4", "w5", "w6"}) add_thread(first.silo().id, name, 1);
  Thread& waiter = add_thread(first.silo().id, "waiter", 15);
  const std::uint64_t wait = grant(first, ObjectType::Semaphore, shared, {Right::SemaphoreWait});
  const std::uint64_t high_post = grant(high, ObjectType::Semaphore, shared, {Right::SemaphorePost});
  start();
  call(Call::SLEEP_UNTIL, {.deadline = clock() + 50});
  ASSERT_TRUE(is_running(waiter));
  call(Call::SEMAPHORE_WAIT, {.handle = wait});
  ASSERT_TRUE(is_running(first));
  // The silo stops while its last thread waits; before that is ended, somebody more urgent posts.
  fakes::set_clock_step(30);
  fault(read_fault(0));
  fakes::set_clock_step(0);
  ASSERT_TRUE(is_running(high));
  ASSERT_EQ(waiter.state(), ThreadState::Ending);
  EXPECT_EQ(status_of(Call::SEMAPHORE_POST, {.handle = high_post}), 0);
  EXPECT_EQ(status_of(Call::SEMAPHORE_TRY_WAIT, {.handle = high_wait}), 0) << "the post is there";
}

TEST_F(SemaphoreObjects, N4_a_silo_makes_its_own_within_its_quota) {
  start();
  for (int i = 0; i < 20; ++i) new_semaphore();
  EXPECT_EQ(status_of(Call::SEMAPHORE_CREATE, {.words = {0}}), minus(Error::EDQUOT));
  call(Call::EXIT);
  expect_nothing_left(high);
}

}  // namespace
}  // namespace kernel
