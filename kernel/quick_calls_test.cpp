// SPDX-License-Identifier: Apache-2.0
//
// Quick calls in their common cases: that they are quick, what they bring, who runs next, what becomes of turns, and
// what is counted. What is not quick is in quick_refusal_test.cpp; that nobody can tell, in
// quick_call_property_test.cpp.
#include "test/fakes/host_prelude.hpp"

#include "test/fakes/quick_world.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Ticks;

using Counts = std::pair<std::uint64_t, std::uint64_t>;

/// What somebody waits for and `first` brings.
enum class Kind { Channel, Port, Notification };

struct QuickWorld : fakes::QuickWorld {
  std::pair<SystemCall, fakes::CallRegisters> wait(Kind kind, const Thread& waiter, std::uint64_t deadline = kForever) {
    switch (kind) {
      case Kind::Channel: return {SystemCall::CHAN_RECV, {.handle = of[&waiter].channel, .deadline = deadline}};
      case Kind::Port: return {SystemCall::PORT_RECEIVE, {.handle = of[&waiter].receive, .deadline = deadline}};
      case Kind::Notification: break;
    }
    return {SystemCall::NOTIFICATION_WAIT, bits(of[&waiter].notification, 0x6, deadline)};
  }
  bool brings(Kind kind, const Thread& waiter) {
    switch (kind) {
      case Kind::Channel: return is_quick(SystemCall::CHAN_SEND, message(of[&first].channel));
      case Kind::Port: return is_quick(SystemCall::PORT_SEND, message(to[&waiter]));
      case Kind::Notification: break;
    }
    return is_quick(SystemCall::NOTIFICATION_SIGNAL, bits(of[&first].notification, 0x5));
  }
  /// `waiter` has what `first` has brought, and both have clean registers; it is counted.
  void expect_brought(Kind kind, const Thread& waiter) {
    expect_success(first);
    const bool is_message = kind != Kind::Notification;
    EXPECT_EQ(sent_and_received(first), Counts(is_message, 0));
    EXPECT_EQ(sent_and_received(waiter), Counts(0, is_message));
    EXPECT_EQ(waiter.blocked_on(), BlockedOn::Nothing);
    EXPECT_EQ(waiter.waiting, ipc::Waiting::Nothing);
    if (is_message) return expect_message(waiter);
    EXPECT_EQ(waiter.general[3], 0x4u) << "the bit of its mask";
    expect_success(waiter, {3});
    EXPECT_EQ(the_notification().bits(), 0x1u) << "the other one stays";
  }
};

struct QuickHandOver : QuickWorld, testing::WithParamInterface<Kind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, QuickHandOver, testing::Values(Kind::Channel, Kind::Port, Kind::Notification));

TEST_P(QuickHandOver, Y1_who_is_more_urgent_runs_at_once) {
  set_up({{&high, wait(GetParam(), high)}}, &low);
  ASSERT_TRUE(brings(GetParam(), high));
  ASSERT_TRUE(is_running(high));
  expect_brought(GetParam(), high);
  EXPECT_EQ(first.state(), ThreadState::Ready);
  EXPECT_TRUE(fakes::armed_timer().is_forever()) << "nobody else has its priority";
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  EXPECT_TRUE(is_running(first));
}

TEST_P(QuickHandOver, Y1_who_is_as_urgent_gets_a_turn_after_the_one_that_runs) {
  set_up({{&equal, wait(GetParam(), equal)}});
  ASSERT_TRUE(brings(GetParam(), equal));
  ASSERT_TRUE(is_running(first));
  expect_brought(GetParam(), equal);
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + kTurn));
  pass(kTurn - 1);
  EXPECT_TRUE(is_running(first));
  pass(1);
  EXPECT_TRUE(is_running(equal));
}

TEST_P(QuickHandOver, Y1_who_is_less_urgent_runs_later) {
  set_up({{&low, wait(GetParam(), low)}});
  ASSERT_TRUE(brings(GetParam(), low));
  ASSERT_TRUE(is_running(first));
  expect_brought(GetParam(), low);
  EXPECT_TRUE(fakes::armed_timer().is_forever());
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  EXPECT_TRUE(is_running(low));
}

