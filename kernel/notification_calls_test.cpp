// SPDX-License-Identifier: Apache-2.0
//
// Notifications through system calls: registers, rights, badges, quotas, and the end of whoever can signal.
#include "test/fakes/event_world.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using base::Error;

struct NotificationCalls : fakes::EventWorld {
  Thread& high = add_program("high", 20);
  Thread& low = add_program("low", 10);
  std::uint32_t shared = add_notification("shared");
  std::uint64_t high_wait = grant(high, ObjectType::Notification, shared, {Right::NotificationWait});
  std::uint64_t low_signal = grant(low, ObjectType::Notification, shared, {Right::NotificationSignal}, 0b0110);
};

TEST_F(NotificationCalls, N6_a_signal_wakes_a_more_urgent_waiter_at_once_with_its_bits) {
  start();
  call(Call::NOTIFICATION_WAIT, {.handle = high_wait, .words = {0b0010}});
  ASSERT_TRUE(is_running(low));
  const Thread& signaller = call(Call::NOTIFICATION_SIGNAL, {.handle = low_signal, .words = {0b0110}});
  EXPECT_TRUE(is_running(high));
  EXPECT_EQ(status(high), 0);
  EXPECT_EQ(high.general[3], 0b0010u);
  expect_clean(high, {3});
  EXPECT_EQ(status(signaller), 0);
  expect_clean(signaller);
  EXPECT_EQ(take(high_wait), 0b0100) << "the rest stays";
  EXPECT_EQ(high.silo().messages_received, 0u) << "an event is no message";
}

TEST_F(NotificationCalls, defect_A3_cannot_signal_bits_outside_its_badge) {
  start();
  call(Call::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(low));
  for (const std::uint64_t bits :
       {std::uint64_t{1}, std::uint64_t{0b0111}, ~std::uint64_t{0}, std::uint64_t{1} << 63}) {
    EXPECT_EQ(signal(low_signal, bits), minus(Error::EPERM));
    EXPECT_EQ(status_of(Call::TIMER_CREATE, {.words = {low_signal, bits}}), minus(Error::EPERM)) << "nor by a timer";
    const std::uint64_t port = made_by(Call::PORT_CREATE);
    EXPECT_EQ(bind(port, low_signal, bits), minus(Error::EPERM)) << "nor by a binding";
    close(port);
  }
  EXPECT_EQ(low.silo().refused_calls, 12u);
  EXPECT_EQ(signal(low_signal, 0b0100), 0);
  EXPECT_EQ(used(low, abi::QuotaKind::Timers), 0u);
  EXPECT_EQ(used(low, abi::QuotaKind::Bindings), 0u);
}

TEST_F(NotificationCalls, N6_deadlines_mean_what_they_mean_everywhere) {
  start();
  EXPECT_EQ(take(high_wait), minus(Error::EAGAIN));
  EXPECT_EQ(status_of(Call::NOTIFICATION_WAIT, {.handle = high_wait, .words = {1}, .deadline = 1}),
            minus(Error::ETIMEDOUT));
  call(Call::NOTIFICATION_WAIT, {.handle = high_wait, .words = {1}, .deadline = clock() + 100});
  ASSERT_TRUE(is_running(low));
  pass(100);
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(status(high), minus(Error::ETIMEDOUT));
  expect_clean(high);
  EXPECT_EQ(status_of(Call::NOTIFICATION_WAIT, {.handle = high_wait, .words = {0}}), minus(Error::EINVAL));
  EXPECT_EQ(high.silo().refused_calls, 1u);
}

TEST_F(NotificationCalls, B1_N6_no_more_than_32_threads_wait_for_one) {
  const base::SiloId many = add_silo("many");
  std::vector<Thread*> waiters;
  for (unsigned i = 0; i < 31; ++i) {
    static std::string names[31];
    names[i] = "t" + std::to_string(i);
    waiters.push_back(&add_thread(many, names[i], 15));
  }
  const std::uint64_t handle = grant(*waiters[0], ObjectType::Notification, shared, {Right::NotificationWait});
  start();
  call(Call::NOTIFICATION_WAIT, {.handle = high_wait, .words = {1}});
  for (std::size_t i = 0; i < waiters.size(); ++i) call(Call::NOTIFICATION_WAIT, {.handle = handle, .words = {2}});
  ASSERT_TRUE(is_running(low));
  const std::uint64_t waiting =
      std::count_if(waiters.begin(), waiters.end(), [](Thread* one) { return one->waiting == ipc::Waiting::Queue; });
  EXPECT_EQ(waiting, 31u);
  const auto& object = notification_of(*low.silo().capabilities.lookup(low_signal).value());
  EXPECT_TRUE(object.has_waiters());
  EXPECT_EQ(signal(low_signal, 0b0010), 0);
  EXPECT_TRUE(is_running(*waiters[0])) << "one bit wakes one";
  EXPECT_EQ(status(*waiters[0]), 0);
}

}  // namespace
}  // namespace kernel
