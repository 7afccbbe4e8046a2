// SPDX-License-Identifier: Apache-2.0
//
// Ports: the checklist rows P1-P10, and the defects C1-C11 of the reference systems, each of which would show here.
#include "test/fakes/ipc_world.hpp"

namespace ipc {
namespace {

using base::Error;
using fakes::message_of;
using fakes::nothing_held;

class PortTest : public fakes::IpcWorld {
 protected:
  PortTest() : port(make_port()) {}
  ~PortTest() override {
    while (wakes.pop_front() != nullptr) {
    }
    end_port(*port);
    while (wakes.pop_front() != nullptr) {
    }
    EXPECT_EQ(pool.counts(nothing_held()).taken, 0u);
    EXPECT_EQ(pool.counts(nothing_held()).reserved, 0u);
  }

  Outcome send(Party& party, std::uint64_t opcode, Blocking blocking = kMayBlock, std::uint64_t badge = 0) {
    return port->send(nothing_held(), party, message_of(opcode), badge, blocking, wakes);
  }
  Outcome call(Party& party, std::uint64_t opcode, std::uint64_t badge = 0) {
    return port->call(nothing_held(), party, message_of(opcode), badge, wakes);
  }
  Outcome receive(Party& party, Blocking blocking = kMayBlock) {
    return port->receive(nothing_held(), party, blocking, wakes);
  }
  /// The server takes a call of the client; returns its token.
  std::uint64_t take_call() {
    EXPECT_EQ(call(client, 1), kBlocked);
    EXPECT_EQ(receive(server), kCompleted);
    return got(server).token;
  }

  std::unique_ptr<Port> port;
  Party client, other_client, server, second_server;
  std::vector<std::unique_ptr<Party>> callers;
};

TEST_F(PortTest, P1_queues_sixteen_messages_and_not_one_more) {
  for (std::uint64_t i = 0; i < 16; ++i) ASSERT_EQ(send(client, i, kDoNotBlock), kCompleted) << i;
  ASSERT_TRUE(succeeded(client));
  EXPECT_FALSE(port->can_send());
  EXPECT_EQ(send(client, 16, kDoNotBlock), kCompleted);
  EXPECT_TRUE(failed_with(client, Error::EAGAIN));
  for (std::uint64_t i = 0; i < 16; ++i) {
    ASSERT_EQ(receive(server), kCompleted);
    EXPECT_EQ(got(server).message.opcode, i);
    EXPECT_EQ(got(server).token, 0u);
  }
  EXPECT_EQ(receive(server, kDoNotBlock), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EAGAIN));
}

TEST_F(PortTest, P2_send_waits_for_a_slot_and_is_admitted_in_arrival_order) {
  for (std::uint64_t i = 0; i < 16; ++i) ASSERT_EQ(send(client, i), kCompleted);
  EXPECT_EQ(send(client, 100), kBlocked);
  EXPECT_EQ(send(other_client, 101), kBlocked);
  ASSERT_EQ(receive(server), kCompleted);
  EXPECT_EQ(woken(), &client);
  EXPECT_TRUE(succeeded(client));
  EXPECT_EQ(other_client.waiting, Waiting::SendSlot);
}

TEST_F(PortTest, C11_a_newcomer_cannot_take_the_slot_of_a_sender_that_waits) {
  for (std::uint64_t i = 0; i < 16; ++i) ASSERT_EQ(send(client, i), kCompleted);
  EXPECT_EQ(send(client, 100), kBlocked);
  ASSERT_EQ(receive(server), kCompleted);
  EXPECT_EQ(send(other_client, 200, kDoNotBlock), kCompleted);
  EXPECT_TRUE(failed_with(other_client, Error::EAGAIN));
  EXPECT_EQ(woken(), &client);
}

TEST_F(PortTest, C11_a_full_queue_does_not_keep_another_client_from_calling) {
  for (std::uint64_t i = 0; i < 16; ++i) ASSERT_EQ(send(client, i), kCompleted);
  EXPECT_EQ(call(other_client, 7), kBlocked);
  for (int i = 0; i < 16; ++i) ASSERT_EQ(receive(server), kCompleted);
  ASSERT_EQ(receive(server), kCompleted);
  EXPECT_EQ(got(server).message.opcode, 7u);
  EXPECT_NE(got(server).token, 0u);
}

TEST_F(PortTest, P3_P4_queued_messages_come_before_the_port_is_gone) {
  ASSERT_EQ(send(client, 1), kCompleted);
  ASSERT_EQ(send(client, 2), kCompleted);
  EXPECT_TRUE(port->destroy(64, wakes));
  ASSERT_EQ(receive(server), kCompleted);
  EXPECT_EQ(got(server).message.opcode, 1u);
  ASSERT_EQ(receive(server), kCompleted);
  EXPECT_EQ(got(server).message.opcode, 2u);
  ASSERT_EQ(receive(server), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EPIPE));
}

