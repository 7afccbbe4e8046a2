// SPDX-License-Identifier: Apache-2.0
//
// Bindings: what they set and when, what is refused, and what they end with.
#include "test/fakes/event_world.hpp"

namespace kernel {
namespace {

using base::Error;

constexpr std::uint64_t kWritable = 2;

struct BindingObjects : fakes::WatchedWorld {};

TEST_F(BindingObjects, A5_defect_A6_a_binding_sets_bits_each_time_and_at_once_if_it_holds) {
  start();
  const std::uint64_t word = new_notification();
  EXPECT_EQ(bind(receive, word, 0b1), 0);
  EXPECT_EQ(used(high, abi::QuotaKind::Bindings), 1u);
  EXPECT_EQ(take(word), minus(Error::EAGAIN));
  EXPECT_EQ(bind(here, word, 0b110, 3), 0);
  EXPECT_EQ(used(high, abi::QuotaKind::Bindings), 3u) << "one for each event";
  EXPECT_EQ(take(word), 0b110) << "there is room in the channel";
  for (int i = 0; i < 2; ++i) {
    call(Call::NOTIFICATION_WAIT, {.handle = word, .words = {~std::uint64_t{0}}});
    ASSERT_TRUE(is_running(low));
    call(Call::PORT_SEND, {.handle = send});
    ASSERT_TRUE(is_running(high));
    EXPECT_EQ(high.general[3], 0b1u);
  }
  EXPECT_EQ(unbind(receive, word), 0);
  EXPECT_EQ(unbind(receive, word), minus(Error::ENOENT));
  EXPECT_EQ(unbind(here, word), 0) << "both at once";
  EXPECT_EQ(used(high, abi::QuotaKind::Bindings), 0u);
  EXPECT_EQ(bind(receive, word, 0b1000), 0);
  EXPECT_EQ(take(word), 0b1000) << "two messages are there";
}

TEST_F(BindingObjects, defect_A6_bindings_are_refused_as_a_whole) {
  start();
  const std::uint64_t word = new_notification();
  EXPECT_EQ(bind(receive, word, 0), minus(Error::EINVAL));
  EXPECT_EQ(bind(receive, word, 1, 0), minus(Error::EINVAL));
  EXPECT_EQ(bind(receive, word, 1, 4), minus(Error::EINVAL));
  EXPECT_EQ(bind(receive, word, 1, 3), minus(Error::EPERM)) << "writable is not its to know";
  EXPECT_EQ(bind(word, word, 1), minus(Error::EINVAL)) << "no signal causes another";
  EXPECT_EQ(bind(receive, receive, 1), minus(Error::EPERM));
  EXPECT_EQ(bind(receive, copy(word, bit(Right::NotificationWait)), 1), minus(Error::EPERM));
  EXPECT_EQ(bind(receive, 0, 1), minus(Error::EBADF));
  EXPECT_EQ(bind(here, word, 1, 2), 0);
  EXPECT_EQ(bind(here, word, 1, 3), minus(Error::EEXIST));
  EXPECT_EQ(used(high, abi::QuotaKind::Bindings), 1u);
  EXPECT_EQ(unbind(here, receive), minus(Error::EPERM)) << "it is no notification";
}

TEST_F(BindingObjects, defect_A6_eight_bindings_to_one_event_and_no_more_than_the_quota) {
  quotas[abi::QuotaKind::Bindings] = 9;
  Thread& third = add_program("third", 30);
  start();
  ASSERT_TRUE(is_running(third));
  const std::uint64_t gate = new_semaphore();
  std::vector<std::uint64_t> words;
  for (int i = 0; i < 10; ++i) words.push_back(new_notification());
  for (int i = 0; i < 8; ++i) EXPECT_EQ(bind(gate, words[static_cast<unsigned>(i)], 1), 0);
  EXPECT_EQ(bind(gate, words[8], 1), minus(Error::EBUSY));
  EXPECT_EQ(bind(new_semaphore(), words[8], 1), 0);
  EXPECT_EQ(bind(new_semaphore(), words[9], 1), minus(Error::EDQUOT));
  EXPECT_EQ(status_of(Call::SEMAPHORE_POST, {.handle = gate}), 0);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(take(words[static_cast<unsigned>(i)]), 1);
  call(Call::EXIT);
  expect_nothing_left(third);
}

TEST_F(BindingObjects, defect_A6_a_binding_goes_with_the_capability_that_made_it) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t gate = new_semaphore();
  const std::uint64_t second = copy(gate, bit(Right::SemaphoreWait));
  EXPECT_EQ(bind(second, word, 1), 0);
  close(second);
  EXPECT_EQ(used(high, abi::QuotaKind::Bindings), 0u);
  EXPECT_EQ(status_of(Call::SEMAPHORE_POST, {.handle = gate}), 0);
  EXPECT_EQ(take(word), minus(Error::EAGAIN));
  EXPECT_EQ(bind(gate, word, 1), 0);
  EXPECT_EQ(take(word), 1);
  close(word);
  EXPECT_EQ(used(high, abi::QuotaKind::Bindings), 0u) << "nor is it there without its notification";
  EXPECT_EQ(used(high, abi::QuotaKind::Notifications), 0u);
  close(gate);
  expect_nothing_left(high);
}

TEST_F(BindingObjects, N2_a_revoke_ends_what_was_bound_with_a_right_to_signal) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t signaller =
      copy(word, bit(Right::NotificationSignal) | bit(Right::Duplicate) | bit(Right::Revoke));
  EXPECT_EQ(bind(here, copy(signaller, bit(Right::NotificationSignal)), 0b110, 3), 0);
  EXPECT_EQ(bind(observe, signaller, 0b1000), 0);
  EXPECT_EQ(bind(receive, word, 0b1), 0);
  EXPECT_EQ(take(word), 0b110);
  EXPECT_EQ(status_of(Call::HANDLE_REVOKE, {.handle = signaller}), 0);
  EXPECT_EQ(high.general[3], 1u) << "it is capabilities that are counted";
  EXPECT_EQ(used(high, abi::QuotaKind::Bindings), 1u);
  EXPECT_EQ(unbind(here, word), minus(Error::ENOENT));
  call(Call::NOTIFICATION_WAIT, {.handle = word, .words = {~std::uint64_t{0}}});
  ASSERT_TRUE(is_running(low));
  call(Call::CHAN_SEND, {.handle = there});
  ASSERT_FALSE(is_running(high)) << "what was revoked signals no more";
  call(Call::PORT_SEND, {.handle = send});
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(high.general[3], 0b1u) << "made with what was not revoked";
  EXPECT_EQ(bind(here, signaller, 0b10), 0) << "the right itself is still there";
  EXPECT_EQ(take(word), 0b10);
}