TEST_P(QuickHandOver, Y1_who_becomes_ready_queues_behind_the_others_of_its_priority) {
  Thread& third = add_thread(equal.silo().id, "third", 10);
  set_up({{&equal, wait(GetParam(), equal)}}, &third);
  const Ticks turn_end(clock() + kTurn);
  EXPECT_EQ(fakes::armed_timer(), turn_end);
  pass(100);
  ASSERT_TRUE(brings(GetParam(), equal)) << "a turn in progress goes on";
  ASSERT_TRUE(is_running(first));
  EXPECT_EQ(fakes::armed_timer(), turn_end);
  call(SystemCall::YIELD);
  ASSERT_TRUE(is_running(third));
  call(SystemCall::YIELD);
  EXPECT_TRUE(is_running(equal));
}

TEST_P(QuickHandOver, N1_the_one_that_waits_blocks_and_the_next_one_runs) {
  set_up({}, &low);
  const auto [number, registers] = wait(GetParam(), first);
  ASSERT_TRUE(is_quick(number, registers));
  ASSERT_TRUE(is_running(low));
  EXPECT_EQ(first.state(), ThreadState::Blocked);
  EXPECT_EQ(first.blocked_on(), GetParam() == Kind::Notification ? BlockedOn::Wait : BlockedOn::Receive);
  EXPECT_EQ(first.general[0], registers.handle) << "as long as it waits, its arguments stay";
  EXPECT_EQ(first.general[8], static_cast<std::uint64_t>(number));
  EXPECT_EQ(sent_and_received(first), Counts(0, 0));
  EXPECT_TRUE(fakes::armed_timer().is_forever());
  this_core().cancel_operation(first, base::Error::ETIMEDOUT);
  interrupt();
  ASSERT_TRUE(is_running(first));
  EXPECT_EQ(status(first), minus(base::Error::ETIMEDOUT));
}

TEST_P(QuickHandOver, N1_the_next_one_begins_a_turn_if_another_one_of_its_priority_is_ready) {
  Thread& third = add_thread(equal.silo().id, "third", 10);
  const auto [number, registers] = wait(GetParam(), first);
  set_up({}, &equal);
  this_core().cancel_operation(third, base::Error::ETIMEDOUT);
  pass(100);
  ASSERT_TRUE(is_quick(number, registers));
  ASSERT_TRUE(is_running(equal));
  const std::uint64_t begin = clock();
  pass(kTurn - 100);
  ASSERT_TRUE(is_running(equal)) << "the turn that the comparator still had is not its turn";
  EXPECT_EQ(fakes::armed_timer(), Ticks(begin + kTurn));
  pass(100);
  EXPECT_TRUE(is_running(third));
}

TEST_P(QuickHandOver, N1_who_was_preempted_has_the_rest_of_its_turn) {
  const auto [number, registers] = wait(GetParam(), high);
  const std::uint64_t wake = clock() + 1000 + 1 + kTurn / 4;
  set_up({{&high, {SystemCall::SLEEP_UNTIL, {.deadline = wake}}}}, &equal);
  pass(kTurn / 4);
  ASSERT_TRUE(is_running(high));
  pass(500);
  ASSERT_TRUE(is_quick(number, registers));
  ASSERT_TRUE(is_running(first));
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + kTurn - kTurn / 4));
  pass(kTurn - kTurn / 4);
  EXPECT_TRUE(is_running(equal));
}

TEST_P(QuickHandOver, N1_who_is_alone_has_no_turn_and_the_comparator_learns_it_when_it_fires) {
  set_up({}, &equal);
  const Ticks turn_end = fakes::armed_timer();
  const auto [number, registers] = wait(GetParam(), first);
  ASSERT_TRUE(is_quick(number, registers));
  ASSERT_TRUE(is_running(equal));
  EXPECT_EQ(fakes::armed_timer(), turn_end) << "setting it anew for each switch costs more";
  pass(kTurn);
  EXPECT_TRUE(is_running(equal));
  EXPECT_TRUE(fakes::armed_timer().is_forever());
}

TEST_P(QuickHandOver, F1_a_message_of_four_words_has_no_more) {
  if (GetParam() == Kind::Notification) return;
  set_up({{&high, wait(GetParam(), high)}});
  const bool is_channel = GetParam() == Kind::Channel;
  ASSERT_TRUE(is_quick(is_channel ? SystemCall::CHAN_TRY_SEND : SystemCall::PORT_TRY_SEND,
                       message(is_channel ? of[&first].channel : to[&high], 0)));
  ASSERT_TRUE(is_running(high));
  expect_message(high, false);
}

