// SPDX-License-Identifier: Apache-2.0
//
// SyncChan: the checklist rows S1-S10 and the defects B2-B10 of the reference systems, each of which would show here.
#include "test/fakes/ipc_world.hpp"

#include <atomic>
#include <thread>

namespace ipc {
namespace {

using base::Error;
using fakes::message_of;
using fakes::nothing_held;

class ChannelTest : public fakes::IpcWorld {
 protected:
  ChannelTest() : channel(make_channel(2)) {}
  ~ChannelTest() override {
    end_channel(*channel);
    while (wakes.pop_front() != nullptr) {
    }
    EXPECT_EQ(pool.counts(nothing_held()).taken, 0u);
    EXPECT_EQ(pool.counts(nothing_held()).reserved, 0u);
  }
  Outcome send(Party& party, unsigned end, std::uint64_t opcode, Blocking blocking = kMayBlock) {
    return channel->send(nothing_held(), party, end, message_of(opcode), 40 + end, blocking, wakes);
  }
  Outcome receive(Party& party, unsigned end, Blocking blocking = kMayBlock) {
    return channel->receive(nothing_held(), party, end, blocking, wakes);
  }
  void receives(Party& party, unsigned end, std::uint64_t opcode) {
    ASSERT_EQ(receive(party, end), kCompleted);
    ASSERT_TRUE(succeeded(party));
    EXPECT_EQ(got(party).message.opcode, opcode);
  }

