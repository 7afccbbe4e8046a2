// SPDX-License-Identifier: Apache-2.0
//
// Notifications: what a silo may make, and what their ends mean for who waits.
#include "test/fakes/event_world.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using base::Error;

struct NotificationObjects : fakes::EventWorld {
  Thread& high = add_program("high", 20);
  Thread& low = add_program("low", 10);
  std::uint32_t shared = add_notification("shared");
  std::uint64_t high_wait = grant(high, ObjectType::Notification, shared, {Right::NotificationWait});
  std::uint64_t low_signal = grant(low, ObjectType::Notification, shared, {Right::NotificationSignal}, 0b0110);
};

TEST_F(NotificationObjects, N6_a_silo_makes_its_own_within_its_quota_and_gets_it_back) {
  start();
  std::vector<std::uint64_t> handles;
  for (int i = 0; i < 20; ++i) handles.push_back(new_notification());
  EXPECT_EQ(status_of(Call::NOTIFICATION_CREATE), minus(Error::EDQUOT));
  const Thread& caller = call(Call::HANDLE_INFO, {.handle = handles[0]});
  EXPECT_EQ(caller.general[3], static_cast<std::uint64_t>(ObjectType::Notification));
  EXPECT_EQ(caller.general[4], rights_of_type(ObjectType::Notification));
  for (const std::uint64_t handle : handles) close(handle);
  expect_nothing_left(high);
}

TEST_F(NotificationObjects, C9_a_waiter_gets_epipe_when_the_last_that_can_signal_goes) {
  start();
  call(Call::NOTIFICATION_WAIT, {.handle = high_wait, .words = {1}});
  ASSERT_TRUE(is_running(low));
  EXPECT_EQ(signal(low_signal, 0b0100), 0);
  call(Call::EXIT);
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(status(high), minus(Error::EPIPE));
  EXPECT_EQ(take(high_wait), 0b0100) << "what was set comes first";
  EXPECT_EQ(status_of(Call::NOTIFICATION_WAIT, {.handle = high_wait, .words = {1}}), minus(Error::EPIPE));
  EXPECT_TRUE(is_running(high)) << "it did not block";
}

TEST_F(NotificationObjects, C9_closing_a_handle_ends_the_wait_of_another_thread_through_it) {
  Thread& second = add_thread(high.silo().id, "second", 5);
  start();
  call(Call::SLEEP_UNTIL, {.deadline = clock() + 1000});
  call(Call::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(second));
  call(Call::NOTIFICATION_WAIT, {.handle = high_wait, .words = {1}});
  ASSERT_TRUE(is_running(high));
  close(high_wait);
  EXPECT_EQ(second.state(), ThreadState::Ready);
  EXPECT_EQ(status(second), minus(Error::EPIPE));
}

}  // namespace
}  // namespace kernel
