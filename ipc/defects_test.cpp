// SPDX-License-Identifier: Apache-2.0
//
// The remaining defects of the reference systems and rows of their checklist, each of which would show here; the other
// ones are beside the port and the channel, in kernel/, and where else docs/features.md says.
#include "test/fakes/ipc_world.hpp"

namespace ipc {
namespace {

using base::Error;
using fakes::message_of;
using fakes::nothing_held;

class DefectsTest : public fakes::IpcWorld {
 protected:
  DefectsTest() : port(make_port()), channel(make_channel(1)) {}
  ~DefectsTest() override {
    forget_wakes();
    end_port(*port);
    end_channel(*channel);
    forget_wakes();
    EXPECT_EQ(pool.counts(nothing_held()).taken, 0u);
    EXPECT_EQ(pool.counts(nothing_held()).reserved, 0u);
  }
  void forget_wakes() {
    while (wakes.pop_front() != nullptr) {
    }
  }
  Outcome send(Party& party, std::uint64_t opcode, Blocking blocking = kMayBlock) {
    return port->send(nothing_held(), party, message_of(opcode), 0, blocking, wakes);
  }
  Outcome call(Party& party, std::uint64_t opcode) {
    return port->call(nothing_held(), party, message_of(opcode), 0, wakes);
  }
  Outcome receive(Party& party, Blocking blocking = kMayBlock) {
    return port->receive(nothing_held(), party, blocking, wakes);
  }

