// SPDX-License-Identifier: Apache-2.0
//
// Semaphores through system calls: counting, its bounds, waking, rights, quotas, and the end of whoever can post.
#include "test/fakes/event_world.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using base::Error;

struct SemaphoreCalls : fakes::EventWorld {
  Thread& high = add_program("high", 20);
  Thread& low = add_program("low", 10);
  std::uint32_t shared = add_semaphore("shared", 0);
  std::uint64_t high_wait = grant(high, ObjectType::Semaphore, shared, {Right::SemaphoreWait});
  std::uint64_t low_post = grant(low, ObjectType::Semaphore, shared, {Right::SemaphorePost});
};

TEST_F(SemaphoreCalls, N4_a_post_wakes_a_more_urgent_waiter_at_once) {
  start();
  call(Call::SEMAPHORE_WAIT, {.handle = high_wait});
  ASSERT_TRUE(is_running(low));
  call(Call::SEMAPHORE_POST, {.handle = low_post});
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(status(high), 0);
  expect_clean(high);
  EXPECT_EQ(status(low), 0);
  expect_clean(low);
  EXPECT_EQ(status_of(Call::SEMAPHORE_TRY_WAIT, {.handle = high_wait}), minus(Error::EAGAIN)) << "counted once";
}

TEST_F(SemaphoreCalls, N4_the_count_goes_from_0_to_its_maximum_and_no_further) {
  start();
  EXPECT_EQ(status_of(Call::SEMAPHORE_CREATE, {.words = {std::uint64_t{1} << 31}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(Call::SEMAPHORE_CREATE, {.words = {std::uint64_t{1} << 32}}), minus(Error::EINVAL));
  const std::uint64_t full = new_semaphore(abi::kSemaphoreMaximum);
  EXPECT_EQ(status_of(Call::SEMAPHORE_POST, {.handle = full}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(Call::SEMAPHORE_TRY_WAIT, {.handle = full}), 0);
  EXPECT_EQ(status_of(Call::SEMAPHORE_POST, {.handle = full}), 0);
  EXPECT_EQ(status_of(Call::SEMAPHORE_POST, {.handle = full}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(Call::SEMAPHORE_CLOSE, {.handle = full}), 0);
  EXPECT_EQ(status_of(Call::SEMAPHORE_CLOSE, {.handle = full}), minus(Error::EBADF));
  EXPECT_EQ(high.silo().refused_calls, 5u);
  expect_nothing_left(high);
}

TEST_F(SemaphoreCalls, N4_a_deadline_ends_a_wait_and_a_count_is_taken_whatever_the_deadline) {
  start();
  EXPECT_EQ(status_of(Call::SEMAPHORE_WAIT, {.handle = high_wait, .deadline = 1}), minus(Error::ETIMEDOUT));
  call(Call::SEMAPHORE_WAIT, {.handle = high_wait, .deadline = clock() + 50});
  pass(50);
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(status(high), minus(Error::ETIMEDOUT));
  call(Call::SLEEP_UNTIL, {.deadline = clock() + 10});
  EXPECT_EQ(status_of(Call::SEMAPHORE_POST, {.handle = low_post}), 0) << "the timed out one has left the queue";
  pass(10);
  EXPECT_EQ(status_of(Call::SEMAPHORE_WAIT, {.handle = high_wait, .deadline = 1}), 0);
}

TEST_F(SemaphoreCalls, N4_what_was_posted_is_taken_before_epipe) {
  start();
  call(Call::SLEEP_UNTIL, {.deadline = clock() + 10});
  EXPECT_EQ(status_of(Call::SEMAPHORE_POST, {.handle = low_post}), 0);
  EXPECT_EQ(status_of(Call::SEMAPHORE_CLOSE, {.handle = low_post}), 0);
  pass(10);
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(status_of(Call::SEMAPHORE_WAIT, {.handle = high_wait}), 0);
  EXPECT_EQ(status_of(Call::SEMAPHORE_WAIT, {.handle = high_wait}), minus(Error::EPIPE));
  EXPECT_EQ(status_of(Call::SEMAPHORE_TRY_WAIT, {.handle = high_wait}), minus(Error::EPIPE));
}

TEST_F(SemaphoreCalls, defect_A3_each_right_is_asked_for) {
  start();
  EXPECT_EQ(status_of(Call::SEMAPHORE_POST, {.handle = high_wait}), minus(Error::EPERM));
  const std::uint64_t own = new_semaphore(3);
  const std::uint64_t post = copy(own, bit(Right::SemaphorePost));
  EXPECT_EQ(status_of(Call::SEMAPHORE_WAIT, {.handle = post, .deadline = 0}), minus(Error::EPERM));
  EXPECT_EQ(status_of(Call::SEMAPHORE_TRY_WAIT, {.handle = post}), minus(Error::EPERM));
  EXPECT_EQ(signal(own, 1), minus(Error::EPERM)) << "it is no notification";
}

}  // namespace
}  // namespace kernel