TEST_F(PortTest, P5_destroy_lets_everybody_go_and_refuses_what_comes_later) {
  ASSERT_EQ(receive(server), kBlocked);
  EXPECT_TRUE(port->destroy(64, wakes));
  EXPECT_EQ(woken(), &server);
  EXPECT_TRUE(failed_with(server, Error::EPIPE));
  EXPECT_EQ(send(client, 1), kCompleted);
  EXPECT_TRUE(failed_with(client, Error::EPIPE));
  EXPECT_EQ(call(client, 1), kCompleted);
  EXPECT_TRUE(failed_with(client, Error::EPIPE));
}

TEST_F(PortTest, C1c_destroy_completes_queued_calls_and_blocked_senders) {
  for (std::uint64_t i = 0; i < 16; ++i) ASSERT_EQ(send(second_server, i), kCompleted);
  ASSERT_EQ(send(client, 100), kBlocked);
  ASSERT_EQ(call(other_client, 5), kBlocked);
  EXPECT_TRUE(port->destroy(64, wakes));
  EXPECT_EQ(wakes.size(), 2u);
  EXPECT_TRUE(failed_with(client, Error::EPIPE));
  EXPECT_TRUE(failed_with(other_client, Error::EPIPE));
  EXPECT_EQ(port->statistics().queued, 16u);
}

TEST_F(PortTest, P5_destroy_in_bounded_steps_reaches_the_end) {
  for (int i = 0; i < 10; ++i) {
    callers.push_back(std::make_unique<Party>());
    ASSERT_EQ(call(*callers.back(), 1), kBlocked);
  }
  int steps = 1;
  while (!port->destroy(3, wakes)) ++steps;
  EXPECT_EQ(steps, 4);
  EXPECT_EQ(wakes.size(), 10u);
}

TEST_F(PortTest, P8_call_is_answered_and_the_badge_is_the_kernels) {
  ASSERT_EQ(call(client, 9, 77), kBlocked);
  ASSERT_EQ(receive(server), kCompleted);
  EXPECT_EQ(got(server).badge, 77u);
  const std::uint64_t token = got(server).token;
  EXPECT_EQ(reply(server, token, message_of(10, 11), wakes), kCompleted);
  EXPECT_TRUE(succeeded(server));
  EXPECT_EQ(woken(), &client);
  EXPECT_TRUE(succeeded(client));
  EXPECT_EQ(got(client).message.opcode, 10u);
  EXPECT_EQ(got(client).message.word[0], 11u);
  EXPECT_EQ(got(client).badge, 0u);
  EXPECT_EQ(got(client).token, 0u);
}

TEST_F(PortTest, P8_a_call_finds_the_server_that_waits) {
  ASSERT_EQ(receive(server), kBlocked);
  ASSERT_EQ(call(client, 3), kBlocked);
  EXPECT_EQ(woken(), &server);
  EXPECT_EQ(client.waiting, Waiting::Reply);
  EXPECT_EQ(client.server, &server);
  EXPECT_EQ(server.owed.newest_caller(0), &client);
}

