// SPDX-License-Identifier: Apache-2.0
//
// Ports through real system calls: what arrives in which register, who runs next, donation, deadlines, and every way in
// which a caller is let go.
#include "test/fakes/kernel_world.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Error;
using fakes::CallRegisters;

struct PortCallsTest : fakes::KernelWorld {
  Thread& server = add_program("server", 20);
  Thread& client = add_program("client", 10);
  Thread& other = add_program("other", 10);
  std::uint32_t port = add_port(server, "command");
  std::uint64_t receive = grant_port_server(server, port);
  std::uint64_t client_handle = grant_port_client(client, port, 0xb1);
  std::uint64_t other_handle = grant_port_client(other, port, 0xb2);

  /// The server waits and the client runs.
  void server_waits() {
    start();
    ASSERT_TRUE(is_running(server));
    call(SystemCall::PORT_RECEIVE, {.handle = receive});
    ASSERT_TRUE(is_running(client));
  }
  void call_server(std::uint64_t handle, std::uint64_t opcode = 1, std::uint64_t deadline = kForever) {
    call(SystemCall::PORT_CALL, {.handle = handle, .x1 = opcode, .words = {1, 2, 3, 4}, .deadline = deadline});
  }
};

TEST_F(PortCallsTest, Y5_a_call_to_a_waiting_server_switches_to_it_and_delivers) {
  server_waits();
  call_server(client_handle, 42);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(client.state(), ThreadState::Blocked);
  const std::uint64_t expected[19] = {0, 42, 0, 1, 2, 3, 4, 0xb1, server.general[8]};
  for (unsigned i = 0; i <= 18; ++i) EXPECT_EQ(server.general[i], expected[i]) << i;
  EXPECT_NE(server.general[8], 0u);
  for (unsigned i = 19; i <= 30; ++i) EXPECT_EQ(server.general[i], dirt(server, i));
  EXPECT_EQ(server.processor_state, 0u);
}

TEST_F(PortCallsTest, Y2_eight_words_travel_both_ways) {
  server_waits();
  call(SystemCall::PORT_CALL, {.handle = client_handle, .x1 = 1, .flags = 1, .words = {1, 2, 3, 4, 5, 6, 7, 8}});
  const std::uint64_t in[19] = {0, 1, 1, 1, 2, 3, 4, 0xb1, server.general[8], 5, 6, 7, 8};
  for (unsigned i = 0; i <= 18; ++i) EXPECT_EQ(server.general[i], in[i]) << i;
  call(SystemCall::PORT_REPLY_AND_RECEIVE,
       {.handle = receive, .x1 = 9, .flags = 1, .words = {8, 7, 6, 5, 4, 3, 2, 1}, .token = server.general[8]});
  ASSERT_TRUE(is_running(client));
  const std::uint64_t out[19] = {0, 9, 1, 8, 7, 6, 5, 0, 0, 4, 3, 2, 1};
  for (unsigned i = 0; i <= 18; ++i) EXPECT_EQ(client.general[i], out[i]) << i;
}

TEST_F(PortCallsTest, words_that_the_flags_do_not_announce_do_not_travel) {
  server_waits();
  call_server(client_handle);  // X9-X12 of the client are dirty
  for (unsigned i = 9; i <= 12; ++i) EXPECT_EQ(server.general[i], 0u);
}

TEST_F(PortCallsTest, the_server_runs_at_the_callers_priority_and_then_at_its_own) {
  server_waits();
  call_server(client_handle);
  EXPECT_EQ(server.effective_priority(), client.own_priority());
  const std::uint64_t token = server.general[8];
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), 0);
  EXPECT_EQ(server.effective_priority(), server.own_priority());
  EXPECT_TRUE(is_running(server)) << "it is the more urgent one again";
  EXPECT_EQ(client.state(), ThreadState::Ready);
}

TEST_F(PortCallsTest, a_queued_call_donates_when_it_is_taken) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  call_server(client_handle);
  EXPECT_EQ(client.waiting, ipc::Waiting::CallQueued);
  call_server(other_handle);
  ASSERT_TRUE(is_running(server)) << "its sleep was all that was left";
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.general[7], 0xb1u);
  EXPECT_EQ(server.effective_priority(), base::Priority(10));
}