TEST_F(BindingObjects, C9_a_binding_keeps_its_notification_able_to_be_signalled) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t waiter = copy(word, bit(Right::NotificationWait));
  EXPECT_EQ(bind(receive, word, 1), 0);
  close(word);
  call(Call::NOTIFICATION_WAIT, {.handle = waiter, .words = {1}});
  ASSERT_TRUE(is_running(low)) << "it blocks, as it can be woken";
  call(Call::PORT_SEND, {.handle = send});
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(high.general[3], 1u);
  EXPECT_EQ(status_of(Call::UNBIND, {.handle = receive, .words = {waiter}}), 0);
  EXPECT_EQ(take(waiter), minus(Error::EPIPE));
}

TEST_F(BindingObjects, C9_the_end_of_a_silo_is_told_to_who_is_bound_and_its_own_bindings_go) {
  start();
  const std::uint64_t word = new_notification();
  EXPECT_EQ(bind(observe, word, 0b1), 0);
  EXPECT_EQ(bind(here, word, 0b10), 0);
  call(Call::NOTIFICATION_WAIT, {.handle = word, .words = {0b1}});
  ASSERT_TRUE(is_running(low));
  const std::uint64_t own = new_notification();
  EXPECT_EQ(bind(there, own, 1), 0);
  EXPECT_EQ(bind(send, own, 1, kWritable), 0);
  call(Call::EXIT);
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(high.general[3], 0b1u);
  call(Call::SLEEP_UNTIL, {.deadline = clock() + 10});
  EXPECT_EQ(take(word), 0b10) << "the other end of its channel";
  EXPECT_EQ(used(low, abi::QuotaKind::Bindings), 0u);
  EXPECT_EQ(used(low, abi::QuotaKind::Notifications), 0u);
  EXPECT_EQ(bind(observe, word, 1), minus(Error::EEXIST));
  EXPECT_EQ(unbind(observe, word), 0);
  EXPECT_EQ(bind(observe, word, 0b100), 0);
  EXPECT_EQ(take(word), 0b100) << "it holds";
}

}  // namespace
}  // namespace kernel
