// SPDX-License-Identifier: Apache-2.0
//
// Who is offered to direct callers and when no more; what such calls mean for priorities, turns and counts; and the
// floating-point registers on the way.
#include "test/fakes/host_prelude.hpp"

#include "kernel/direct_call.hpp"
#include "test/fakes/direct_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;
using base::Priority;
using base::Ticks;

struct DirectOfferTest : fakes::DirectWorld {
  bool calls_directly() { return is_direct(SystemCall::PORT_CALL, request()); }
  /// More urgent than all; sleeps until server_waits_after() and wake().
  void server_waits_after(Thread& first) {
    start();
    ASSERT_TRUE(is_running(first));
    call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
    call(SystemCall::PORT_RECEIVE, {.handle = receive});
    ASSERT_TRUE(is_running(client));
  }
  void wake(Thread& first) {
    pass(1000);
    ASSERT_TRUE(is_running(first));
  }
  std::pair<std::uint64_t, std::uint64_t> sent_and_received(std::uint64_t observer) {
    const Thread& thread = call(SystemCall::SILO_STATUS, {.handle = observer});
    return {thread.general[9], thread.general[10]};
  }
};

TEST_F(DirectOfferTest, a_second_receiver_ends_the_offer) {
  Thread& second = add_thread(server.silo().id, "second", 30);
  server_waits_after(second);
  call_directly();
  answer_directly();
  wake(second);
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(the_port().direct_receiver, nullptr);
  EXPECT_FALSE(calls_directly());
  ASSERT_TRUE(is_running(server)) << "who waits longest takes it";
  EXPECT_EQ(server.general[8], 2u) << "no token twice";
}

TEST_F(DirectOfferTest, a_second_receiver_is_offered_alone_while_the_first_serves) {
  Thread& second = add_thread(server.silo().id, "second", 30);
  server_waits_after(second);
  call_directly();
  wake(second);
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(the_port().direct_receiver, &second.context());
  EXPECT_FALSE(is_direct(SystemCall::PORT_REPLY_AND_RECEIVE, answer()));
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(the_port().direct_receiver, nullptr) << "now there are two";
}

TEST_F(DirectOfferTest, a_send_to_the_offered_one_ends_the_offer) {
  server_waits();
  call(SystemCall::PORT_SEND, {.handle = client_handle, .x1 = 4, .words = {1}});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.general[8], 0u);
  EXPECT_EQ(the_port().direct_receiver, nullptr);
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = receive}), minus(Error::EAGAIN));
}

TEST_F(DirectOfferTest, Y7_who_asks_for_the_times_ends_the_offer_and_gets_them_from_then_on) {
  Thread& second = add_thread(server.silo().id, "second", 30);
  server_waits_after(second);
  call_directly();
  answer_directly();
  wake(second);
  const Thread& asked = call(SystemCall::PORT_CALL_STATS, {.handle = receive, .words = {0}});
  EXPECT_EQ(asked.general[3], 0u) << "nothing was measured before";
  EXPECT_EQ(the_port().direct_receiver, nullptr);
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  EXPECT_FALSE(calls_directly());
  ASSERT_TRUE(is_running(server));
  fakes::advance(5);
  call(SystemCall::PORT_REPLY_AND_RECEIVE, answer());
  EXPECT_EQ(the_port().direct_receiver, nullptr) << "for good";
  wake(second);
  call(SystemCall::PORT_CALL_STATS, {.handle = receive, .words = {0}});
  EXPECT_EQ(second.general[3], 1u);
  EXPECT_EQ(second.general[4], 5u);
}

TEST_F(DirectOfferTest, who_asks_for_the_times_while_a_call_is_served_directly_gets_none_of_it) {
  server_waits();
  call_directly();
  const auto reply = answer();
  call(SystemCall::PORT_CALL_STATS, {.handle = receive, .words = {0}});
  fakes::advance(5);
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = reply.token}), 0);
  call(SystemCall::PORT_CALL_STATS, {.handle = receive, .words = {0}});
  EXPECT_EQ(server.general[3], 0u) << "when it was taken is not known";
}