struct QuickCalls : QuickWorld {};

TEST_F(QuickCalls, S2_S8_S9_a_channel_queues_and_gives_back) {
  set_up({}, &low);
  for (unsigned i = 0; i < 2; ++i) {
    ASSERT_TRUE(is_quick(i == 0 ? SystemCall::CHAN_SEND : SystemCall::CHAN_TRY_SEND, message(of[&first].channel, i)));
    expect_success(first);
  }
  EXPECT_EQ(sent_and_received(first), Counts(2, 0));
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  for (unsigned i = 0; i < 2; ++i) {
    ASSERT_TRUE(is_quick(i == 0 ? SystemCall::CHAN_RECV : SystemCall::CHAN_TRY_RECV, {.handle = of[&low].channel}));
    expect_message(low, i == 1);
  }
  EXPECT_EQ(sent_and_received(low), Counts(0, 2));
  EXPECT_EQ(queued(), 0u);
  const ipc::ChannelStatistics now = the_channel().statistics(fakes::unlocked(), 0);
  EXPECT_EQ(now.sent, 2u);
  EXPECT_EQ(now.deepest_queue, 2u);
  EXPECT_EQ(now.queued_to_other, 0u);
  EXPECT_EQ(the_channel().statistics(fakes::unlocked(), 1).received, 2u);
}

TEST_F(QuickCalls, S8_a_message_that_is_handed_over_is_counted_as_sent_and_received) {
  set_up({{&high, wait(Kind::Channel, high)}});
  ASSERT_TRUE(brings(Kind::Channel, high));
  const ipc::ChannelStatistics now = the_channel().statistics(fakes::unlocked(), 0);
  EXPECT_EQ(now.sent, 1u);
  EXPECT_EQ(now.deepest_queue, 0u);
  EXPECT_EQ(the_channel().statistics(fakes::unlocked(), 1).received, 1u);
}

TEST_F(QuickCalls, P1_P3_P6_a_port_queues_and_gives_back) {
  set_up({}, &low);
  for (unsigned i = 0; i < 16; ++i)
    ASSERT_TRUE(is_quick(i % 2 == 0 ? SystemCall::PORT_SEND : SystemCall::PORT_TRY_SEND, message(to[&low], i % 2)));
  expect_success(first);
  EXPECT_EQ(sent_and_received(first), Counts(16, 0));
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  for (unsigned i = 0; i < 16; ++i) {
    ASSERT_TRUE(
        is_quick(i % 2 == 0 ? SystemCall::PORT_RECEIVE : SystemCall::PORT_TRY_RECEIVE, {.handle = of[&low].receive}));
    expect_message(low, i % 2 == 1);
  }
  EXPECT_EQ(sent_and_received(low), Counts(0, 16));
  EXPECT_EQ(queued(), 0u);
  const ipc::PortStatistics now = the_port(low).statistics();
  EXPECT_EQ(now.sent, 16u);
  EXPECT_EQ(now.received, 16u);
  EXPECT_EQ(now.queued, 0u);
  EXPECT_EQ(now.deepest_queue, 16u);
}

TEST_F(QuickCalls, P6_a_message_to_a_port_that_is_handed_over_is_counted_as_sent_and_received) {
  set_up({{&high, wait(Kind::Port, high)}});
  ASSERT_TRUE(brings(Kind::Port, high));
  const ipc::PortStatistics now = the_port(high).statistics();
  EXPECT_EQ(now.sent, 1u);
  EXPECT_EQ(now.received, 1u);
  EXPECT_EQ(now.deepest_queue, 0u);
  EXPECT_EQ(the_port(high).direct_receiver, nullptr) << "the offer is over";
}

TEST_F(QuickCalls, F6_who_waits_at_a_port_by_a_quick_call_can_be_called_directly) {
  tries_fast_path = true;
  set_up({{&high, wait(Kind::Port, high)}});
  ASSERT_EQ(gone_quickly().at(static_cast<std::uint64_t>(SystemCall::PORT_RECEIVE)), 1u);
  EXPECT_EQ(the_port(high).direct_receiver, &high.context());
  call(SystemCall::PORT_CALL, message(to[&high]));
  EXPECT_TRUE(is_running(high));
  EXPECT_EQ(gone_directly(), 1u);
}