  std::unique_ptr<Channel> channel;
  Party a, a2, b, b2;
};

TEST_F(ChannelTest, S2_what_one_end_sends_the_other_receives) {
  ASSERT_EQ(send(a, 0, 1), kCompleted);
  ASSERT_EQ(send(b, 1, 2), kCompleted);
  receives(b, 1, 1);
  EXPECT_EQ(got(b).badge, 40u) << "S9: the sender's badge is the kernel's";
  receives(a, 0, 2);
  EXPECT_EQ(got(a).badge, 41u);
}

TEST_F(ChannelTest, a_silo_never_receives_its_own_message) {
  ASSERT_EQ(send(a, 0, 1), kCompleted);
  EXPECT_EQ(receive(a, 0, kDoNotBlock), kCompleted);
  EXPECT_TRUE(failed_with(a, Error::EAGAIN));
  receives(b, 1, 1);
}

TEST_F(ChannelTest, S5_try_operations_would_block) {
  EXPECT_EQ(receive(b, 1, kDoNotBlock), kCompleted);
  EXPECT_TRUE(failed_with(b, Error::EAGAIN));
  ASSERT_EQ(send(a, 0, 1, kDoNotBlock), kCompleted);
  ASSERT_EQ(send(a, 0, 2, kDoNotBlock), kCompleted);
  EXPECT_EQ(send(a, 0, 3, kDoNotBlock), kCompleted);
  EXPECT_TRUE(failed_with(a, Error::EAGAIN));
  receives(b, 1, 1);
  receives(b, 1, 2);
}

TEST_F(ChannelTest, S2_senders_wait_in_order_and_messages_stay_in_order) {
  ASSERT_EQ(send(a, 0, 1), kCompleted);
  ASSERT_EQ(send(a, 0, 2), kCompleted);
  ASSERT_EQ(send(a, 0, 3), kBlocked);
  ASSERT_EQ(send(a2, 0, 4), kBlocked);
  receives(b, 1, 1);
  EXPECT_EQ(woken(), &a) << "one wake for one freed place";
  EXPECT_EQ(send(a, 0, 5, kDoNotBlock), kCompleted);
  EXPECT_TRUE(failed_with(a, Error::EAGAIN)) << "B9: no barging past a2";
  receives(b, 1, 2);
  EXPECT_EQ(woken(), &a2);
  receives(b, 1, 3);
  receives(b, 1, 4);
}

TEST_F(ChannelTest, B9_the_receiver_that_waited_longest_gets_the_message) {
  ASSERT_EQ(receive(b, 1), kBlocked);
  ASSERT_EQ(receive(b2, 1), kBlocked);
  ASSERT_EQ(send(a, 0, 1), kCompleted);
  EXPECT_EQ(woken(), &b);
  ASSERT_EQ(send(a, 0, 2), kCompleted);
  EXPECT_EQ(woken(), &b2);
  EXPECT_EQ(got(b2).message.opcode, 2u);
}

TEST_F(ChannelTest, B2_a_cancelled_receiver_does_not_swallow_a_wake) {
  ASSERT_EQ(receive(b, 1), kBlocked);
  ASSERT_EQ(receive(b2, 1), kBlocked);
  cancel(b, Error::ETIMEDOUT);
  ASSERT_EQ(send(a, 0, 1), kCompleted);
  EXPECT_EQ(woken(), &b2);
}

TEST_F(ChannelTest, S4_B4_the_last_peer_gone_is_told_after_what_is_queued) {
  ASSERT_EQ(send(a, 0, 1), kCompleted);
  close(*channel, 0);
  receives(b, 1, 1);
  EXPECT_EQ(receive(b, 1), kCompleted);
  EXPECT_TRUE(failed_with(b, Error::EPIPE));
  EXPECT_EQ(send(b, 1, 9), kCompleted);
  EXPECT_TRUE(failed_with(b, Error::EPIPE)) << "S3: at once, nothing is queued for nobody";
}

TEST_F(ChannelTest, S3_closing_lets_blocked_senders_and_receivers_go) {
  ASSERT_EQ(send(a, 0, 1), kCompleted);
  ASSERT_EQ(send(a, 0, 2), kCompleted);
  ASSERT_EQ(send(a, 0, 3), kBlocked);
  ASSERT_EQ(receive(a2, 0), kBlocked);
  close(*channel, 1);
  EXPECT_EQ(wakes.size(), 2u);
  EXPECT_TRUE(failed_with(a, Error::EPIPE));
  EXPECT_TRUE(failed_with(a2, Error::EPIPE));
  const ChannelStatistics counts = channel->statistics(nothing_held(), 0);
  EXPECT_EQ(counts.discarded, 2u);
  EXPECT_FALSE(counts.other_end_alive);
  EXPECT_TRUE(counts.this_end_alive);
}

TEST_F(ChannelTest, S7_an_end_lives_as_long_as_one_capability_names_it) {
  channel->add_end(nothing_held(), 0);
  close(*channel, 0);
  ASSERT_EQ(send(a, 0, 1), kCompleted);
  EXPECT_TRUE(succeeded(a));
  close(*channel, 0);
  receives(b, 1, 1);
  EXPECT_EQ(receive(b, 1), kCompleted);
  EXPECT_TRUE(failed_with(b, Error::EPIPE));
}

TEST_F(ChannelTest, S6_disconnecting_twice_changes_nothing) {
  close(*channel, 1);
  EXPECT_TRUE(channel->disconnect(nothing_held(), 1, 64, wakes));
  EXPECT_EQ(send(a, 0, 1), kCompleted);
  EXPECT_TRUE(failed_with(a, Error::EPIPE));
  channel->add_end(nothing_held(), 1);  // so that the fixture can take it away again
}

TEST_F(ChannelTest, N1_disconnecting_in_bounded_steps_reaches_the_end) {
  std::vector<std::unique_ptr<Party>> senders;
  ASSERT_EQ(send(a, 0, 1), kCompleted);
  ASSERT_EQ(send(a, 0, 1), kCompleted);
  for (int i = 0; i < 7; ++i) {
    senders.push_back(std::make_unique<Party>());
    ASSERT_EQ(send(*senders.back(), 0, 1), kBlocked);
  }
  ASSERT_TRUE(channel->drop_end(nothing_held(), 1));
  int steps = 1;
  while (!channel->disconnect(nothing_held(), 1, 4, wakes)) ++steps;
  EXPECT_EQ(steps, 3);
  EXPECT_EQ(wakes.size(), 7u);
  while (wakes.pop_front() != nullptr) {
  }
  channel->add_end(nothing_held(), 1);
}

TEST_F(ChannelTest, N1_E7_a_deadline_ends_a_blocked_send_and_the_message_with_it) {
  ASSERT_EQ(send(a, 0, 1), kCompleted);
  ASSERT_EQ(send(a, 0, 2), kCompleted);
  ASSERT_EQ(send(a, 0, 3), kBlocked);
  cancel(a, Error::ETIMEDOUT);
  EXPECT_TRUE(failed_with(a, Error::ETIMEDOUT));
  receives(b, 1, 1);
  receives(b, 1, 2);
  EXPECT_TRUE(wakes.is_empty());
  EXPECT_EQ(receive(b, 1, kDoNotBlock), kCompleted);
  EXPECT_TRUE(failed_with(b, Error::EAGAIN));
}

TEST_F(ChannelTest, a_direction_that_does_not_exist_is_invalid) {
  auto one_way = make_channel(1, false);
  EXPECT_EQ(one_way->send(nothing_held(), b, 1, message_of(1), 0, kMayBlock, wakes), kCompleted);
  EXPECT_TRUE(failed_with(b, Error::EINVAL));
  EXPECT_EQ(one_way->receive(nothing_held(), a, 0, kMayBlock, wakes), kCompleted);
  EXPECT_TRUE(failed_with(a, Error::EINVAL));
  EXPECT_EQ(one_way->reserved_nodes(), 1u);
  end_channel(*one_way);
}

TEST_F(ChannelTest, S8_statistics_are_counted_per_end) {
  ASSERT_EQ(send(a, 0, 1), kCompleted);
  ASSERT_EQ(send(a, 0, 2), kCompleted);
  receives(b, 1, 1);
  const ChannelStatistics first = channel->statistics(nothing_held(), 0);
  EXPECT_EQ(first.sent, 2u);
  EXPECT_EQ(first.queued_to_other, 1u);
  EXPECT_EQ(first.queued_to_this, 0u);
  EXPECT_EQ(first.capacity, 2u);
  EXPECT_EQ(first.deepest_queue, 2u);
  const ChannelStatistics second = channel->statistics(nothing_held(), 1);
  EXPECT_EQ(second.received, 1u);
  EXPECT_EQ(second.queued_to_this, 1u);
}

// Several cores will share a channel; its lock has to hold what it promises already.
TEST_F(ChannelTest, E4_the_lock_keeps_every_message_when_threads_share_the_channel) {
  constexpr std::uint64_t kCount = 20000;
  auto shared = make_channel(16);
  std::atomic<std::uint64_t> received{0};
  std::atomic<std::uint64_t> sum{0};
  const auto sender = [&](unsigned end) {
    Party me;
    WakeList mine;
    for (std::uint64_t i = 1; i <= kCount;) {
      static_cast<void>(shared->send(nothing_held(), me, end, message_of(i), 0, kDoNotBlock, mine));
      if (me.completion.status.ok()) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  };
  const auto receiver = [&](unsigned end) {
    Party me;
    WakeList mine;
    while (received.load() < 2 * kCount) {
      static_cast<void>(shared->receive(nothing_held(), me, end, kDoNotBlock, mine));
      if (me.completion.status.ok()) {
        sum += me.completion.delivery.message.opcode;
        ++received;
      } else {
        std::this_thread::yield();
      }
    }
  };
  std::thread threads[] = {std::thread(sender, 0), std::thread(sender, 1), std::thread(receiver, 0),
                           std::thread(receiver, 1)};
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum.load(), kCount * (kCount + 1));
  end_channel(*shared);
}

}  // namespace
}  // namespace ipc
