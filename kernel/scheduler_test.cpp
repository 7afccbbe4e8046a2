// SPDX-License-Identifier: Apache-2.0
//
// Who runs next, and when the timer is armed: priorities, turns, preemption, idling, interrupts.
#include "test/fakes/kernel_world.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Ticks;

struct SchedulerTest : fakes::KernelWorld {
  void sleep_for(std::uint64_t ticks) { call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + ticks}); }
  void sleep_for_ever() { call(SystemCall::SLEEP_UNTIL, {.deadline = kForever}); }
};

TEST_F(SchedulerTest, starts_with_the_most_urgent_thread) {
  add_program("low", 1);
  Thread& high = add_program("high", 63);
  add_program("middle", 30);
  start();
  EXPECT_TRUE(is_running(high));
  EXPECT_TRUE(fakes::armed_timer().is_forever()) << "nothing to wait for";
}

TEST_F(SchedulerTest, yield_lets_equals_run_in_turn_and_nobody_else) {
  Thread& low = add_program("low", 1);
  Thread& one = add_program("one", 7);
  Thread& two = add_program("two", 7);
  Thread& three = add_program("three", 7);
  start();
  for (Thread* expected : {&two, &three, &one, &two}) {
    const Thread& caller = call(SystemCall::YIELD);
    EXPECT_EQ(status(caller), 0);
    expect_clean(caller);
    EXPECT_TRUE(is_running(*expected));
  }
  EXPECT_EQ(low.state(), ThreadState::Ready);
}

TEST_F(SchedulerTest, a_wait_instruction_is_a_yield_that_keeps_every_register) {
  Thread& one = add_program("one", 7);
  Thread& two = add_program("two", 7);
  start();
  load(12345, {});
  const port::ThreadContext before = one.context();
  wait_instruction();
  EXPECT_TRUE(is_running(two));
  for (unsigned i = 0; i < 31; ++i) EXPECT_EQ(one.general[i], before.general[i]);
  EXPECT_EQ(one.processor_state, before.processor_state);
}

TEST_F(SchedulerTest, a_wait_instruction_of_a_lone_thread_comes_back_at_once) {
  Thread& one = add_program("one", 7);
  start();
  wait_instruction();
  EXPECT_TRUE(is_running(one));
  EXPECT_EQ(fakes::sleeps(), 0u);
}

TEST_F(SchedulerTest, an_interrupt_keeps_every_register_of_whom_it_interrupts) {
  Thread& one = add_program("one", 7);
  Thread& two = add_program("two", 9);
  start();
  ASSERT_TRUE(is_running(two));
  sleep_for(100);
  load(7, {});
  const port::ThreadContext before = one.context();
  pass(100);
  EXPECT_TRUE(is_running(two));
  for (unsigned i = 0; i < 31; ++i) EXPECT_EQ(one.general[i], before.general[i]);
  EXPECT_EQ(one.processor_state, 0xf0000000u) << "flags of a preempted thread are its own";
}

TEST_F(SchedulerTest, equals_take_turns_of_ten_milliseconds) {
  Thread& one = add_program("one", 7);
  Thread& two = add_program("two", 7);
  fakes::set_now(1000);
  start();
  EXPECT_EQ(fakes::armed_timer(), Ticks(1000 + kTurn));
  pass(kTurn - 1);
  EXPECT_TRUE(is_running(one));
  pass(1);
  EXPECT_TRUE(is_running(two));
  EXPECT_EQ(fakes::armed_timer(), Ticks(1000 + 2 * kTurn));
  pass(kTurn);
  EXPECT_TRUE(is_running(one));
}

TEST_F(SchedulerTest, a_thread_alone_at_its_priority_has_no_turns_and_no_tick) {
  add_program("low", 3);
  Thread& high = add_program("high", 7);
  start();
  EXPECT_TRUE(is_running(high));
  EXPECT_TRUE(fakes::armed_timer().is_forever());
}

TEST_F(SchedulerTest, the_tick_ends_when_the_competitor_is_gone) {
  add_program("one", 7);
  add_program("two", 7);
  start();
  EXPECT_FALSE(fakes::armed_timer().is_forever());
  sleep_for_ever();
  EXPECT_TRUE(fakes::armed_timer().is_forever());
}

TEST_F(SchedulerTest, a_turn_begins_when_a_competitor_becomes_ready) {
  Thread& one = add_program("one", 7);
  Thread& two = add_program("two", 7);
  fakes::set_now(1000);
  start();
  sleep_for(5000);
  ASSERT_TRUE(is_running(two));
  EXPECT_EQ(fakes::armed_timer(), Ticks(6000));
  pass(5000);
  EXPECT_TRUE(is_running(two)) << "an equal does not preempt";
  EXPECT_EQ(fakes::armed_timer(), Ticks(6000 + kTurn));
  pass(kTurn);
  EXPECT_TRUE(is_running(one));
}