TEST_F(PortCallsTest, the_caller_taken_last_is_the_one_who_donates) {
  Thread& urgent = add_program("urgent", 30);
  const std::uint64_t urgent_handle = grant_port_client(urgent, port, 0xb3);
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 500});  // urgent
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call_server(client_handle);
  ASSERT_TRUE(is_running(server));
  const std::uint64_t first = server.general[8];
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  EXPECT_EQ(server.effective_priority(), base::Priority(10)) << "it still owes the client";
  ASSERT_TRUE(is_running(other));
  pass(500);
  ASSERT_TRUE(is_running(urgent));
  call_server(urgent_handle);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.effective_priority(), base::Priority(30));
  const std::uint64_t second = server.general[8];
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = second}), 0);
  ASSERT_TRUE(is_running(urgent));
  EXPECT_EQ(server.effective_priority(), base::Priority(10));
  call(SystemCall::EXIT, {});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = first}), 0);
  EXPECT_EQ(server.effective_priority(), base::Priority(20));
}

TEST_F(PortCallsTest, donation_reaches_through_a_chain_and_is_taken_back) {
  Thread& backend = add_program("backend", 5);
  const std::uint32_t back_port = add_port(backend, "back");
  const std::uint64_t back_receive = grant_port_server(backend, back_port);
  const std::uint64_t back_handle = grant_port_client(server, back_port);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 9000});  // client
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 9000});  // other
  ASSERT_TRUE(is_running(backend));
  call(SystemCall::PORT_RECEIVE, {.handle = back_receive, .deadline = kForever});
  ASSERT_TRUE(is_running(client)) << "idled until the sleep was over";
  call_server(client_handle, 1, clock() + 300);
  ASSERT_TRUE(is_running(server));
  call(SystemCall::PORT_CALL, {.handle = back_handle});
  ASSERT_TRUE(is_running(backend));
  EXPECT_EQ(backend.effective_priority(), base::Priority(10));
  pass(300);
  EXPECT_EQ(status(client), minus(Error::ETIMEDOUT));
  EXPECT_EQ(server.effective_priority(), base::Priority(20)) << "it works for nobody but itself now";
  EXPECT_EQ(backend.effective_priority(), base::Priority(20)) << "and so does whoever works for it";
}

TEST_F(PortCallsTest, Y6_reply_and_receive_goes_straight_to_the_caller) {
  server_waits();
  call_server(client_handle);
  // `other` has waited longer at the same priority: the turn is the caller's all the same.
  call(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .x1 = 5, .words = {6}, .token = server.general[8]});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(client.general[0], 0u);
  EXPECT_EQ(client.general[1], 5u);
  EXPECT_EQ(client.general[3], 6u);
  EXPECT_EQ(client.general[7], 0u);
  EXPECT_EQ(client.general[8], 0u);
  EXPECT_EQ(server.waiting, ipc::Waiting::PortMessage);
}

TEST_F(PortCallsTest, reply_and_receive_goes_to_something_more_urgent_first) {
  Thread& urgent = add_program("urgent", 40);
  start();
  ASSERT_TRUE(is_running(urgent));
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 500});
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call_server(client_handle);
  ASSERT_TRUE(is_running(server));
  fakes::advance(500);
  interrupt();
  ASSERT_TRUE(is_running(urgent)) << "preempted";
  call(SystemCall::YIELD);
  EXPECT_TRUE(is_running(urgent));
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 500});
  ASSERT_TRUE(is_running(server));
}

TEST_F(PortCallsTest, reply_and_receive_takes_the_next_message_if_there_is_one) {
  server_waits();
  call_server(client_handle);
  const std::uint64_t token = server.general[8];
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 5});
  ASSERT_TRUE(is_running(other));
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = other_handle, .x1 = 3, .words = {9}}), 0);
  pass(5);
  call(SystemCall::YIELD);
  ASSERT_TRUE(is_running(server));
  call(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .token = token});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.general[1], 3u);
  EXPECT_EQ(server.general[7], 0xb2u);
  EXPECT_EQ(server.general[8], 0u);
  EXPECT_EQ(client.state(), ThreadState::Ready);
}