TEST_F(PortTest, B9_a_message_is_handed_to_the_receiver_that_waited_longest) {
  ASSERT_EQ(receive(server), kBlocked);
  ASSERT_EQ(receive(second_server), kBlocked);
  ASSERT_EQ(send(client, 4), kCompleted);
  EXPECT_EQ(woken(), &server);
  EXPECT_EQ(receive(server, kDoNotBlock), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EAGAIN)) << "nothing was left to steal";
}

TEST_F(PortTest, C2_a_token_is_good_once_and_for_its_thread_only) {
  const std::uint64_t token = take_call();
  EXPECT_EQ(reply(second_server, token, message_of(1), wakes), kCompleted);
  EXPECT_TRUE(failed_with(second_server, Error::EINVAL)) << "another thread's token";
  EXPECT_EQ(reply(server, token + 1, message_of(1), wakes), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EINVAL)) << "a guess";
  EXPECT_EQ(reply(server, 0, message_of(1), wakes), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EINVAL)) << "no token";
  EXPECT_EQ(client.waiting, Waiting::Reply) << "none of it reached the caller";
  EXPECT_EQ(reply(server, token, message_of(1), wakes), kCompleted);
  EXPECT_TRUE(succeeded(server));
  EXPECT_EQ(woken(), &client);
  EXPECT_EQ(reply(server, token, message_of(1), wakes), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EINVAL)) << "spent";
  EXPECT_TRUE(wakes.is_empty());
}

TEST_F(PortTest, C2_a_reply_cannot_be_planted_before_the_next_call) {
  const std::uint64_t token = take_call();
  EXPECT_EQ(reply(server, token, message_of(1), wakes), kCompleted);
  EXPECT_EQ(woken(), &client);
  EXPECT_EQ(reply(server, token, message_of(666), wakes), kCompleted);
  ASSERT_EQ(call(client, 2), kBlocked);
  EXPECT_EQ(client.waiting, Waiting::CallQueued);
  EXPECT_TRUE(wakes.is_empty());
}

TEST_F(PortTest, P10_C1a_server_that_took_the_call_dies) {
  take_call();
  party_dies(server, wakes);
  EXPECT_EQ(woken(), &client);
  EXPECT_TRUE(failed_with(client, Error::EPIPE));
  EXPECT_EQ(server.owed.count(), 0u);
}

TEST_F(PortTest, C1b_a_second_thread_of_the_server_took_the_call_and_dies) {
  ASSERT_EQ(call(client, 1), kBlocked);
  ASSERT_EQ(receive(second_server), kCompleted);
  party_dies(server, wakes);
  EXPECT_TRUE(wakes.is_empty()) << "the first thread owes nothing";
  party_dies(second_server, wakes);
  EXPECT_EQ(woken(), &client);
}

TEST_F(PortTest, P10_C1_server_dies_while_the_call_is_still_queued) {
  ASSERT_EQ(call(client, 1), kBlocked);
  party_dies(server, wakes);
  EXPECT_TRUE(port->destroy(64, wakes));
  EXPECT_EQ(woken(), &client);
  EXPECT_TRUE(failed_with(client, Error::EPIPE));
}

TEST_F(PortTest, C1_a_reply_after_voluntary_destroy_still_arrives) {
  const std::uint64_t token = take_call();
  EXPECT_TRUE(port->destroy(64, wakes));
  EXPECT_TRUE(wakes.is_empty());
  EXPECT_EQ(reply(server, token, message_of(8), wakes), kCompleted);
  EXPECT_EQ(woken(), &client);
  EXPECT_EQ(got(client).message.opcode, 8u);
}

TEST_F(PortTest, C1d_deadline_of_a_queued_call_leaves_nothing_behind) {
  ASSERT_EQ(call(client, 1), kBlocked);
  cancel(client, Error::ETIMEDOUT);
  EXPECT_TRUE(failed_with(client, Error::ETIMEDOUT));
  EXPECT_EQ(receive(server, kDoNotBlock), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EAGAIN));
}