TEST_F(DirectOfferTest, N12_while_tracing_is_on_everything_goes_the_long_way) {
  Thread& tracer = add_program("tracer", 30);
  const std::uint64_t trace = grant(tracer, abi::ObjectType::Trace, 0, {Right::TraceRead, Right::TraceControl});
  server_waits_after(tracer);
  call_directly();
  wake(tracer);
  EXPECT_EQ(status_of(SystemCall::TRACE_CONTROL, {.handle = trace, .words = {1}}), 0);
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  ASSERT_TRUE(is_running(server));
  EXPECT_FALSE(is_direct(SystemCall::PORT_REPLY_AND_RECEIVE, answer()));
  ASSERT_TRUE(is_running(client));
  EXPECT_FALSE(calls_directly());
  call(SystemCall::PORT_REPLY_AND_RECEIVE, answer());
  wake(tracer);
  EXPECT_EQ(status_of(SystemCall::TRACE_CONTROL, {.handle = trace, .words = {0}}), 0);
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  EXPECT_TRUE(calls_directly());
}

// Priorities and turns.

TEST_F(DirectOfferTest, the_server_runs_at_the_callers_priority_and_waits_at_its_own) {
  Thread& middle = add_program("middle", 15);
  Thread& sleeper = add_program("sleeper", 30);
  start();
  const std::uint64_t wakes = clock() + 1000;
  ASSERT_TRUE(is_running(sleeper));
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(middle));
  call(SystemCall::SLEEP_UNTIL, {.deadline = wakes});
  call_directly();
  pass(1000);
  ASSERT_TRUE(is_running(middle)) << "more urgent than the caller";
  EXPECT_EQ(server.effective_priority(), Priority(10));
  EXPECT_EQ(server.state(), ThreadState::Ready);
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(server));
  EXPECT_FALSE(is_direct(SystemCall::PORT_REPLY_AND_RECEIVE, answer()));
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(server.effective_priority(), Priority(20));
  call_directly();
  answer_directly();
  call(SystemCall::YIELD);
  EXPECT_EQ(server.effective_priority(), Priority(20));
}

TEST_F(DirectOfferTest, an_urgent_caller_makes_a_slow_server_urgent) {
  Thread& slow = add_program("slow", 5);
  const std::uint32_t back = add_port(slow, "back");
  const std::uint64_t slow_receive = grant_port_server(slow, back);
  const std::uint64_t handle = grant_port_client(client, back);
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});  // server
  const std::uint64_t wakes = clock() + 1000;
  call(SystemCall::SLEEP_UNTIL, {.deadline = wakes});       // client
  call(SystemCall::SLEEP_UNTIL, {.deadline = wakes + 10});  // other
  ASSERT_TRUE(is_running(slow));
  call(SystemCall::PORT_RECEIVE, {.handle = slow_receive});
  ASSERT_TRUE(is_running(client)) << "the core has slept until then";
  ASSERT_TRUE(is_direct(SystemCall::PORT_CALL, {.handle = handle, .x1 = 1}));
  ASSERT_TRUE(is_running(slow));
  pass(10);
  ASSERT_TRUE(is_running(slow)) << "it is as urgent as the client, whose turn it is";
  EXPECT_EQ(slow.effective_priority(), Priority(10));
  EXPECT_EQ(other.state(), ThreadState::Ready);
}

TEST_F(DirectOfferTest, a_direct_call_stays_within_the_turn_of_its_caller) {
  server_waits();
  const Ticks end = this_core().armed();
  ASSERT_EQ(end, Ticks(clock() + kTurn)) << "the other one is ready";
  pass(kTurn / 2);
  call_directly();
  pass(kTurn / 4);
  ASSERT_TRUE(is_running(server));
  answer_directly();
  EXPECT_EQ(this_core().armed(), end);
  pass(kTurn / 8);
  call_directly();
  pass(kTurn / 8);
  ASSERT_TRUE(is_running(other)) << "its turn is over, wherever it was spent";
  EXPECT_EQ(server.state(), ThreadState::Ready);
  EXPECT_EQ(client.waiting, ipc::Waiting::Reply);
  EXPECT_EQ(this_core().armed(), Ticks(clock() + kTurn));
  pass(kTurn);
  ASSERT_TRUE(is_running(server));
}

// Counts.