  std::unique_ptr<Port> port;
  std::unique_ptr<Channel> channel;
  Party client, other, server, second_server;
};

TEST_F(DefectsTest, B1_a_thousand_threads_wait_at_one_object) {
  std::vector<std::unique_ptr<Party>> many(1000);
  for (auto& one : many) {
    one = std::make_unique<Party>();
    ASSERT_EQ(call(*one, 1), kBlocked);
  }
  EXPECT_EQ(port->statistics().queued, 1000u);
  for (auto& one : many) {
    cancel(*one, Error::ETIMEDOUT);
    ASSERT_EQ(channel->receive(nothing_held(), *one, 1, kMayBlock, wakes), kBlocked);
  }
  EXPECT_EQ(port->statistics().queued, 0u);
  close(*channel, 0);
  EXPECT_EQ(wakes.size(), 1000u);
  forget_wakes();
}

TEST_F(DefectsTest, B2_a_dead_receiver_does_not_swallow_a_message) {
  ASSERT_EQ(receive(server), kBlocked);
  ASSERT_EQ(receive(second_server), kBlocked);
  party_dies(server, wakes);
  ASSERT_EQ(send(client, 5), kCompleted);
  EXPECT_EQ(woken(), &second_server);
  EXPECT_EQ(got(second_server).message.opcode, 5u);
}

TEST_F(DefectsTest, B2_a_dead_sender_does_not_take_the_slot_of_one_that_lives) {
  for (std::uint64_t i = 0; i < 16; ++i) ASSERT_EQ(send(client, i), kCompleted);
  ASSERT_EQ(send(client, 100), kBlocked);
  ASSERT_EQ(send(other, 101), kBlocked);
  party_dies(client, wakes);
  ASSERT_EQ(receive(server), kCompleted);
  EXPECT_EQ(woken(), &other);
  for (int i = 0; i < 16; ++i) ASSERT_EQ(receive(server), kCompleted);
  EXPECT_EQ(got(server).message.opcode, 101u) << "the dead thread's message went with it";
}

TEST_F(DefectsTest, B2_a_thread_that_dies_is_on_no_list_of_woken_threads) {
  ASSERT_EQ(receive(server), kBlocked);
  ASSERT_EQ(send(client, 1), kCompleted);
  party_dies(server, wakes);
  EXPECT_TRUE(wakes.is_empty());
}

TEST_F(DefectsTest, B5_a_message_that_was_refused_is_nowhere) {
  ASSERT_EQ(channel->send(nothing_held(), client, 0, message_of(1), 0, kDoNotBlock, wakes), kCompleted);
  ASSERT_EQ(channel->send(nothing_held(), client, 0, message_of(2), 0, kDoNotBlock, wakes), kCompleted);
  ASSERT_TRUE(failed_with(client, Error::EAGAIN));
  ASSERT_EQ(channel->receive(nothing_held(), server, 1, kDoNotBlock, wakes), kCompleted);
  EXPECT_EQ(got(server).message.opcode, 1u);
  ASSERT_EQ(channel->receive(nothing_held(), server, 1, kDoNotBlock, wakes), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EAGAIN));
  EXPECT_EQ(got(server).message.opcode, 0u) << "an error brings no message, not even an old one";
}

TEST_F(DefectsTest, B7_nothing_is_queued_from_the_instant_an_end_is_gone) {
  ASSERT_TRUE(channel->drop_end(nothing_held(), 1));
  // The bounded work of the end has not begun yet.
  ASSERT_EQ(channel->send(nothing_held(), client, 0, message_of(1), 0, kMayBlock, wakes), kCompleted);
  EXPECT_TRUE(failed_with(client, Error::EPIPE));
  channel->add_end(nothing_held(), 1);
}

TEST_F(DefectsTest, B10_the_end_of_an_end_lets_its_own_blocked_threads_go) {
  ASSERT_EQ(channel->receive(nothing_held(), client, 0, kMayBlock, wakes), kBlocked);
  close(*channel, 0);
  EXPECT_EQ(woken(), &client);
  EXPECT_TRUE(failed_with(client, Error::EPIPE));
}

TEST_F(DefectsTest, C3_a_sender_cannot_set_the_kernels_flags) {
  Message message = message_of(1);
  message.flags = ~std::uint64_t{0};
  ASSERT_EQ(port->send(nothing_held(), client, message, 0, kMayBlock, wakes), kCompleted);
  ASSERT_EQ(receive(server), kCompleted);
  EXPECT_EQ(got(server).message.flags, abi::kFlagEightWords);
  ASSERT_EQ(channel->send(nothing_held(), client, 0, message, 0, kMayBlock, wakes), kCompleted);
  ASSERT_EQ(channel->receive(nothing_held(), server, 1, kMayBlock, wakes), kCompleted);
  EXPECT_EQ(got(server).message.flags, abi::kFlagEightWords);
}

TEST_F(DefectsTest, C3_a_replier_cannot_set_the_kernels_flags) {
  ASSERT_EQ(call(client, 1), kBlocked);
  ASSERT_EQ(receive(server), kCompleted);
  Message message = message_of(2);
  message.flags = abi::kFlagReplyLost;
  ASSERT_EQ(reply(server, got(server).token, message, wakes), kCompleted);
  EXPECT_EQ(got(client).message.flags, 0u);
}

TEST_F(DefectsTest, C8_a_server_dies_blocked_at_its_own_port_while_it_owes) {
  ASSERT_EQ(call(client, 1), kBlocked);
  ASSERT_EQ(receive(server), kCompleted);
  ASSERT_EQ(receive(server), kBlocked);
  party_dies(server, wakes);
  EXPECT_EQ(server.waiting, Waiting::Nothing);
  EXPECT_EQ(woken(), &client);
  ASSERT_EQ(send(other, 2), kCompleted);
  EXPECT_TRUE(wakes.is_empty()) << "nothing is handed to the dead";
  EXPECT_EQ(port->statistics().queued, 1u);
}

TEST_F(DefectsTest, C10_one_server_answers_several_clients_and_each_gets_its_own) {
  ASSERT_EQ(call(client, 1), kBlocked);
  ASSERT_EQ(call(other, 2), kBlocked);
  ASSERT_EQ(receive(server), kCompleted);
  const std::uint64_t first = got(server).token;
  ASSERT_EQ(receive(server), kCompleted);
  const std::uint64_t second = got(server).token;
  ASSERT_EQ(reply(server, second, message_of(20), wakes), kCompleted);
  ASSERT_EQ(reply(server, first, message_of(10), wakes), kCompleted);
  EXPECT_EQ(got(client).message.opcode, 10u);
  EXPECT_EQ(got(other).message.opcode, 20u);
}

TEST_F(DefectsTest, E5_a_message_does_not_reach_a_thread_that_waits_elsewhere) {
  ASSERT_EQ(channel->receive(nothing_held(), server, 1, kMayBlock, wakes), kBlocked);
  ASSERT_EQ(call(second_server, 1), kBlocked);
  ASSERT_EQ(send(client, 2), kCompleted);
  EXPECT_TRUE(wakes.is_empty()) << "one waits at a channel, the other for a reply: neither receives from the port";
  EXPECT_EQ(port->statistics().queued, 2u);
  EXPECT_EQ(server.waiting, Waiting::ChannelMessage);
  EXPECT_EQ(second_server.waiting, Waiting::CallQueued);
}

TEST_F(DefectsTest, E9_a_message_of_zeros_is_a_message) {
  ASSERT_EQ(send(client, 0), kCompleted);
  ASSERT_EQ(receive(server, kDoNotBlock), kCompleted);
  EXPECT_TRUE(succeeded(server));
  ASSERT_EQ(receive(server), kBlocked);
  ASSERT_EQ(send(client, 0), kCompleted);
  EXPECT_EQ(woken(), &server);
  EXPECT_TRUE(succeeded(server));
}

TEST_F(DefectsTest, P6_a_port_says_what_it_holds_and_whether_it_takes_more) {
  EXPECT_FALSE(port->has_messages());
  EXPECT_TRUE(port->can_send());
  ASSERT_EQ(send(client, 1), kCompleted);
  EXPECT_TRUE(port->has_messages());
  ASSERT_TRUE(port->destroy(64, wakes));
  EXPECT_FALSE(port->can_send());
  EXPECT_FALSE(port->is_alive());
  EXPECT_TRUE(port->has_messages());
}

TEST_F(DefectsTest, P7_the_owners_death_drains_the_port_and_no_client_waits) {
  for (std::uint64_t i = 0; i < 16; ++i) ASSERT_EQ(send(client, i), kCompleted);
  ASSERT_EQ(send(client, 16), kBlocked);
  ASSERT_EQ(call(other, 17), kBlocked);
  party_dies(server, wakes);
  ASSERT_TRUE(port->destroy(64, wakes));
  port->drain(nothing_held());
  EXPECT_TRUE(failed_with(client, Error::EPIPE));
  EXPECT_TRUE(failed_with(other, Error::EPIPE));
  EXPECT_EQ(port->statistics().queued, 0u);
  EXPECT_EQ(pool.counts(nothing_held()).taken, 0u);
}

TEST_F(DefectsTest, P9_a_reply_that_comes_before_anything_else_happens_is_not_lost) {
  ASSERT_EQ(receive(server), kBlocked);
  ASSERT_EQ(call(client, 1), kBlocked);
  ASSERT_EQ(reply(server, got(server).token, message_of(2), wakes), kCompleted);
  EXPECT_TRUE(succeeded(client));
  EXPECT_EQ(got(client).message.opcode, 2u);
}

TEST_F(DefectsTest, P9_the_answer_of_one_call_never_reaches_the_next) {
  ASSERT_EQ(call(client, 1), kBlocked);
  ASSERT_EQ(receive(server), kCompleted);
  const std::uint64_t old_token = got(server).token;
  cancel(client, Error::ETIMEDOUT);
  ASSERT_EQ(call(client, 2), kBlocked);
  ASSERT_EQ(receive(server), kCompleted);
  ASSERT_EQ(reply(server, old_token, message_of(666), wakes), kCompleted);
  EXPECT_TRUE(failed_with(server, Error::EPIPE)) << "that call is over, although its caller waits again";
  EXPECT_EQ(client.waiting, Waiting::Reply);
}

TEST_F(DefectsTest, S8_a_channel_says_how_full_each_direction_is) {
  ASSERT_EQ(channel->send(nothing_held(), client, 0, message_of(1), 0, kMayBlock, wakes), kCompleted);
  EXPECT_EQ(channel->statistics(nothing_held(), 0).queued_to_other, 1u);
  EXPECT_EQ(channel->statistics(nothing_held(), 1).queued_to_this, 1u);
  EXPECT_EQ(channel->statistics(nothing_held(), 1).queued_to_other, 0u);
}

}  // namespace
}  // namespace ipc
