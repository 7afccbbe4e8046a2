// SPDX-License-Identifier: Apache-2.0
//
// Batches through real system calls: how many are done and what the others mean, waiting for the first, calls within a
// batch, and a page that changes under the kernel.
#include "test/fakes/host_prelude.hpp"

#include <cstring>

#include "kernel/message_page.hpp"
#include "kernel/objects.hpp"
#include "test/fakes/kernel_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;

/// Three ways to send a batch and receive it; each test that is about all of them runs over these.
struct Way {
  const char* name;
  SystemCall send, receive, send_one;
};
constexpr Way kWays[] = {
    {"port", SystemCall::PORT_SEND_BATCH, SystemCall::PORT_RECEIVE_BATCH, SystemCall::PORT_TRY_SEND},
    {"channel", SystemCall::CHAN_SEND_BATCH, SystemCall::CHAN_RECV_BATCH, SystemCall::CHAN_TRY_SEND},
    {"async", SystemCall::ASYNC_SEND_BATCH, SystemCall::ASYNC_RECEIVE_BATCH, SystemCall::ASYNC_SEND},
};

struct BatchCalls : fakes::KernelWorld {
  Thread& server = add_program("server", 10);
  Thread& client = add_program("client", 9);
  std::uint32_t port = add_port(server, "port");
  std::uint32_t channel = add_channel("channel", 16);
  std::uint32_t async = add_async("async", 16);
  std::uint64_t to[3] = {
      grant_port_client(client, port, 0xb1),
      grant(client, abi::ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive}, 0xb1, 0),
      grant(client, abi::ObjectType::AsyncChannel, async, {Right::AsyncSend}, 0xb1)};
  std::uint64_t at[3] = {
      grant_port_server(server, port),
      grant(server, abi::ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive}, 0xb2, 1),
      grant(server, abi::ObjectType::AsyncChannel, async, {Right::AsyncReceive}, 0xb2)};

  /// Entries 0 to count - 1, numbered from `first`.
  static void fill(Thread& thread, std::uint32_t count, std::uint64_t first = 0) {
    for (std::uint32_t i = 0; i < count; ++i) {
      thread.message_page().entry[i] = {first + i, 1, {i, 1, 2, 3, 4, 5, 6, 7}, 81, 82, 83, {84, 85, 86}};
    }
  }
  std::int64_t batch(SystemCall number, std::uint64_t handle, std::uint64_t count, std::uint64_t deadline = 0) {
    return status_of(number, {.handle = handle, .words = {count}, .deadline = deadline});
  }
  void let_client_run() { call(SystemCall::SLEEP_UNTIL, {.deadline = kForever}); }
  void let_server_run() {
    this_core().cancel_operation(server, Error::ETIMEDOUT);
    interrupt();
    ASSERT_TRUE(is_running(server));
  }
};

TEST_F(BatchCalls, A9_defect_A8_sixteen_messages_cross_at_once_in_their_order) {
  start();
  for (unsigned way = 0; way < 3; ++way) {
    SCOPED_TRACE(kWays[way].name);
    let_client_run();
    fill(client, 16, 100);
    EXPECT_EQ(batch(kWays[way].send, to[way], 16), 0);
    EXPECT_EQ(client.general[3], 16u);
    expect_clean(client, {3});
    let_server_run();
    std::memset(&server.message_page(), 0xee, sizeof(abi::MessagePage));
    EXPECT_EQ(batch(kWays[way].receive, at[way], 16), 0);
    EXPECT_EQ(server.general[3], 16u);
    expect_clean(server, {3});
    for (std::uint32_t i = 0; i < 16; ++i) {
      const std::uint64_t expected[16] = {100 + i, 1, i, 1, 2, 3, 4, 5, 6, 7, 0xb1, 0, 0, 0, 0, 0};
      EXPECT_EQ(std::memcmp(&server.message_page().entry[i], expected, sizeof expected), 0) << i;
    }
    EXPECT_EQ(batch(kWays[way].receive, at[way], 16), minus(Error::EAGAIN));
  }
  EXPECT_EQ(client.silo().messages_sent, 48u) << "each counts";
  EXPECT_EQ(server.silo().messages_received, 48u);
}