TEST_F(PortTest, C1d_deadline_after_the_server_took_it_makes_the_reply_lost) {
  const std::uint64_t token = take_call();
  cancel(client, Error::ETIMEDOUT);
  EXPECT_EQ(reply(server, token, message_of(1), wakes), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EPIPE));
  EXPECT_TRUE(wakes.is_empty());
  EXPECT_EQ(reply(server, token, message_of(1), wakes), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EINVAL)) << "the lost token is spent too";
  EXPECT_EQ(port->statistics().replies_lost, 1u);
}

TEST_F(PortTest, a_lost_reply_does_not_fail_reply_and_receive_but_is_told) {
  const std::uint64_t token = take_call();
  party_dies(client, wakes);
  ASSERT_EQ(send(other_client, 5), kCompleted);
  EXPECT_EQ(port->reply_and_receive(nothing_held(), server, token, message_of(1), kMayBlock, wakes), kCompleted);
  ASSERT_TRUE(succeeded(server));
  EXPECT_EQ(got(server).message.opcode, 5u);
  EXPECT_EQ(got(server).message.flags, abi::kFlagReplyLost);
}

TEST_F(PortTest, the_loss_is_told_also_if_the_next_message_comes_later_and_only_once) {
  const std::uint64_t token = take_call();
  cancel(client, Error::ETIMEDOUT);
  EXPECT_EQ(port->reply_and_receive(nothing_held(), server, token, message_of(1), kMayBlock, wakes), kBlocked);
  ASSERT_EQ(send(other_client, 5), kCompleted);
  EXPECT_EQ(woken(), &server);
  EXPECT_EQ(got(server).message.flags, abi::kFlagReplyLost);
  ASSERT_EQ(send(other_client, 6), kCompleted);
  ASSERT_EQ(receive(server), kCompleted);
  EXPECT_EQ(got(server).message.flags, 0u);
}

TEST_F(PortTest, the_loss_is_told_by_no_message_of_another_receive) {
  for (const Blocking blocking : {kMayBlock, kDoNotBlock}) {
    const std::uint64_t token = take_call();
    cancel(client, Error::ETIMEDOUT);
    const Outcome outcome = port->reply_and_receive(nothing_held(), server, token, message_of(1), blocking, wakes);
    EXPECT_EQ(outcome, blocking == kMayBlock ? kBlocked : kCompleted);
    cancel(server, Error::ETIMEDOUT);
    EXPECT_TRUE(failed_with(server, blocking == kMayBlock ? Error::ETIMEDOUT : Error::EAGAIN));
    ASSERT_EQ(send(other_client, 5), kCompleted);
    ASSERT_EQ(receive(server), kCompleted);
    EXPECT_EQ(got(server).message.flags, 0u);
  }
  EXPECT_EQ(port->statistics().replies_lost, 2u) << "counted all the same";
}

TEST_F(PortTest, D3_a_forged_token_receives_nothing) {
  ASSERT_EQ(send(other_client, 5), kCompleted);
  EXPECT_EQ(port->reply_and_receive(nothing_held(), server, 12345, message_of(1), kMayBlock, wakes), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EINVAL));
  EXPECT_EQ(port->statistics().queued, 1u);
}

TEST_F(PortTest, Y6_D2_calls_are_answered_in_any_order) {
  const std::uint64_t first = take_call();
  ASSERT_EQ(call(other_client, 2), kBlocked);
  ASSERT_EQ(receive(server), kCompleted);
  const std::uint64_t second = got(server).token;
  EXPECT_EQ(server.owed.newest_caller(0), &other_client);
  EXPECT_EQ(reply(server, first, message_of(1), wakes), kCompleted);
  EXPECT_EQ(woken(), &client);
  EXPECT_EQ(reply(server, second, message_of(2), wakes), kCompleted);
  EXPECT_EQ(woken(), &other_client);
  EXPECT_EQ(server.owed.newest_caller(0), nullptr);
}

