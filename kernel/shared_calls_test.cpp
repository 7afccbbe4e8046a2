// SPDX-License-Identifier: Apache-2.0
//
// Quick calls on what silos of two cores name: that they need no shared section, what they bring to the other core, and
// when they are left to the long way.
#include "test/fakes/two_cores.hpp"

#include <thread>

#include "kernel/event_objects.hpp"
#include "kernel/object_section.hpp"
#include "kernel/objects.hpp"

namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;
using kernel::Thread;
using kernel::ThreadState;

/// `here` on core 0 and `there` on core 1, each with everything to one object of each kind.
class SharedCallTest : public fakes::TwoCores {
 protected:
  struct Handles {
    std::uint64_t channel, bell, count, ring;
  };
  SharedCallTest() {
    const auto channel = add_channel("channel", 2);
    const auto bell = add_notification("bell"), count = add_semaphore("count", 0), ring = add_async("ring", 2);
    for (Thread* const thread : {&here, &there}) {
      const std::uint32_t end = thread == &there;
      of[thread] = {
          grant(*thread, ObjectType::Channel, channel,
                {Right::ChannelSend, Right::ChannelReceive, Right::ChannelTransfer}, 5 + end, end),
          grant(*thread, ObjectType::Notification, bell, {Right::NotificationSignal, Right::NotificationWait}),
          grant(*thread, ObjectType::Semaphore, count, {Right::SemaphorePost, Right::SemaphoreWait}),
          grant(*thread, ObjectType::AsyncChannel, ring, {Right::AsyncSend, Right::AsyncReceive})};
    }
  }
  /// Whether the call of the running thread is done quickly; if not, nothing has changed.
  bool is_quick(Thread& thread, SystemCall number, const fakes::CallRegisters& registers = {}) {
    fakes::set_current_core(base::CoreId(thread.ipc::Party::core));
    load_for(thread, static_cast<std::uint64_t>(number), registers);
    return port::kernel_on_quick_call(&thread.context()).next == &thread.context();
  }
  /// The sections are as they were: another core gets into one of its own, and this one into a shared one.
  static void expect_nothing_held(ipc::Object& object) {
    EXPECT_FALSE(object.lock.is_held());
    const kernel::SharedSection section;
  }
  static const kernel::Capability& capability(const Thread& thread, std::uint64_t handle) {
    return *thread.silo().capabilities.lookup(handle).value();
  }
  static std::uint64_t word(const Thread& thread, unsigned number) { return thread.general[3 + number]; }

  static abi::Quotas some_bindings() {
    abi::Quotas some;
    some[abi::QuotaKind::Bindings] = 64;  // a slab of this test's own, whatever earlier tests have left in the pool
    return some;
  }
  const abi::Quotas given = quotas = some_bindings();
  Thread& here = add_program_on(0, "here");
  Thread& there = add_program_on(1, "there");
  std::map<Thread*, Handles> of;
};

TEST_F(SharedCallTest, what_one_core_alone_names_is_not_locked_and_what_two_name_is) {
  const std::uint64_t own = grant(here, ObjectType::Semaphore, add_semaphore("own", 1), {Right::SemaphorePost});
  start_both();
  base::TicketLock& lock = kernel::semaphore_of(capability(here, own)).lock;
  lock.acquire([] {});
  EXPECT_TRUE(is_quick(here, SystemCall::SEMAPHORE_POST, {.handle = own})) << "nobody asks for it";
  lock.release();
  bool was_quick = false;
  kernel::ObjectSection other(base::CoreId(1));  // in the midst of such a call, on another object
  other.enter(kernel::notification_of(capability(there, of[&there].bell)));
  std::thread([&] { was_quick = is_quick(here, SystemCall::SEMAPHORE_POST, {.handle = of[&here].count}); }).join();
  EXPECT_TRUE(was_quick);
}

TEST_F(SharedCallTest, a_semaphore_is_counted_from_both_sides) {
  start_both();
  EXPECT_TRUE(is_quick(here, SystemCall::SEMAPHORE_POST, {.handle = of[&here].count}));
  EXPECT_EQ(status(here), 0);
  EXPECT_TRUE(is_quick(there, SystemCall::SEMAPHORE_TRY_WAIT, {.handle = of[&there].count}));
  EXPECT_EQ(status(there), 0);
  EXPECT_FALSE(is_quick(here, SystemCall::SEMAPHORE_TRY_WAIT, {.handle = of[&here].count})) << "EAGAIN is told";
  expect_nothing_held(kernel::semaphore_of(capability(here, of[&here].count)));
}

TEST_F(SharedCallTest, a_waiter_on_the_other_core_is_posted) {
  start_both();
  call_by(there, SystemCall::SEMAPHORE_WAIT, {.handle = of[&there].count});
  EXPECT_TRUE(sleeps(1));
  EXPECT_TRUE(is_quick(here, SystemCall::SEMAPHORE_POST, {.handle = of[&here].count}));
  EXPECT_TRUE(deliver(1));
  EXPECT_EQ(running_on(1), &there);
  EXPECT_EQ(status(there), 0);
}