TEST_F(PortCallsTest, Y1_a_send_to_a_waiting_receiver_switches_only_if_it_is_more_urgent) {
  Thread& lazy = add_program("lazy", 5);
  const std::uint32_t lazy_port = add_port(lazy, "lazy");
  const std::uint64_t lazy_receive = grant_port_server(lazy, lazy_port);
  const std::uint64_t lazy_handle = grant_port_client(client, lazy_port);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 9});  // client
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});     // other
  ASSERT_TRUE(is_running(lazy));
  call(SystemCall::PORT_RECEIVE, {.handle = lazy_receive});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = lazy_handle}), 0);
  EXPECT_TRUE(is_running(client)) << "the receiver is less urgent";
  EXPECT_EQ(lazy.state(), ThreadState::Ready);
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = client_handle, .x1 = 8}), 0);
  ASSERT_TRUE(is_running(server)) << "this one is more urgent";
  EXPECT_EQ(server.general[1], 8u);
  EXPECT_EQ(server.general[8], 0u);
  EXPECT_EQ(client.state(), ThreadState::Ready);
}

TEST_F(PortCallsTest, Y3_D4_a_full_port_blocks_the_sender_until_a_slot_is_free) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  for (unsigned i = 0; i < abi::kPortQueueCapacity; ++i) {
    ASSERT_EQ(status_of(SystemCall::PORT_SEND, {.handle = client_handle, .x1 = i}), 0);
  }
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = client_handle}), minus(Error::EAGAIN));
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = client_handle, .deadline = 0}), minus(Error::EAGAIN));
  call(SystemCall::PORT_SEND, {.handle = client_handle, .x1 = 16});
  EXPECT_EQ(client.waiting, ipc::Waiting::SendSlot);
  ASSERT_TRUE(is_running(other));
  pass(1000);
  ASSERT_TRUE(is_running(server));
  for (unsigned i = 0; i <= abi::kPortQueueCapacity; ++i) {
    ASSERT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = receive}), 0);
    EXPECT_EQ(server.general[1], i);
  }
  EXPECT_EQ(client.state(), ThreadState::Ready);
  EXPECT_EQ(status(client), 0);
  expect_clean(client);
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = receive}), minus(Error::EAGAIN));
  expect_clean(server);
}

TEST_F(PortCallsTest, Y4_E7_deadlines_follow_the_rules) {
  fakes::set_now(1000);
  start();
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = receive, .deadline = 0}), minus(Error::EAGAIN));
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = receive, .deadline = 999}), minus(Error::ETIMEDOUT));
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = receive, .deadline = 1000}), minus(Error::ETIMEDOUT));
  expect_clean(server);
  call(SystemCall::PORT_RECEIVE, {.handle = receive, .deadline = 2000});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(fakes::armed_timer(), base::Ticks(2000));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = client_handle, .deadline = 0}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = client_handle, .deadline = 1000}), minus(Error::ETIMEDOUT));
  expect_clean(client);
  EXPECT_EQ(server.waiting, ipc::Waiting::PortMessage) << "nothing was sent";
  pass(999);
  EXPECT_TRUE(is_running(client));
  pass(1);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status(server), minus(Error::ETIMEDOUT));
  expect_clean(server);
}

TEST_F(PortCallsTest, Y4_a_deadline_in_the_past_does_not_keep_from_taking_what_is_there) {
  fakes::set_now(1000);
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = 1500});
  call(SystemCall::PORT_SEND, {.handle = client_handle, .x1 = 4});
  pass(500);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = receive, .deadline = 1}), 0);
  EXPECT_EQ(server.general[1], 4u);
}

TEST_F(PortCallsTest, a_call_that_times_out_loses_its_reply_and_the_server_learns_it) {
  server_waits();
  call_server(client_handle, 1, clock() + 100);
  ASSERT_TRUE(is_running(server));
  const std::uint64_t token = server.general[8];
  pass(100);
  EXPECT_EQ(status(client), minus(Error::ETIMEDOUT));
  expect_clean(client);
  ASSERT_TRUE(is_running(server)) << "no longer at the caller's priority but at its own";
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), minus(Error::EPIPE));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), minus(Error::EINVAL));
}

