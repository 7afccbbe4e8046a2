// SPDX-License-Identifier: Apache-2.0
//
// Who is more urgent than the silo that is called is not kept by calls of other cores, nor are other windows.
#include "kernel/visits_aside.hpp"

#include "test/fakes/visited_core.hpp"

namespace {

using abi::SystemCall;
using base::Error;
using kernel::Thread;
using kernel::ThreadState;

using VisitsAsideTest = fakes::VisitedCore;

TEST_F(VisitsAsideTest, a_call_to_a_less_urgent_silo_waits_until_nobody_more_urgent_runs) {
  begin();
  call_meek(*callers[0]);
  settle();
  EXPECT_EQ(running_on(0), &urgent);
  EXPECT_EQ(meek.state(), ThreadState::Blocked) << "it has not got it yet";
  EXPECT_EQ(callers[0]->waiting, ipc::Waiting::Queue);
  urgent_waits();
  EXPECT_EQ(running_on(0), &meek);
  EXPECT_EQ(callers[0]->waiting, ipc::Waiting::Reply);
}

TEST_F(VisitsAsideTest, a_call_to_the_running_silo_or_a_more_urgent_one_is_done_at_once) {
  begin();
  call_by(*callers[0], SystemCall::PORT_CALL, {.handle = to_urgent});
  settle();
  EXPECT_EQ(callers[0]->waiting, ipc::Waiting::CallQueued);
}

TEST_F(VisitsAsideTest, they_are_done_by_urgency_and_in_order) {
  Thread& middle = add_program_on(0, "middle", 20);
  const std::uint32_t of_middle = add_port(middle, "middle");
  const std::uint64_t middle_port = grant_port_server(middle, of_middle);
  const std::uint64_t to_middle = grant_port_client(*callers[0], of_middle);
  begin({{&middle, middle_port}, {&meek, meek_port}});
  call_meek(*callers[0]);
  settle();
  call_meek(*callers[1]);
  settle();
  call_by(*callers[2], SystemCall::PORT_CALL, {.handle = to_middle});
  settle();
  EXPECT_EQ(middle.state(), ThreadState::Blocked);
  urgent_waits();
  ASSERT_EQ(running_on(0), &middle);
  EXPECT_EQ(callers[0]->waiting, ipc::Waiting::Queue) << "it still waits for less urgent times";
  call_by(middle, SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = middle_port, .token = middle.general[8]});
  ASSERT_EQ(running_on(0), &meek);
  EXPECT_EQ(callers[0]->waiting, ipc::Waiting::Reply) << "the first one first";
  EXPECT_EQ(callers[1]->waiting, ipc::Waiting::CallQueued);
}

TEST_F(VisitsAsideTest, a_deadline_ends_a_call_that_waits_aside) {
  begin();
  call_meek(*callers[0], clock() + 50);
  EXPECT_TRUE(deliver(0));
  EXPECT_EQ(callers[0]->waiting, ipc::Waiting::Queue);
  fakes::advance(50);
  timer_on(1);
  EXPECT_EQ(status(*callers[0]), minus(Error::ETIMEDOUT));
  urgent_waits();
  EXPECT_EQ(meek.state(), ThreadState::Blocked) << "nothing has come";
}

TEST_F(VisitsAsideTest, a_call_that_does_not_wait_is_done_at_once) {
  begin();
  call_meek(*callers[0], clock());
  settle();
  EXPECT_EQ(status(*callers[0]), minus(Error::ETIMEDOUT));
  call_by(*callers[0], SystemCall::PORT_TRY_SEND, {.handle = to_meek});
  settle();
  EXPECT_EQ(status(*callers[0]), 0);
  call_by(*callers[0], SystemCall::PORT_SEND, {.handle = to_meek, .deadline = abi::kDeadlineDoNotBlock});
  settle();
  EXPECT_EQ(status(*callers[0]), 0);
  EXPECT_EQ(running_on(0), &urgent);
}