TEST_F(QuickCalls, F6_two_that_wait_at_a_port_are_not_called_directly) {
  Thread& second = add_thread(high.silo().id, "second", 20);
  set_up({{&high, wait(Kind::Port, high)}, {&second, {SystemCall::SLEEP_UNTIL, {.deadline = clock() + 2000}}}}, &low);
  EXPECT_EQ(the_port(high).direct_receiver, &high.context());
  pass(2000);
  ASSERT_TRUE(is_running(second));
  ASSERT_TRUE(is_quick(SystemCall::PORT_RECEIVE, {.handle = of[&high].receive}));
  EXPECT_EQ(the_port(high).direct_receiver, nullptr);
  EXPECT_FALSE(the_port(high).has_one_receiver());
  ASSERT_TRUE(is_running(first));
  ASSERT_TRUE(brings(Kind::Port, high));
  EXPECT_TRUE(is_running(high)) << "who waits longest takes it";
}

TEST_F(QuickCalls, A2_A3_A7_an_async_channel_takes_and_gives) {
  set_up({}, &low);
  for (unsigned i = 0; i < 2; ++i) {
    ASSERT_TRUE(is_quick(SystemCall::ASYNC_SEND, message(of[&first].async, i)));
    expect_success(first);
  }
  EXPECT_EQ(sent_and_received(first), Counts(2, 0));
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  for (unsigned i = 0; i < 2; ++i) {
    ASSERT_TRUE(
        is_quick(i == 0 ? SystemCall::ASYNC_RECEIVE : SystemCall::ASYNC_TRY_RECEIVE, {.handle = of[&low].async}));
    expect_message(low, i == 1);
  }
  EXPECT_EQ(sent_and_received(low), Counts(0, 2));
}

TEST_F(QuickCalls, N6_bits_are_set_and_taken) {
  set_up({}, &low);
  ASSERT_TRUE(is_quick(SystemCall::NOTIFICATION_SIGNAL, bits(of[&first].notification, 0x5)));
  expect_success(first);
  EXPECT_EQ(the_notification().bits(), 0x5u);
  ASSERT_TRUE(is_quick(SystemCall::NOTIFICATION_WAIT, bits(of[&first].notification, 0xc, 0)));
  EXPECT_EQ(first.general[3], 0x4u);
  expect_success(first, {3});
  EXPECT_EQ(the_notification().bits(), 0x1u);
}

TEST_F(QuickCalls, N6_a_waiter_goes_on_waiting_for_bits_outside_its_mask) {
  set_up({{&high, wait(Kind::Notification, high)}});
  ASSERT_TRUE(is_quick(SystemCall::NOTIFICATION_SIGNAL, bits(of[&first].notification, 0x9)));
  EXPECT_TRUE(is_running(first));
  EXPECT_EQ(high.state(), ThreadState::Blocked);
  EXPECT_EQ(the_notification().bits(), 0x9u);
}

TEST_F(QuickCalls, N4_a_semaphore_counts_up_and_down) {
  set_up({}, &low);
  for (const SystemCall wait : {SystemCall::SEMAPHORE_WAIT, SystemCall::SEMAPHORE_TRY_WAIT}) {
    ASSERT_TRUE(is_quick(SystemCall::SEMAPHORE_POST, {.handle = of[&first].semaphore}));
    expect_success(first);
    EXPECT_EQ(the_semaphore().count(), 1u);
    ASSERT_TRUE(is_quick(wait, {.handle = of[&first].semaphore}));
    expect_success(first);
    EXPECT_EQ(the_semaphore().count(), 0u);
  }
  EXPECT_EQ(sent_and_received(first), Counts(0, 0));
}

TEST_F(QuickCalls, N12_a_core_that_traces_does_not_try_them) {
  tries_fast_path = true;
  const std::uint64_t trace = grant(first, Type::Trace, 0, {Right::TraceControl});
  set_up({});
  call(SystemCall::TRACE_CONTROL, {.handle = trace, .words = {1}});
  EXPECT_EQ(status_of(SystemCall::SEMAPHORE_POST, {.handle = of[&first].semaphore}), 0);
  EXPECT_TRUE(gone_quickly().empty());
  call(SystemCall::TRACE_CONTROL, {.handle = trace, .words = {0}});
  EXPECT_EQ(status_of(SystemCall::SEMAPHORE_POST, {.handle = of[&first].semaphore}), 0);
  EXPECT_EQ(gone_quickly().size(), 1u);
}

}  // namespace
}  // namespace kernel