TEST_F(PortCallsTest, reply_and_receive_to_a_lost_caller_receives_and_says_so) {
  server_waits();
  call_server(client_handle, 1, clock() + 100);
  const std::uint64_t token = server.general[8];
  pass(100);
  call(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .token = token});
  ASSERT_FALSE(is_running(server));
  while (!is_running(other)) call(SystemCall::YIELD);
  call(SystemCall::PORT_SEND, {.handle = other_handle, .x1 = 7});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.general[0], 0u);
  EXPECT_EQ(server.general[2], abi::kFlagReplyLost);
  call(SystemCall::PORT_STATS, {.handle = receive});
  EXPECT_EQ(server.general[11], 1u) << "replies lost";
  call(SystemCall::PORT_TRY_RECEIVE, {.handle = receive});
  EXPECT_EQ(server.general[2], 0u);
}

TEST_F(PortCallsTest, Y6_D3_a_forged_token_receives_nothing_and_answers_nobody) {
  server_waits();
  call_server(client_handle);
  const std::uint64_t token = server.general[8];
  for (const std::uint64_t forged : {std::uint64_t{0}, token + 1, token - 1, ~std::uint64_t{0}}) {
    EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = forged}), minus(Error::EINVAL));
    EXPECT_EQ(status_of(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .token = forged}),
              minus(Error::EINVAL));
    expect_clean(server);
  }
  EXPECT_EQ(client.waiting, ipc::Waiting::Reply);
  EXPECT_EQ(server.silo().refused_calls, 8u);
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), 0);
}

TEST_F(PortCallsTest, a_token_is_worthless_in_another_thread) {
  server_waits();
  call_server(client_handle);
  const std::uint64_t token = server.general[8];
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(other));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), minus(Error::EINVAL));
  EXPECT_EQ(client.waiting, ipc::Waiting::Reply);
}

TEST_F(PortCallsTest, bad_flags_are_refused_before_anything_happens) {
  server_waits();
  for (const SystemCall number : {SystemCall::PORT_SEND, SystemCall::PORT_TRY_SEND, SystemCall::PORT_CALL}) {
    EXPECT_EQ(status_of(number, {.handle = client_handle, .flags = 0x10}), minus(Error::EINVAL));
    EXPECT_EQ(status_of(number, {.handle = client_handle, .flags = 0x100}), minus(Error::EINVAL));
  }
  EXPECT_EQ(server.waiting, ipc::Waiting::PortMessage);
  call_server(client_handle);
  const std::uint64_t token = server.general[8];
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.flags = 4, .token = token}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .flags = 4, .token = token}),
            minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), 0) << "the token is not spent";
}

TEST_F(PortCallsTest, sixteen_owed_replies_are_the_most) {
  Thread& spawner = add_thread(client.silo().id, "c1", 10);
  static_cast<void>(spawner);
  for (unsigned i = 2; i <= 17; ++i) {
    static std::vector<std::string> names(32);
    names[i] = "c" + std::to_string(i);
    add_thread(client.silo().id, names[i], 10);
  }
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 5000});
  while (!is_running(server)) {
    if (is_running(other)) {
      call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
    } else {
      call_server(client_handle);
    }
  }
  for (unsigned i = 0; i < abi::kOwedRepliesMaximum; ++i) {
    ASSERT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = receive}), 0);
  }
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = receive}), minus(Error::EBUSY));
  EXPECT_EQ(server.owed.count(), abi::kOwedRepliesMaximum);
  call(SystemCall::EXIT);
  for (const Thread* const caller : client.silo().threads()) {
    EXPECT_TRUE(caller->is_runnable());
    EXPECT_EQ(status(*caller), minus(Error::EPIPE)) << caller->name();
  }
}

TEST_F(PortCallsTest, a_call_that_only_its_own_thread_could_take_is_refused) {
  const std::uint64_t own = grant_port_client(server, port);
  start();
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = own}), minus(Error::EDEADLK));
  expect_clean(server);
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = own}), 0) << "a message to itself is fine";
}

TEST_F(PortCallsTest, C1_a_circle_of_calls_is_refused) {
  const std::uint32_t client_port = add_port(client, "client-port");
  grant_port_server(client, client_port);
  const std::uint64_t back = grant_port_client(server, client_port);
  server_waits();
  call_server(client_handle);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = back}), minus(Error::EDEADLK));
}

TEST_F(PortCallsTest, a_circle_of_queued_calls_is_refused) {
  const std::uint32_t client_port = add_port(client, "client-port");
  grant_port_server(client, client_port);
  const std::uint64_t back = grant_port_client(server, client_port);
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 50});
  call_server(client_handle);
  pass(50);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = back}), minus(Error::EDEADLK));
}