TEST_F(BatchCalls, F7_E11_what_has_no_room_is_not_lost_the_count_says_how_far_it_got) {
  start();
  let_client_run();
  for (unsigned way = 0; way < 3; ++way) {
    SCOPED_TRACE(kWays[way].name);
    for (std::uint64_t i = 0; i < 5; ++i) EXPECT_EQ(status_of(kWays[way].send_one, {.handle = to[way]}), 0);
    fill(client, 16);
    EXPECT_EQ(batch(kWays[way].send, to[way], 16), 0);
    EXPECT_EQ(client.general[3], 11u);
    EXPECT_EQ(batch(kWays[way].send, to[way], 5), minus(Error::EAGAIN));
    expect_clean(client);
  }
}

TEST_F(BatchCalls, E11_only_the_first_waits_whatever_the_deadline) {
  start();
  for (unsigned way = 0; way < 3; ++way) {
    SCOPED_TRACE(kWays[way].name);
    let_client_run();
    fill(client, 16);
    EXPECT_EQ(batch(kWays[way].send, to[way], 10), 0);
    EXPECT_EQ(batch(kWays[way].send, to[way], 16, kForever), 0);
    ASSERT_TRUE(is_running(client)) << "it does not wait for room for the seventh";
    EXPECT_EQ(client.general[3], 6u);
    let_server_run();
    EXPECT_EQ(batch(kWays[way].receive, at[way], 13, kForever), 0);
    EXPECT_EQ(batch(kWays[way].receive, at[way], 16, kForever), 0);
    ASSERT_TRUE(is_running(server)) << "nor for a fourth message";
    EXPECT_EQ(server.general[3], 3u);
  }
}

TEST_F(BatchCalls, A9_a_batch_of_0_or_more_than_16_is_einval_and_does_nothing) {
  start();
  for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{17}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    for (unsigned way = 0; way < 3; ++way) {
      EXPECT_EQ(batch(kWays[way].receive, at[way], count, kForever), minus(Error::EINVAL)) << count;
    }
  }
  let_client_run();
  for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{17}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    for (unsigned way = 0; way < 3; ++way) {
      EXPECT_EQ(batch(kWays[way].send, to[way], count, kForever), minus(Error::EINVAL)) << count;
      expect_clean(client);
    }
  }
  EXPECT_EQ(client.silo().refused_calls, 12u);
  EXPECT_EQ(client.silo().messages_sent, 0u);
}

TEST_F(BatchCalls, a_message_with_a_wrong_flag_stops_the_batch_before_it) {
  start();
  let_client_run();
  for (unsigned way = 0; way < 3; ++way) {
    SCOPED_TRACE(kWays[way].name);
    fill(client, 16);
    client.message_page().entry[3].flags = 2;
    EXPECT_EQ(batch(kWays[way].send, to[way], 16), 0);
    EXPECT_EQ(client.general[3], 3u);
    client.message_page().entry[0].flags = abi::kFlagReplyLost;
    EXPECT_EQ(batch(kWays[way].send, to[way], 16), minus(Error::EINVAL));
  }
}

TEST_F(BatchCalls, A9_a_receive_waits_for_the_first_only_and_finds_it_in_the_page) {
  start();
  for (unsigned way = 0; way < 3; ++way) {
    SCOPED_TRACE(kWays[way].name);
    std::memset(&server.message_page(), 0xee, sizeof(abi::MessagePage));
    call(kWays[way].receive, {.handle = at[way], .words = {16}});
    ASSERT_TRUE(is_running(client));
    EXPECT_EQ(
        status_of(kWays[way].send_one, {.handle = to[way], .x1 = 7, .flags = 1, .words = {1, 2, 3, 4, 5, 6, 7, 8}}), 0);
    ASSERT_TRUE(is_running(server));
    EXPECT_EQ(status(server), 0);
    EXPECT_EQ(server.general[3], 1u);
    expect_clean(server, {3});
    const std::uint64_t expected[16] = {7, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0xb1, 0, 0, 0, 0, 0};
    EXPECT_EQ(std::memcmp(&server.message_page().entry[0], expected, sizeof expected), 0);
    EXPECT_EQ(server.message_page().entry[1].opcode, 0xeeee'eeee'eeee'eeeeu);
    // What follows is without a page again.
    call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1});
    pass(1);
    ASSERT_TRUE(is_running(server));
    expect_clean(server);
  }
  EXPECT_EQ(server.silo().messages_received, 3u);
}