TEST_F(DirectOfferTest, Y8_P6_direct_calls_are_counted_as_any_other) {
  const std::uint64_t of_server = grant(other, abi::ObjectType::Silo, server.silo().id.value(), {Right::SiloObserve});
  const std::uint64_t of_client = grant(other, abi::ObjectType::Silo, client.silo().id.value(), {Right::SiloObserve});
  server_waits();
  for (unsigned i = 0; i < 5; ++i) {
    call_directly();
    answer_directly();
  }
  call(SystemCall::YIELD);
  ASSERT_TRUE(is_running(other));
  using Pair = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_EQ(sent_and_received(of_server), Pair(5, 5));
  EXPECT_EQ(sent_and_received(of_client), Pair(5, 5));
  EXPECT_EQ(port_statistics(other_handle), (std::vector<std::uint64_t>{0, 5, 0, 5, 5, 0, 0, 1}));
  call(SystemCall::YIELD);
  call_directly();
  pass(kTurn);
  ASSERT_TRUE(is_running(other));
  EXPECT_EQ(sent_and_received(of_server), Pair(5, 6)) << "the sixth is not answered";
  EXPECT_EQ(sent_and_received(of_client), Pair(6, 5));
  EXPECT_EQ(port_statistics(other_handle), (std::vector<std::uint64_t>{0, 6, 0, 6, 5, 0, 0, 1}));
  call(SystemCall::YIELD);
  call(SystemCall::PORT_REPLY_AND_RECEIVE, answer());
  while (!is_running(other)) call(SystemCall::YIELD);
  EXPECT_EQ(sent_and_received(of_server), Pair(6, 6));
  EXPECT_EQ(sent_and_received(of_client), Pair(6, 6));
  EXPECT_EQ(port_statistics(other_handle), (std::vector<std::uint64_t>{0, 6, 0, 6, 6, 0, 0, 1}));
}

// Floating point.

struct DirectFloatingTest : DirectOfferTest {
  void change(std::uint64_t value) {
    use_floating_point();
    for (std::uint64_t& word : fakes::floating_point_registers().vector) word = value;
    fakes::floating_point_registers().control = fakes::floating_point_registers().status = value;
  }
  void expect_values(std::uint64_t value) {
    ASSERT_EQ(running().trap_control, 0u);
    ASSERT_EQ(this_core().floating_point_owner(), &running().context());
    for (const std::uint64_t word : fakes::floating_point_registers().vector) ASSERT_EQ(word, value);
    ASSERT_EQ(fakes::floating_point_registers().control, value);
    ASSERT_EQ(fakes::floating_point_registers().status, value);
  }
  void floating_server_waits() {
    start();
    ASSERT_TRUE(is_running(server));
    change(5);
    call(SystemCall::PORT_RECEIVE, {.handle = receive});
    ASSERT_TRUE(is_running(client));
    ASSERT_EQ(the_port().direct_receiver, nullptr);
    ASSERT_EQ(the_port().floating_receiver, &server.context());
  }
};

TEST_F(DirectFloatingTest, the_registers_stay_with_a_server_whose_caller_does_not_use_them) {
  floating_server_waits();
  for (std::uint64_t value = 6; value < 9; ++value) {
    call_directly();
    expect_values(value - 1);
    change(value);
    answer_directly();
    EXPECT_NE(client.trap_control, 0u);
    EXPECT_EQ(this_core().floating_point_owner(), &server.context());
  }
}

TEST_F(DirectFloatingTest, the_registers_are_exchanged_between_two_that_use_them) {
  floating_server_waits();
  change(100);
  for (std::uint64_t value = 6; value < 9; ++value) {
    call_directly();
    expect_values(value - 1);
    change(value);
    answer_directly();
    expect_values(94 + value);
    change(95 + value);
  }
}

TEST_F(DirectFloatingTest, the_registers_of_a_third_are_the_kernels_business) {
  floating_server_waits();
  call(SystemCall::YIELD);
  ASSERT_TRUE(is_running(other));
  change(77);
  call(SystemCall::YIELD);
  EXPECT_FALSE(calls_directly());
  ASSERT_TRUE(is_running(server));
  EXPECT_NE(server.trap_control, 0u);
  change(5);
  EXPECT_EQ(other.floating_point.control, 77u);
}

TEST_F(DirectFloatingTest, who_is_resumed_by_the_kernel_after_an_exchange_traps) {
  floating_server_waits();
  change(100);
  call_directly();
  expect_values(5);
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = server.general[8]}), 0);
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(client) || is_running(other));
  while (!is_running(client)) call(SystemCall::YIELD);
  EXPECT_EQ(client.trap_control, fakes::kTrapFloatingPoint);
  use_floating_point();
  expect_values(100);
  EXPECT_EQ(server.floating_point.control, 5u);
}

TEST_F(DirectFloatingTest, a_reply_is_left_whose_call_the_kernel_has_caught_up_with) {
  floating_server_waits();
  change(100);
  call_directly();
  interrupt();
  EXPECT_EQ(server.floating_caller, 0u);
  EXPECT_FALSE(is_direct(SystemCall::PORT_REPLY_AND_RECEIVE, answer()));
  ASSERT_TRUE(is_running(client));
  use_floating_point();
  expect_values(100);
}

}  // namespace
}  // namespace kernel