TEST_F(PortTest, P8_the_seventeenth_unanswered_call_is_busy_and_not_lost) {
  for (int i = 0; i < 17; ++i) {
    callers.push_back(std::make_unique<Party>());
    ASSERT_EQ(call(*callers.back(), static_cast<std::uint64_t>(i)), kBlocked);
  }
  std::uint64_t token = 0;
  for (int i = 0; i < 16; ++i) {
    ASSERT_EQ(receive(server), kCompleted);
    ASSERT_TRUE(succeeded(server));
    token = got(server).token;
  }
  EXPECT_EQ(receive(server), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EBUSY));
  EXPECT_EQ(reply(server, token, message_of(0), wakes), kCompleted);
  EXPECT_EQ(woken(), callers[15].get());
  EXPECT_EQ(receive(server), kCompleted);
  EXPECT_EQ(got(server).message.opcode, 16u);
  party_dies(server, wakes);
  EXPECT_EQ(wakes.size(), 16u);
}

TEST_F(PortTest, words_that_the_flags_do_not_announce_do_not_travel) {
  Message message = message_of(1);
  for (std::uint64_t& word : message.word) word = 0xdead;
  EXPECT_EQ(port->send(nothing_held(), client, message, 0, kMayBlock, wakes), kCompleted);
  ASSERT_EQ(receive(server), kCompleted);
  for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(got(server).message.word[i], 0xdeadu);
  for (unsigned i = 4; i < 8; ++i) EXPECT_EQ(got(server).message.word[i], 0u);
  message.flags = abi::kFlagEightWords;
  EXPECT_EQ(port->send(nothing_held(), client, message, 0, kMayBlock, wakes), kCompleted);
  ASSERT_EQ(receive(server), kCompleted);
  for (unsigned i = 0; i < 8; ++i) EXPECT_EQ(got(server).message.word[i], 0xdeadu);
}

TEST_F(PortTest, C6_a_message_stays_if_its_receiver_cannot_take_it_now) {
  for (int i = 0; i < 17; ++i) {
    callers.push_back(std::make_unique<Party>());
    ASSERT_EQ(call(*callers.back(), 1), kBlocked);
  }
  for (int i = 0; i < 16; ++i) ASSERT_EQ(receive(server), kCompleted);
  EXPECT_EQ(receive(server), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EBUSY));
  EXPECT_EQ(receive(second_server), kCompleted);
  EXPECT_TRUE(succeeded(second_server)) << "another thread of the server gets it";
  party_dies(server, wakes);
  party_dies(second_server, wakes);
}

TEST_F(PortTest, P6_statistics_count_what_happened) {
  ASSERT_EQ(send(client, 1), kCompleted);
  ASSERT_EQ(send(client, 2), kCompleted);
  ASSERT_EQ(receive(server), kCompleted);
  ASSERT_EQ(receive(server), kCompleted);
  const std::uint64_t token = take_call();
  EXPECT_EQ(reply(server, token, message_of(1), wakes), kCompleted);
  EXPECT_EQ(woken(), &client);
  const PortStatistics counts = port->statistics();
  EXPECT_EQ(counts.sent, 2u);
  EXPECT_EQ(counts.received, 3u);
  EXPECT_EQ(counts.calls, 1u);
  EXPECT_EQ(counts.replies, 1u);
  EXPECT_EQ(counts.deepest_queue, 2u);
  EXPECT_EQ(counts.queued, 0u);
  EXPECT_TRUE(counts.alive);
}

TEST_F(PortTest, a_port_that_goes_is_forgotten_by_those_who_owe) {
  const std::uint64_t token = take_call();
  auto gone = std::move(port);
  end_port(*gone);
  forget_port(server, *gone);
  gone.reset();
  EXPECT_EQ(reply(server, token, message_of(1), wakes), kCompleted);
  EXPECT_EQ(woken(), &client);
  port = make_port();
}

}  // namespace
}  // namespace ipc