TEST_F(BatchCalls, A9_a_wait_that_ends_with_an_error_leaves_the_page_alone) {
  start();
  for (unsigned way = 0; way < 3; ++way) {
    SCOPED_TRACE(kWays[way].name);
    std::memset(&server.message_page(), 0xee, sizeof(abi::MessagePage));
    const abi::MessagePage before = server.message_page();
    call(kWays[way].receive, {.handle = at[way], .words = {16}, .deadline = clock() + 20});
    ASSERT_TRUE(is_running(client));
    pass(20);
    ASSERT_TRUE(is_running(server));
    EXPECT_EQ(status(server), minus(Error::ETIMEDOUT));
    expect_clean(server);
    EXPECT_EQ(std::memcmp(&before, &server.message_page(), sizeof before), 0);
    EXPECT_EQ(batch(kWays[way].receive, at[way], 1, 1), minus(Error::ETIMEDOUT)) << "a deadline in the past";
  }
}

TEST_F(BatchCalls, a_send_waits_with_its_first_message_as_it_was_when_the_wait_began) {
  start();
  for (unsigned way = 0; way < 2; ++way) {
    SCOPED_TRACE(kWays[way].name);
    call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
    ASSERT_TRUE(is_running(client));
    fill(client, 16);
    EXPECT_EQ(batch(kWays[way].send, to[way], 16), 0);
    fill(client, 2, 50);
    // Nobody else can run: the server's sleep ends.
    call(kWays[way].send, {.handle = to[way], .words = {2}});
    ASSERT_TRUE(is_running(server));
    client.message_page().entry[0] = {0x666, ~0ull, {6, 6, 6, 6}, 6, 6, 6, {6, 6, 6}};
    EXPECT_EQ(batch(kWays[way].receive, at[way], 1), 0);
    EXPECT_EQ(status(client), 0);
    EXPECT_EQ(client.general[3], 1u) << "one message went";
    expect_clean(client, {3});
    EXPECT_EQ(batch(kWays[way].receive, at[way], 16), 0);
    EXPECT_EQ(server.general[3], 16u);
    EXPECT_EQ(server.message_page().entry[15].opcode, 50u);
    EXPECT_EQ(server.message_page().entry[15].word[7], 7u);
  }
}

TEST_F(BatchCalls, a_call_in_a_batch_brings_its_token_and_the_server_runs_for_its_caller) {
  Thread& urgent = add_program("urgent", 20);
  const std::uint64_t door = grant_port_client(urgent, port, 0xc1);
  start();
  ASSERT_TRUE(is_running(urgent));
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 10});
  let_client_run();
  fill(client, 2);
  EXPECT_EQ(batch(SystemCall::PORT_SEND_BATCH, to[0], 2), 0);
  pass(10);
  ASSERT_TRUE(is_running(urgent));
  call(SystemCall::PORT_CALL, {.handle = door, .x1 = 9});
  let_server_run();
  EXPECT_EQ(batch(SystemCall::PORT_RECEIVE_BATCH, at[0], 16), 0);
  EXPECT_EQ(server.general[3], 3u);
  EXPECT_EQ(server.message_page().entry[0].token, 0u);
  EXPECT_EQ(server.message_page().entry[2].opcode, 9u);
  EXPECT_EQ(server.message_page().entry[2].badge, 0xc1u);
  const std::uint64_t token = server.message_page().entry[2].token;
  EXPECT_NE(token, 0u);
  EXPECT_EQ(server.effective_priority(), base::Priority(20));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.x1 = 10, .token = token}), 0);
  ASSERT_TRUE(is_running(urgent));
  EXPECT_EQ(urgent.general[1], 10u);
  EXPECT_EQ(server.effective_priority(), base::Priority(10));
}