TEST_F(SchedulerTest, something_more_urgent_preempts_when_its_time_comes) {
  Thread& low = add_program("low", 7);
  Thread& high = add_program("high", 8);
  fakes::set_now(1000);
  start();
  sleep_for(500);
  ASSERT_TRUE(is_running(low));
  EXPECT_EQ(fakes::armed_timer(), Ticks(1500));
  pass(499);
  EXPECT_TRUE(is_running(low));
  pass(1);
  EXPECT_TRUE(is_running(high));
  EXPECT_EQ(status(high), 0);
  expect_clean(high);
  EXPECT_EQ(low.state(), ThreadState::Ready);
}

TEST_F(SchedulerTest, a_preempted_thread_keeps_its_place_and_the_rest_of_its_turn) {
  Thread& one = add_program("one", 7);
  Thread& two = add_program("two", 7);
  Thread& high = add_program("high", 8);
  fakes::set_now(1000);
  start();
  sleep_for(kTurn / 4);
  ASSERT_TRUE(is_running(one));
  pass(kTurn / 4);
  ASSERT_TRUE(is_running(high));
  fakes::advance(kTurn);  // high works
  sleep_for_ever();
  ASSERT_TRUE(is_running(one)) << "not behind its equal";
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + kTurn - kTurn / 4));
  pass(kTurn - kTurn / 4);
  EXPECT_TRUE(is_running(two));
}

TEST_F(SchedulerTest, frequent_preemption_does_not_give_a_thread_endless_turns) {
  Thread& one = add_program("one", 7);
  Thread& two = add_program("two", 7);
  Thread& high = add_program("high", 8);
  start();
  sleep_for(kTurn / 2);
  std::uint64_t time_of_one = 0;
  std::uint64_t time_of_two = 0;
  for (int i = 0; i < 100; ++i) {
    const bool is_one = is_running(one);
    ASSERT_TRUE(is_one || is_running(two));
    const std::uint64_t step = fakes::armed_timer().value() - clock();
    (is_one ? time_of_one : time_of_two) += step;
    pass(step);
    if (is_running(high)) sleep_for(kTurn / 2);
  }
  EXPECT_LT(time_of_one, 2 * time_of_two);
  EXPECT_LT(time_of_two, 2 * time_of_one);
}

TEST_F(SchedulerTest, sleep_until_zero_or_the_past_returns_at_once) {
  Thread& one = add_program("one", 7);
  fakes::set_now(1000);
  start();
  for (const std::uint64_t deadline : {0, 1, 1000}) {
    EXPECT_EQ(status_of(SystemCall::SLEEP_UNTIL, {.deadline = deadline}), 0);
    expect_clean(one);
    EXPECT_TRUE(is_running(one));
  }
  EXPECT_EQ(fakes::sleeps(), 0u);
}

TEST_F(SchedulerTest, an_idle_core_sleeps_until_the_earliest_deadline) {
  Thread& one = add_program("one", 7);
  Thread& two = add_program("two", 9);
  fakes::set_now(1000);
  start();
  sleep_for(5000);
  ASSERT_TRUE(is_running(one));
  sleep_for(700);
  EXPECT_TRUE(is_running(one)) << "the core idled";
  EXPECT_EQ(clock(), 1700u);
  EXPECT_EQ(fakes::sleeps(), 1u);
  EXPECT_EQ(fakes::unfinished_interrupts(), 0u);
  sleep_for_ever();
  EXPECT_TRUE(is_running(two));
  EXPECT_EQ(clock(), 6000u);
  EXPECT_TRUE(fakes::armed_timer().is_forever());
}

TEST_F(SchedulerTest, deadlines_expire_in_their_order_whatever_the_order_of_sleeping) {
  std::vector<Thread*> threads;
  const base::SiloId silo = add_silo("many");
  for (char letter = 'a'; letter <= 'h'; ++letter) threads.push_back(&add_thread(silo, std::string(1, letter), 5));
  Thread& idle = add_program("idle", 0);
  start();
  const std::uint64_t begin = clock();
  for (std::size_t i = 0; i < threads.size(); ++i) {
    ASSERT_TRUE(is_running(*threads[i]));
    call(SystemCall::SLEEP_UNTIL, {.deadline = begin + 1000 + (i * 5 % 8) * 100});
  }
  ASSERT_TRUE(is_running(idle));
  for (std::uint64_t step = 0; step < 8; ++step) {
    pass(begin + 1000 + step * 100 - clock());
    std::size_t expected = 0;
    while (expected * 5 % 8 != step) ++expected;
    EXPECT_TRUE(is_running(*threads[expected]));
    sleep_for_ever();
  }
}

