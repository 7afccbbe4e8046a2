// SPDX-License-Identifier: Apache-2.0
//
// Mail that is read, and sleep, beside others; what is left to a shared section; who sleeps last asks whether anything
// can run at all.
#include "kernel/event_objects.hpp"
#include "kernel/objects.hpp"
#include "test/fakes/core_beside.hpp"
#include "test/fakes/two_cores.hpp"

namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using kernel::Thread;
using kernel::ThreadState;

class QuickMailTest : public fakes::TwoCores {
 protected:
  QuickMailTest() {
    bell = add_notification("bell");
    for (Thread* const thread : {&first, &second, &sleeper})
      handle[thread] = grant(*thread, ObjectType::Notification, bell, {Right::NotificationWait});
    ringer_bell = grant(ringer, ObjectType::Notification, bell, {Right::NotificationSignal, Right::NotificationWait});
  }
  void wait(Thread& thread, std::uint64_t bits) {
    call_by(thread, SystemCall::NOTIFICATION_WAIT, {.handle = handle[&thread], .words = {bits}});
  }
  void ring(std::uint64_t bits) {
    call_by(ringer, SystemCall::NOTIFICATION_SIGNAL, {.handle = ringer_bell, .words = {bits}});
    ASSERT_EQ(status(ringer), 0);
  }
  bool is_read_quickly(std::uint32_t core) {
    {
      const fakes::CoreBeside other(base::CoreId(1 - core));
      if (deliver_quickly(core)) return true;
    }
    if (running_on(core) != nullptr) go_the_long_way(core);
    return false;
  }

  static abi::Quotas some_transfers() {
    abi::Quotas some;
    some[abi::QuotaKind::Transfers] = 4;
    return some;
  }
  const abi::Quotas given = quotas = some_transfers();
  std::uint32_t bell = 0;
  Thread& first = add_program_on(0, "first", 20);
  Thread& second = add_program_on(0, "second", 30);
  Thread& sleeper = add_program_on(0, "sleeper", 5);
  Thread& ringer = add_program_on(1, "ringer", 10);
  std::map<Thread*, std::uint64_t> handle;
  std::uint64_t ringer_bell = 0;
};

TEST_F(QuickMailTest, who_wakes_is_chosen_by_priority) {
  start_both();
  wait(second, 1);
  wait(first, 2);
  ASSERT_EQ(running_on(0), &sleeper);
  ring(2);
  ring(1);
  EXPECT_TRUE(is_read_quickly(0));
  EXPECT_EQ(running_on(0), &second);
  EXPECT_EQ(first.state(), ThreadState::Ready);
  EXPECT_EQ(sleeper.state(), ThreadState::Ready);
  EXPECT_EQ(fakes::unfinished_interrupts(), 0u);
}

TEST_F(QuickMailTest, who_is_less_urgent_leaves_the_running_one_alone) {
  start_both();
  wait(second, 4);
  wait(first, 4);
  wait(sleeper, 1);
  ASSERT_TRUE(sleeps(0));
  ring(4);
  EXPECT_TRUE(is_read_quickly(0)) << "asleep as well";
  ASSERT_EQ(running_on(0), &second) << "the bits go to who has waited longest";
  ring(1);
  EXPECT_TRUE(is_read_quickly(0));
  EXPECT_EQ(running_on(0), &second);
  EXPECT_EQ(sleeper.state(), ThreadState::Ready);
}

TEST_F(QuickMailTest, a_signal_without_mail_changes_nothing) {
  start_both();
  wait(second, 1);
  port::signal_core(base::CoreId(0));
  EXPECT_TRUE(is_read_quickly(0));
  EXPECT_EQ(running_on(0), &first);
  EXPECT_EQ(fakes::unfinished_interrupts(), 0u);
}

TEST_F(QuickMailTest, a_core_that_is_wanted_for_something_else_looks_in_a_shared_section) {
  start_both();
  wait(second, 1);
  ring(1);
  first.core().signal();  // as who sets a timer of this core does
  EXPECT_FALSE(is_read_quickly(0));
  EXPECT_EQ(running_on(0), &second) << "the mail is read all the same";
  wait(second, 1);
  ring(1);
  EXPECT_TRUE(is_read_quickly(0)) << "once";
}