TEST_F(SharedCallTest, messages_are_queued_and_received_by_both) {
  start_both();
  for (std::uint64_t i = 1; i <= 2; ++i)
    EXPECT_TRUE(is_quick(here, SystemCall::CHAN_SEND, {.handle = of[&here].channel, .words = {i, 20, 30, 40}}));
  EXPECT_FALSE(is_quick(here, SystemCall::CHAN_TRY_SEND, {.handle = of[&here].channel})) << "it is full";
  for (std::uint64_t i = 1; i <= 2; ++i) {
    EXPECT_TRUE(is_quick(there, SystemCall::CHAN_RECV, {.handle = of[&there].channel}));
    EXPECT_EQ(word(there, 0), i);
    EXPECT_EQ(word(there, 3), 40u);
    EXPECT_EQ(there.general[7], 5u) << "the badge";
  }
  EXPECT_EQ(here.silo().messages_sent, 2u);
  EXPECT_EQ(there.silo().messages_received, 2u);
  EXPECT_EQ(fakes::take_signals(base::CoreId(1)), 0u) << "nobody waited";
  expect_nothing_held(kernel::channel_of(capability(here, of[&here].channel)));
}

TEST_F(SharedCallTest, a_receiver_on_the_other_core_gets_the_message_in_its_registers) {
  start_both();
  call_by(there, SystemCall::CHAN_RECV, {.handle = of[&there].channel});
  EXPECT_TRUE(sleeps(1));
  EXPECT_TRUE(is_quick(here, SystemCall::CHAN_SEND, {.handle = of[&here].channel, .words = {1, 2, 3, 4}}));
  EXPECT_EQ(status(here), 0);
  EXPECT_EQ(there.state(), ThreadState::Blocked) << "its core has not looked yet";
  EXPECT_TRUE(deliver(1));
  ASSERT_EQ(running_on(1), &there);
  EXPECT_EQ(status(there), 0);
  EXPECT_EQ(word(there, 0), 1u);
  EXPECT_EQ(word(there, 3), 4u);
  EXPECT_EQ(there.general[7], 5u);
  EXPECT_EQ(here.silo().messages_sent, 1u);
  EXPECT_EQ(there.silo().messages_received, 1u);
  EXPECT_EQ(there.waiting, ipc::Waiting::Nothing);
}

TEST_F(SharedCallTest, a_waiter_on_the_other_core_gets_the_bits_of_its_mask) {
  start_both();
  call_by(there, SystemCall::NOTIFICATION_WAIT, {.handle = of[&there].bell, .words = {0x6}});
  EXPECT_TRUE(sleeps(1));
  EXPECT_TRUE(is_quick(here, SystemCall::NOTIFICATION_SIGNAL, {.handle = of[&here].bell, .words = {0x8}}));
  EXPECT_FALSE(deliver(1)) << "not one of those that it waits for";
  EXPECT_TRUE(is_quick(here, SystemCall::NOTIFICATION_SIGNAL, {.handle = of[&here].bell, .words = {0x5}}));
  EXPECT_TRUE(deliver(1));
  ASSERT_EQ(running_on(1), &there);
  EXPECT_EQ(word(there, 0), 0x4u);
  EXPECT_TRUE(is_quick(there, SystemCall::NOTIFICATION_WAIT, {.handle = of[&there].bell, .words = {0xff}}));
  EXPECT_EQ(word(there, 0), 0x9u);
  expect_nothing_held(kernel::notification_of(capability(here, of[&here].bell)));
}

TEST_F(SharedCallTest, a_ring_is_used_from_both_sides) {
  start_both();
  EXPECT_TRUE(is_quick(here, SystemCall::ASYNC_SEND, {.handle = of[&here].ring, .words = {7}}));
  EXPECT_TRUE(is_quick(there, SystemCall::ASYNC_TRY_RECEIVE, {.handle = of[&there].ring}));
  EXPECT_EQ(word(there, 0), 7u);
  EXPECT_FALSE(is_quick(there, SystemCall::ASYNC_TRY_RECEIVE, {.handle = of[&there].ring}));
}

TEST_F(SharedCallTest, a_woken_thread_with_a_deadline_is_woken_once) {
  add_program_on(1, "beside", 5);
  start_both();
  call_by(there, SystemCall::CHAN_RECV, {.handle = of[&there].channel, .deadline = clock() + 100});
  EXPECT_TRUE(is_quick(here, SystemCall::CHAN_SEND, {.handle = of[&here].channel, .words = {9}}));
  fakes::advance(200);
  timer_on(1);  // the deadline comes before the signal
  ASSERT_EQ(running_on(1), &there);
  EXPECT_EQ(status(there), 0) << "the message was there first";
  EXPECT_EQ(word(there, 0), 9u);
  deliver(1);
  EXPECT_EQ(running_on(1), &there);
}

TEST_F(SharedCallTest, a_port_of_this_core_that_others_may_send_to_is_used_quickly) {
  const std::uint32_t port = add_port(here, "port");
  const std::uint64_t receive = grant_port_server(here, port);
  const std::uint64_t send = grant_port_client(there, port);
  start_both();
  call_by(there, SystemCall::PORT_SEND, {.handle = send, .words = {3}});
  settle();
  EXPECT_TRUE(is_quick(here, SystemCall::PORT_RECEIVE, {.handle = receive}));
  EXPECT_EQ(word(here, 0), 3u);
}

TEST_F(SharedCallTest, who_listens_is_told_by_the_long_way) {
  const std::uint64_t bell = of[&there].bell;
  start_both();
  call_by(there, SystemCall::BIND, {.handle = of[&there].channel, .words = {bell, 1, 1}});
  ASSERT_EQ(status(there), 0);
  EXPECT_FALSE(is_quick(here, SystemCall::CHAN_SEND, {.handle = of[&here].channel}));
  expect_nothing_held(kernel::channel_of(capability(here, of[&here].channel)));
}

TEST_F(SharedCallTest, a_batch_goes_the_long_way) {
  start_both();
  EXPECT_FALSE(is_quick(here, SystemCall::CHAN_SEND_BATCH, {.handle = of[&here].channel, .words = {1}}));
}

}  // namespace