TEST_F(PortCallsTest, a_call_to_a_silo_with_a_second_thread_is_not_a_circle) {
  add_thread(server.silo().id, "second", 1);
  const std::uint64_t own = grant_port_client(server, port);
  start();
  call(SystemCall::PORT_CALL, {.handle = own});
  EXPECT_EQ(server.waiting, ipc::Waiting::CallQueued);
}

TEST_F(PortCallsTest, destroying_a_port_lets_everybody_go) {
  Thread& third = add_program("third", 10);
  const std::uint64_t third_handle = grant_port_client(third, port);
  server_waits();
  call_server(client_handle, 1);  // taken
  const std::uint64_t token = server.general[8];
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  call_server(other_handle, 2);  // queued
  ASSERT_TRUE(is_running(third));
  for (unsigned i = 0; i < abi::kPortQueueCapacity; ++i)
    call(SystemCall::PORT_SEND, {.handle = third_handle, .x1 = 50 + i});
  call(SystemCall::PORT_SEND, {.handle = third_handle});  // blocked: the queue is full
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::PORT_DESTROY, {.handle = receive}), 0);
  EXPECT_EQ(status(other), minus(Error::EPIPE));
  EXPECT_EQ(status(third), minus(Error::EPIPE));
  expect_clean(other);
  EXPECT_EQ(client.waiting, ipc::Waiting::Reply) << "a call that was taken stays owed";
  while (!is_running(server)) call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  for (unsigned i = 0; i < abi::kPortQueueCapacity; ++i) {
    ASSERT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = receive}), 0) << "what was sent can still be received";
    EXPECT_EQ(server.general[1], 50 + i);
  }
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = receive}), minus(Error::EPIPE));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), 0);
  EXPECT_EQ(status(client), 0);
  while (!is_running(client)) call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = client_handle}), minus(Error::EPIPE));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = client_handle, .deadline = 1}), minus(Error::EPIPE));
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = client_handle}), minus(Error::EPIPE));
}

TEST_F(PortCallsTest, Y8_counts_are_kept) {
  server_waits();
  call(SystemCall::PORT_SEND, {.handle = client_handle});
  ASSERT_TRUE(is_running(server));
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(client));
  call_server(client_handle);
  call(SystemCall::PORT_REPLY, {.token = server.general[8]});
  EXPECT_EQ(client.silo().messages_sent, 2u);
  EXPECT_EQ(client.silo().messages_received, 1u);
  EXPECT_EQ(server.silo().messages_sent, 1u);
  EXPECT_EQ(server.silo().messages_received, 2u);
  ASSERT_EQ(status_of(SystemCall::PORT_STATS, {.handle = receive}), 0);
  // sent, received, queued, calls, replies, deepest, lost, alive
  const std::uint64_t expected[19] = {0, 0, 1, 1, 2, 0, 1, 0, 0, 1, server.general[10], 0, 1};
  for (unsigned i = 0; i <= 18; ++i) EXPECT_EQ(server.general[i], expected[i]) << i;
}

TEST_F(PortCallsTest, P1_D6_a_made_port_works_like_one_of_the_manifest) {
  start();
  ASSERT_EQ(status_of(SystemCall::PORT_CREATE), 0);
  const std::uint64_t made = server.general[3];
  expect_clean(server, {3});
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = made, .x1 = 6}), 0);
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = made}), 0);
  EXPECT_EQ(server.general[1], 6u);
  for (unsigned i = 1; i < 4; ++i) EXPECT_EQ(status_of(SystemCall::PORT_CREATE), 0);
  EXPECT_EQ(status_of(SystemCall::PORT_CREATE), minus(Error::EDQUOT));
  EXPECT_EQ(server.silo().refused_calls, 1u);
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = made}), 0);
  EXPECT_EQ(status_of(SystemCall::PORT_CREATE), 0) << "the quota came back";
}

TEST_F(PortCallsTest, the_same_core_path_arms_no_timer) {
  server_waits();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(other));
  EXPECT_TRUE(fakes::armed_timer().is_forever());
  call_server(other_handle);
  call(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .token = server.general[8]});
  ASSERT_TRUE(is_running(other));
  EXPECT_TRUE(fakes::armed_timer().is_forever());
}

}  // namespace
}  // namespace kernel