TEST_F(SchedulerTest, many_deadlines_at_once_are_served_in_pieces) {
  const base::SiloId first = add_silo("first");
  const base::SiloId second = add_silo("second");
  std::vector<std::string> names;
  for (int i = 0; i < 24; ++i) names.push_back("t" + std::to_string(i));
  for (const std::string& name : names) add_thread(first, name, 9), add_thread(second, name, 9);
  Thread& idle = add_program("idle", 0);
  start();
  const std::uint64_t when = clock() + 1000;
  while (!is_running(idle)) call(SystemCall::SLEEP_UNTIL, {.deadline = when});
  EXPECT_EQ(this_core().timers().size(), 48u);
  fakes::set_now(when);
  for (const unsigned left : {32u, 16u, 0u}) {
    ASSERT_LE(fakes::armed_timer(), Ticks(when)) << "the interrupt comes again";
    interrupt();
    EXPECT_EQ(this_core().timers().size(), left);
  }
  EXPECT_FALSE(is_running(idle));
}

TEST_F(SchedulerTest, a_blocked_operation_that_completes_in_time_leaves_no_deadline_behind) {
  Thread& receiver = add_program("receiver", 9);
  Thread& sender = add_program("sender", 5);
  const std::uint32_t port = add_port(receiver, "port");
  const std::uint64_t receive = grant_port_server(receiver, port);
  const std::uint64_t send = grant_port_client(sender, port);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive, .deadline = clock() + 1000});
  EXPECT_FALSE(fakes::armed_timer().is_forever());
  call(SystemCall::PORT_SEND, {.handle = send});
  ASSERT_TRUE(is_running(receiver));
  EXPECT_EQ(this_core().timers().size(), 0u);
  EXPECT_TRUE(fakes::armed_timer().is_forever());
}

TEST_F(SchedulerTest, a_call_stays_within_the_callers_turn) {
  Thread& server = add_program("server", 9);
  Thread& client = add_program("client", 5);
  Thread& equal = add_program("equal", 5);
  const std::uint32_t port = add_port(server, "port");
  const std::uint64_t receive = grant_port_server(server, port);
  const std::uint64_t send = grant_port_client(client, port);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(client));
  const Ticks end = fakes::armed_timer();
  fakes::advance(kTurn / 2);
  call(SystemCall::PORT_CALL, {.handle = send});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(fakes::armed_timer(), end) << "the server works in the client's time";
  pass(kTurn / 2);
  EXPECT_TRUE(is_running(equal));
}

TEST_F(SchedulerTest, stray_interrupts_are_finished_and_counted) {
  Thread& one = add_program("one", 5);
  start();
  fakes::raise_interrupt({port::InterruptKind::Stray, base::InterruptId(99)});
  fakes::raise_interrupt({port::InterruptKind::Stray, base::InterruptId(98)});
  interrupt();
  EXPECT_TRUE(is_running(one));
  EXPECT_EQ(this_core().stray_interrupts(), 2u);
  EXPECT_EQ(fakes::unfinished_interrupts(), 0u);
}

TEST_F(SchedulerTest, a_storm_of_interrupts_does_not_hold_the_kernel) {
  add_program("one", 5);
  start();
  for (int i = 0; i < 100; ++i) fakes::raise_interrupt({port::InterruptKind::Stray, base::InterruptId(99)});
  interrupt();
  EXPECT_EQ(this_core().stray_interrupts(), 16u);
}

TEST_F(SchedulerTest, a_console_without_room_is_drained_by_the_timer_every_millisecond) {
  Thread& one = add_program("one", 5);
  const std::uint64_t console_handle = grant(one, abi::ObjectType::Console, 0, {abi::Right::ConsoleWrite});
  start();
  fakes::set_console_room(4);
  EXPECT_EQ(status_of(SystemCall::CONSOLE_WRITE, {.handle = console_handle, .x1 = 6, .words = {0x0a'6f6c'6c65'68}}), 0);
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + kFrequency / 1000));
  fakes::set_console_room(100);
  pass(kFrequency / 1000);
  EXPECT_EQ(fakes::take_console(), "[one] hello\r\n");
  EXPECT_TRUE(fakes::armed_timer().is_forever()) << "and then no more";
}

TEST_F(SchedulerTest, left_over_work_gets_a_step_even_while_something_more_urgent_runs) {
  Thread& urgent = add_program("urgent", 40);
  Thread& holder = add_program("holder", 5);
  for (const char* name : {"t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9"}) add_thread(holder.silo().id, name, 5);
  start();
  sleep_for(50);
  ASSERT_TRUE(is_running(holder));
  // The timer is due while the stop is worked on: the more urgent thread runs before the rest.
  fakes::set_clock_step(10);
  call(SystemCall::EXIT, {.x1 = 3});
  ASSERT_TRUE(is_running(urgent));
  EXPECT_TRUE(this_core().has_work());
  fakes::set_clock_step(0);
  const Ticks armed = fakes::armed_timer();
  ASSERT_FALSE(armed.is_forever());
  EXPECT_LE(armed.value(), clock() + kFrequency / 10000);
  unsigned steps = 0;
  while (this_core().has_work()) {
    ASSERT_LT(++steps, 100u);
    pass(fakes::armed_timer().value() - clock());
    EXPECT_TRUE(is_running(urgent));
  }
  EXPECT_GT(steps, 3u);
  EXPECT_EQ(holder.state(), ThreadState::Dead);
}

}  // namespace
}  // namespace kernel