TEST_F(BatchCalls, a_blocked_receive_of_a_batch_can_be_given_a_call) {
  start();
  call(SystemCall::PORT_RECEIVE_BATCH, {.handle = at[0], .words = {4}});
  ASSERT_TRUE(is_running(client));
  call(SystemCall::PORT_CALL, {.handle = to[0], .x1 = 5});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.general[3], 1u);
  expect_clean(server, {3});
  const std::uint64_t token = server.message_page().entry[0].token;
  EXPECT_NE(token, 0u);
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.x1 = 6, .token = token}), 0);
}

TEST_F(BatchCalls, a_full_set_of_owed_replies_stops_a_batch) {
  std::vector<Thread*> callers;
  const base::SiloId many = add_silo("many");
  std::uint64_t door = 0;
  for (int i = 0; i < 17; ++i) {
    callers.push_back(&add_thread(many, "caller" + std::to_string(i), 8));
    if (i == 0) door = grant_port_client(*callers[0], port, 1);
  }
  start();
  let_client_run();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  for (int i = 0; i < 16; ++i) call(SystemCall::PORT_CALL, {.handle = door});
  this_core().cancel_operation(server, Error::ETIMEDOUT);
  call(SystemCall::PORT_CALL, {.handle = door});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(batch(SystemCall::PORT_RECEIVE_BATCH, at[0], 16), 0);
  EXPECT_EQ(server.general[3], 16u);
  EXPECT_EQ(batch(SystemCall::PORT_RECEIVE_BATCH, at[0], 16), minus(Error::EBUSY));
}

TEST_F(BatchCalls, E11_receivers_that_wait_are_each_given_one_and_the_rest_is_queued) {
  Thread& second = add_thread(server.silo().id, "second", 10);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = at[0]});
  ASSERT_TRUE(is_running(second));
  call(SystemCall::PORT_RECEIVE, {.handle = at[0]});
  fill(client, 8);
  call(SystemCall::PORT_SEND_BATCH, {.handle = to[0], .words = {8}, .deadline = 0});
  EXPECT_EQ(client.general[3], 8u) << "all of them, not only those for whom somebody waited";
  EXPECT_EQ(server.general[1], 0u);
  EXPECT_EQ(second.general[1], 1u);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(batch(SystemCall::PORT_RECEIVE_BATCH, at[0], 16), 0);
  EXPECT_EQ(server.general[3], 6u);
}

TEST_F(BatchCalls, a_peer_that_is_gone_is_told_behind_what_it_left) {
  start();
  let_client_run();
  fill(client, 3);
  EXPECT_EQ(batch(SystemCall::CHAN_SEND_BATCH, to[1], 3), 0);
  EXPECT_EQ(batch(SystemCall::ASYNC_SEND_BATCH, to[2], 3), 0);
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = to[1]}), 0);
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = to[2]}), 0);
  let_server_run();
  for (unsigned way = 1; way < 3; ++way) {
    EXPECT_EQ(batch(kWays[way].receive, at[way], 16, kForever), 0);
    EXPECT_EQ(server.general[3], 3u);
    EXPECT_EQ(batch(kWays[way].receive, at[way], 16, kForever), minus(Error::EPIPE));
  }
  EXPECT_EQ(status_of(SystemCall::PORT_DESTROY, {.handle = at[0]}), 0);
  EXPECT_EQ(batch(SystemCall::PORT_RECEIVE_BATCH, at[0], 16, kForever), minus(Error::EPIPE));
  let_client_run();
  EXPECT_EQ(batch(SystemCall::PORT_SEND_BATCH, to[0], 3, kForever), minus(Error::EPIPE));
}

TEST_F(BatchCalls, rights_are_asked_for_as_without_a_batch) {
  start();
  EXPECT_EQ(batch(SystemCall::PORT_SEND_BATCH, at[0], 1), minus(Error::EPERM));
  EXPECT_EQ(batch(SystemCall::ASYNC_SEND_BATCH, at[2], 1), minus(Error::EPERM));
  EXPECT_EQ(batch(SystemCall::CHAN_SEND_BATCH, at[0], 1), minus(Error::EPERM));
  EXPECT_EQ(batch(SystemCall::PORT_SEND_BATCH, 0x1234, 1), minus(Error::EBADF));
}

}  // namespace
}  // namespace kernel
