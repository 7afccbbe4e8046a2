// SPDX-License-Identifier: Apache-2.0
//
// A channel that redelivers: what is in hand, when it has been dealt with, what comes again, and what is set aside.
#include "test/fakes/ipc_world.hpp"

namespace ipc {
namespace {

using base::Error;
using fakes::message_of;
using fakes::nothing_held;

struct ChannelRedelivery : fakes::IpcWorld {
  static constexpr std::uint32_t kCapacity = 2;
  Party sender, receiver;
  Channel channel{pool, kCapacity, true, false, true};

  ChannelRedelivery() {
    EXPECT_TRUE(pool.reserve(nothing_held(), channel.reserved_nodes()).ok());
    channel.add_end(nothing_held(), 0);
    channel.add_end(nothing_held(), 1);
  }
  ~ChannelRedelivery() override {
    end_channel(channel);
    EXPECT_EQ(pool.counts(nothing_held()).taken, 0u);
  }
  void send(std::uint64_t opcode) {
    ASSERT_EQ(channel.send(nothing_held(), sender, 0, message_of(opcode), 0, kDoNotBlock, wakes), kCompleted);
    ASSERT_TRUE(succeeded(sender));
  }
  std::uint64_t receive() {
    EXPECT_EQ(channel.receive(nothing_held(), receiver, 1, kDoNotBlock, wakes), kCompleted);
    return succeeded(receiver) ? got(receiver).message.opcode : 0;
  }
  Channel::PutBack receiver_ends(bool by_message = true) { return channel.put_back(nothing_held(), 1, by_message); }
};

TEST_F(ChannelRedelivery, what_was_received_last_comes_first_again) {
  send(1);
  send(2);
  EXPECT_EQ(receive(), 1u);
  EXPECT_FALSE(receiver_ends().is_poison);
  EXPECT_EQ(receive(), 1u);
  EXPECT_EQ(receive(), 2u);
}

TEST_F(ChannelRedelivery, a_second_death_sets_it_aside) {
  send(1);
  send(2);
  EXPECT_EQ(receive(), 1u);
  EXPECT_FALSE(receiver_ends().is_poison);
  EXPECT_EQ(receive(), 1u);
  const Channel::PutBack poison = receiver_ends();
  EXPECT_TRUE(poison.is_poison);
  EXPECT_EQ(poison.message.opcode, 1u);
  EXPECT_EQ(receive(), 2u);
  EXPECT_EQ(channel.statistics(nothing_held(), 0).discarded, 1u);
}

TEST_F(ChannelRedelivery, a_stop_that_others_wanted_is_no_death_of_the_message) {
  send(1);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(receive(), 1u);
    EXPECT_FALSE(receiver_ends(false).is_poison);
  }
}

TEST_F(ChannelRedelivery, the_next_receive_says_that_it_has_been_dealt_with) {
  send(1);
  send(2);
  EXPECT_EQ(receive(), 1u);
  EXPECT_EQ(receive(), 2u);
  EXPECT_FALSE(receiver_ends().is_poison);
  EXPECT_EQ(receive(), 2u);
  EXPECT_EQ(receive(), 0u) << "nothing is there, and the second has been dealt with as well";
  EXPECT_FALSE(receiver_ends().is_poison);
  EXPECT_EQ(receive(), 0u);
}

TEST_F(ChannelRedelivery, one_that_went_past_the_queue_comes_again) {
  EXPECT_EQ(channel.receive(nothing_held(), receiver, 1, kMayBlock, wakes), kBlocked);
  send(7);
  EXPECT_EQ(woken(), &receiver);
  EXPECT_EQ(got(receiver).message.opcode, 7u);
  EXPECT_FALSE(receiver_ends().is_poison);
  EXPECT_EQ(receive(), 7u);
  EXPECT_TRUE(receiver_ends().is_poison);
}

TEST_F(ChannelRedelivery, a_full_queue_has_room_for_what_is_in_hand) {
  send(1);
  send(2);
  Party waiting;
  EXPECT_EQ(channel.send(nothing_held(), waiting, 0, message_of(3), 0, kMayBlock, wakes), kBlocked);
  EXPECT_EQ(receive(), 1u);
  EXPECT_EQ(woken(), &waiting) << "it has the place in the queue";
  EXPECT_FALSE(receiver_ends().is_poison);
  EXPECT_EQ(channel.statistics(nothing_held(), 0).queued_to_other, kCapacity + 1) << "one beyond, until it is received";
  EXPECT_EQ(channel.send(nothing_held(), sender, 0, message_of(4), 0, kDoNotBlock, wakes), kCompleted);
  EXPECT_TRUE(failed_with(sender, Error::EAGAIN));
  EXPECT_EQ(receive(), 1u);
  EXPECT_EQ(receive(), 2u);
  EXPECT_EQ(receive(), 3u);
}

TEST_F(ChannelRedelivery, a_channel_that_does_not_redeliver_forgets) {
  const auto plain = make_channel(2, false);
  ASSERT_EQ(plain->send(nothing_held(), sender, 0, message_of(1), 0, kDoNotBlock, wakes), kCompleted);
  ASSERT_EQ(plain->receive(nothing_held(), receiver, 1, kDoNotBlock, wakes), kCompleted);
  EXPECT_FALSE(plain->put_back(nothing_held(), 1, true).is_poison);
  ASSERT_EQ(plain->receive(nothing_held(), receiver, 1, kDoNotBlock, wakes), kCompleted);
  EXPECT_TRUE(failed_with(receiver, Error::EAGAIN));
  end_channel(*plain);
}

}  // namespace
}  // namespace ipc