TEST_F(QuickMailTest, what_brings_a_capability_along_comes_in_a_shared_section) {
  const std::uint32_t channel = add_channel("channel", 1);
  const std::uint64_t receives =
      grant(second, ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive}, 0, 0);
  const std::uint64_t sends = grant(ringer, ObjectType::Channel, channel,
                                    {Right::ChannelSend, Right::ChannelReceive, Right::ChannelTransfer}, 0, 1);
  const std::uint64_t given = grant(ringer, ObjectType::Semaphore, add_semaphore("count", 1),
                                    {Right::SemaphorePost, Right::SemaphoreWait, Right::Grant});
  start_both();
  call_by(second, SystemCall::CHAN_RECV, {.handle = receives});
  call_by(ringer, SystemCall::CHAN_SEND,
          {.handle = sends,
           .flags = abi::kFlagTransfer,
           .words = {1, 2, static_cast<std::uint64_t>(Right::SemaphoreWait), given}});
  ASSERT_EQ(status(ringer), 0);
  EXPECT_FALSE(is_read_quickly(0));
  ASSERT_EQ(running_on(0), &second);
  EXPECT_EQ(status(second), 0);
  call_by(second, SystemCall::SEMAPHORE_TRY_WAIT, {.handle = second.general[6]});
  EXPECT_EQ(status(second), 0) << "the capability has come";
}

TEST_F(QuickMailTest, a_core_that_falls_asleep_is_idle_until_it_has_mail) {
  start_both();
  wait(second, 1);
  wait(first, 2);
  EXPECT_FALSE(first.core().is_idle());
  wait(sleeper, 4);
  EXPECT_TRUE(sleeps(0));
  EXPECT_TRUE(first.core().is_idle());
  ring(4);
  EXPECT_FALSE(first.core().is_idle()) << "it will wake up";
  EXPECT_TRUE(is_read_quickly(0));
  EXPECT_EQ(running_on(0), &sleeper);
}

TEST_F(QuickMailTest, sleep_is_kept_from_no_other_core_but_by_the_last_one_awake) {
  start_both();
  wait(second, 1);
  wait(first, 2);
  {
    const fakes::CoreBeside other(base::CoreId(1));
    wait(sleeper, 4);  // comes back only if no shared section is asked for
  }
  EXPECT_TRUE(sleeps(0));
  call_by(ringer, SystemCall::NOTIFICATION_WAIT, {.handle = ringer_bell, .words = {8}});
  EXPECT_TRUE(sleeps(1));
  EXPECT_NE(console().find("nothing"), std::string::npos) << "every thread waits for ever, and the last one says so";
}

TEST_F(QuickMailTest, an_interrupt_of_the_timer_ends_the_sleep) {
  start_both();
  wait(second, 1);
  wait(first, 2);
  call_by(sleeper, SystemCall::SLEEP_UNTIL, {.deadline = clock() + 500});
  EXPECT_EQ(running_on(0), &sleeper) << "the clock went on to its deadline";
}

TEST_F(QuickMailTest, more_mail_than_is_read_at_once_is_read_in_the_end) {
  std::vector<Thread*> crowd;
  for (int i = 0; i < 17; ++i) {
    crowd.push_back(&add_program_on(0, "crowd" + std::to_string(i), 40));
    handle[crowd.back()] = grant(*crowd.back(), ObjectType::Notification, bell, {Right::NotificationWait});
  }
  start_both();
  for (std::size_t i = 0; i < crowd.size(); ++i) wait(*crowd[i], std::uint64_t{1} << (8 + i));
  for (std::size_t i = 0; i < crowd.size(); ++i) ring(std::uint64_t{1} << (8 + i));
  EXPECT_FALSE(is_read_quickly(0));
  settle();
  for (Thread* const thread : crowd) EXPECT_TRUE(thread->is_runnable()) << thread->name();
}

}  // namespace