TEST_F(VisitsAsideTest, but_not_again_and_again) {
  begin();
  unsigned done = 0;
  for (unsigned i = 0; i < 100 && running_on(1) == callers[0]; ++i) {
    call_by(*callers[0], SystemCall::PORT_TRY_SEND, {.handle = to_meek});
    settle();
    done += running_on(1) == callers[0] ? 1 : 0;
  }
  EXPECT_EQ(done, 8u);
  fakes::advance(2'000 * port::clock_frequency() / 1'000'000);
  timer_on(0);
  settle();
  EXPECT_EQ(status(*callers[0]), 0);
  EXPECT_EQ(running_on(1), callers[0]) << "it is heard then";
}

TEST_F(VisitsAsideTest, who_comes_again_and_again_is_not_listened_to_for_a_while) {
  begin();
  EXPECT_EQ(disturb(100), 8u);
  EXPECT_EQ(running_on(0), &urgent);
  call_meek(*callers[0]);
  EXPECT_FALSE(deliver(0)) << "it stays in the inbox";
  fakes::advance(2'000 * port::clock_frequency() / 1'000'000);
  timer_on(0);
  EXPECT_EQ(running_on(0), &urgent);
  EXPECT_EQ(callers[0]->waiting, ipc::Waiting::Queue) << "aside now";
  urgent_waits();
  EXPECT_EQ(running_on(0), &meek);
}

TEST_F(VisitsAsideTest, a_core_with_nothing_more_urgent_to_do_listens_at_once) {
  begin();
  disturb(20);
  call_meek(*callers[0]);
  urgent_waits();
  EXPECT_EQ(running_on(0), &meek) << "before the time is over";
}

TEST_F(VisitsAsideTest, wake_ups_are_heard_while_visitors_are_not) {
  const std::uint32_t bell = add_notification("bell");
  const std::uint64_t waits = grant(meek, abi::ObjectType::Notification, bell, {abi::Right::NotificationWait});
  const std::uint64_t rings = grant(*callers[0], abi::ObjectType::Notification, bell, {abi::Right::NotificationSignal});
  start_both();
  call_by(urgent, SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  ASSERT_EQ(running_on(0), &meek);
  call_by(meek, SystemCall::NOTIFICATION_WAIT, {.handle = waits, .words = {1}});
  ASSERT_EQ(running_on(0), &urgent);
  disturb(17);
  call_meek(*callers[0], clock() + 5);  // unheard in the inbox
  ASSERT_NE(running_on(1), callers[0]);
  fakes::advance(5);
  timer_on(1);
  call_by(*callers[0], SystemCall::NOTIFICATION_SIGNAL, {.handle = rings, .words = {1}});
  EXPECT_TRUE(deliver(0));
  EXPECT_TRUE(meek.is_runnable());
}

TEST(VisitsAside, takes_what_is_due_and_passes_over_what_was_cancelled) {
  kernel::VisitsAside aside;
  struct : ipc::Object {
    using Object::Object;
  } object(abi::ObjectType::Port);
  ipc::Party first, second, third;
  aside.put_behind(first, object, base::Priority(10));
  aside.put_behind(second, object, base::Priority(20));
  aside.put_outside(third, object, 3);
  EXPECT_TRUE(aside.may_be_due(0, base::Priority(20)));
  EXPECT_FALSE(aside.may_be_due(0, base::Priority(21)));
  EXPECT_TRUE(aside.may_be_due(3, base::Priority(63)));
  EXPECT_EQ(aside.take_due(0, base::Priority(21)), nullptr);
  ipc::cancel(second, Error::EPIPE);
  EXPECT_EQ(aside.take_due(0, base::Priority(11)), nullptr);
  EXPECT_EQ(aside.take_due(3, base::Priority(63)), &third);
  EXPECT_EQ(aside.take_due(0, base::Priority(0)), &first);
  EXPECT_EQ(aside.take_due(0, base::Priority(0)), nullptr);
  EXPECT_FALSE(aside.may_be_due(0, base::Priority(0)));
}

}  // namespace
