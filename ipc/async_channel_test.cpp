// SPDX-License-Identifier: Apache-2.0
//
// The AsyncChan on one core: waiting, closing, telling subscribers; and random operations beside their meaning. The
// ring below it is tested in async_ring_test.cpp.
#include "test/fakes/host_prelude.hpp"

#include "ipc/async_channel.hpp"

#include <deque>
#include <random>

#include "ipc/notification.hpp"
#include "test/fakes/ipc_world.hpp"

namespace ipc {
namespace {

using base::Error;
using fakes::message_of;

class AsyncChannelTest : public fakes::IpcWorld {
 protected:
  struct Made {
    explicit Made(std::uint32_t capacity) : chunk(new AsyncChunk[kAsyncChunksMaximum]) {
      const std::uint32_t count = AsyncRing::chunks_needed(capacity).value();
      AsyncChunk* all[kAsyncChunksMaximum];
      for (std::uint32_t i = 0; i < count; ++i) all[i] = &chunk[i];
      channel = std::make_unique<AsyncChannel>(std::span<AsyncChunk* const>(all, count), capacity);
    }
    AsyncChannel* operator->() const { return channel.get(); }
    std::unique_ptr<AsyncChunk[]> chunk;
    std::unique_ptr<AsyncChannel> channel;
  };

  Outcome send(Made& channel, std::uint64_t opcode) {
    return channel->send(sender, message_of(opcode, opcode * 10), opcode + 100, wakes);
  }
  bool sends(Made& channel, std::uint64_t opcode) { return send(channel, opcode) == kCompleted && succeeded(sender); }
  bool refuses(Made& channel, Error error) { return send(channel, 99) == kCompleted && failed_with(sender, error); }
  bool receives(Made& channel, std::uint64_t opcode) {
    return channel->receive(receiver, kDoNotBlock) == kCompleted && has_got(receiver, opcode);
  }
  static bool has_got(const Party& party, std::uint64_t opcode) {
    return succeeded(party) && got(party).message.opcode == opcode && got(party).message.word[0] == opcode * 10 &&
           got(party).badge == opcode + 100 && got(party).token == 0;
  }

  Party sender, receiver, other;
};

TEST_F(AsyncChannelTest, A10_push_1_2_pop_1_2_none_and_the_third_of_capacity_2_is_refused) {
  Made channel(2);
  EXPECT_TRUE(sends(channel, 1));
  EXPECT_TRUE(sends(channel, 2));
  EXPECT_TRUE(refuses(channel, Error::EAGAIN));
  EXPECT_TRUE(receives(channel, 1));
  EXPECT_TRUE(receives(channel, 2));
  EXPECT_EQ(channel->receive(receiver, kDoNotBlock), kCompleted);
  EXPECT_TRUE(failed_with(receiver, Error::EAGAIN));
}

TEST_F(AsyncChannelTest, A2_a_send_never_blocks_and_a_refused_one_counts_as_dropped) {
  Made channel(1);
  EXPECT_TRUE(sends(channel, 1));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(refuses(channel, Error::EAGAIN));
  EXPECT_EQ(sender.waiting, Waiting::Nothing);
  EXPECT_EQ(channel->statistics().dropped, 5u);
  EXPECT_EQ(channel->statistics().deepest_queue, 1u);
}

TEST_F(AsyncChannelTest, A4_a_receiver_that_waits_gets_the_next_message_the_longest_waiting_first) {
  Made channel(4);
  EXPECT_EQ(channel->receive(receiver, kMayBlock), kBlocked);
  EXPECT_EQ(channel->receive(other, kMayBlock), kBlocked);
  EXPECT_TRUE(sends(channel, 1));
  EXPECT_EQ(woken(), &receiver);
  EXPECT_TRUE(has_got(receiver, 1));
  EXPECT_EQ(other.waiting, Waiting::Queue);
  EXPECT_EQ(other.awaited, channel.channel.get());
  EXPECT_TRUE(sends(channel, 2));
  EXPECT_EQ(woken(), &other);
  EXPECT_TRUE(has_got(other, 2));
  EXPECT_EQ(channel->statistics().received, 2u);
  EXPECT_EQ(channel->statistics().queued, 0u);
}

TEST_F(AsyncChannelTest, A4_defect_A4_a_wait_can_be_cancelled_by_deadline_or_death) {
  Made channel(1);
  EXPECT_EQ(channel->receive(receiver, kMayBlock), kBlocked);
  EXPECT_EQ(channel->receive(other, kMayBlock), kBlocked);
  cancel(receiver, Error::ETIMEDOUT);
  EXPECT_TRUE(failed_with(receiver, Error::ETIMEDOUT));
  party_dies(other, wakes);
  EXPECT_TRUE(wakes.is_empty());
  EXPECT_TRUE(sends(channel, 1));
  EXPECT_TRUE(wakes.is_empty()) << "nobody waits any more";
  EXPECT_TRUE(receives(channel, 1));
}

TEST_F(AsyncChannelTest, A6_defect_A5_after_close_nothing_is_sent_and_what_is_queued_is_received) {
  Made channel(4);
  EXPECT_TRUE(sends(channel, 1));
  EXPECT_TRUE(sends(channel, 2));
  channel->close();
  EXPECT_TRUE(refuses(channel, Error::EPIPE));
  EXPECT_EQ(channel->statistics().dropped, 0u) << "the loss is the sender's, and it was told";
  EXPECT_TRUE(receives(channel, 1));
  EXPECT_TRUE(receives(channel, 2));
  for (const Blocking blocking : {kMayBlock, kDoNotBlock}) {
    EXPECT_EQ(channel->receive(receiver, blocking), kCompleted);
    EXPECT_TRUE(failed_with(receiver, Error::EPIPE));
  }
  EXPECT_TRUE(channel->can_receive()) << "a wait for it would not end otherwise";
}

TEST_F(AsyncChannelTest, A6_defect_A5_a_close_wakes_everybody_who_waits_in_bounded_steps) {
  Made channel(1);
  std::vector<std::unique_ptr<Party>> many;
  for (int i = 0; i < 20; ++i) {
    many.push_back(std::make_unique<Party>());
    EXPECT_EQ(channel->receive(*many.back(), kMayBlock), kBlocked);
  }
  channel->close();
  EXPECT_FALSE(channel->disconnect(16, wakes));
  EXPECT_EQ(wakes.size(), 16u);
  EXPECT_TRUE(channel->disconnect(16, wakes));
  EXPECT_EQ(wakes.size(), 20u);
  while (Party* const party = wakes.pop_front()) EXPECT_TRUE(failed_with(*party, Error::EPIPE));
}

TEST_F(AsyncChannelTest, A5_defect_A6_subscribers_are_told_of_every_message_and_of_the_close_and_do_not_lose_it) {
  Made channel(4);
  Notification notification;
  Binding binding;
  channel->readable.bind(binding, notification, 0x10);
  EXPECT_TRUE(sends(channel, 1));
  EXPECT_EQ(notification.bits(), 0x10u) << "nobody waited: the bit stays";
  EXPECT_EQ(notification.wait(other, 0x10, kDoNotBlock), kCompleted);
  EXPECT_EQ(notification.wait(other, 0x10, kMayBlock), kBlocked);
  EXPECT_TRUE(sends(channel, 2));
  EXPECT_EQ(woken(), &other);
  EXPECT_EQ(channel->receive(receiver, kDoNotBlock), kCompleted);
  EXPECT_EQ(notification.bits(), 0u);
  channel->close();
  EXPECT_TRUE(channel->disconnect(16, wakes));
  EXPECT_EQ(notification.bits(), 0x10u);
  EXPECT_EQ(notification.wait(other, ~0ull, kDoNotBlock), kCompleted);
  EXPECT_TRUE(channel->disconnect(16, wakes));
  EXPECT_EQ(notification.bits(), 0u) << "told once";
  unbind(binding);
}

TEST_F(AsyncChannelTest, A5_a_refused_message_tells_nobody) {
  Made channel(1);
  Notification notification;
  Binding binding;
  EXPECT_TRUE(sends(channel, 1));
  channel->readable.bind(binding, notification, 1);
  EXPECT_TRUE(refuses(channel, Error::EAGAIN));
  EXPECT_EQ(notification.bits(), 0u);
  unbind(binding);
}

TEST_F(AsyncChannelTest, A7_statistics_have_all_six_fields) {
  Made channel(3);
  EXPECT_TRUE(sends(channel, 1));
  EXPECT_TRUE(sends(channel, 2));
  EXPECT_TRUE(receives(channel, 1));
  EXPECT_TRUE(sends(channel, 3));
  EXPECT_TRUE(sends(channel, 4));
  EXPECT_TRUE(refuses(channel, Error::EAGAIN));
  const AsyncStatistics now = channel->statistics();
  EXPECT_EQ(now.sent, 4u);
  EXPECT_EQ(now.received, 1u);
  EXPECT_EQ(now.dropped, 1u);
  EXPECT_EQ(now.deepest_queue, 3u);
  EXPECT_EQ(now.queued, 3u);
  EXPECT_EQ(now.capacity, 3u);
}

TEST_F(AsyncChannelTest, a_word_that_was_not_announced_does_not_travel) {
  Made channel(1);
  Message message = message_of(1);
  message.flags = abi::kFlagReplyLost;
  message.word[7] = 0x5ec4e7;
  EXPECT_EQ(channel->send(sender, message, 0, wakes), kCompleted);
  EXPECT_EQ(channel->receive(receiver, kDoNotBlock), kCompleted);
  EXPECT_EQ(got(receiver).message.word[7], 0u);
  EXPECT_EQ(got(receiver).message.flags, 0u);
}

// The meaning: a queue of bounded length, receivers in the order of their coming, a flag.
class AsyncReference : public AsyncChannelTest {
 protected:
  void run(std::uint32_t capacity, unsigned seed) {
    std::mt19937 random(seed);
    Made channel(capacity);
    std::deque<std::uint64_t> queue;
    std::deque<Party*> waiting;
    bool closed = false;
    std::uint64_t sent = 0, received = 0, dropped = 0, deepest = 0, number = 0;
    std::vector<std::unique_ptr<Party>> party;
    for (int i = 0; i < 6; ++i) party.push_back(std::make_unique<Party>());
    for (int step = 0; step < 4'000; ++step) {
      Party& who = *party[random() % party.size()];
      const bool waits = who.waiting != Waiting::Nothing;
      const unsigned what = step == 3'500 ? 999 : random() % 1000;
      if (what < 430) {
        ASSERT_EQ(send(channel, ++number), kCompleted);
        if (closed) {
          ASSERT_TRUE(failed_with(sender, Error::EPIPE));
        } else if (queue.size() == capacity) {
          ASSERT_TRUE(failed_with(sender, Error::EAGAIN));
          ++dropped;
        } else {
          ASSERT_TRUE(succeeded(sender));
          ++sent;
          deepest = std::max<std::uint64_t>(deepest, queue.size() + 1);
          if (waiting.empty()) {
            queue.push_back(number);
          } else {
            ++received;
            ASSERT_EQ(woken(), waiting.front());
            ASSERT_TRUE(has_got(*waiting.front(), number));
            waiting.pop_front();
          }
        }
      } else if (what < 960 && !waits) {
        const Blocking blocking = random() % 3 == 0 ? kMayBlock : kDoNotBlock;
        const Outcome outcome = channel->receive(who, blocking);
        if (!queue.empty()) {
          ASSERT_EQ(outcome, kCompleted);
          ASSERT_TRUE(has_got(who, queue.front()));
          queue.pop_front();
          ++received;
        } else if (closed || blocking == kDoNotBlock) {
          ASSERT_EQ(outcome, kCompleted);
          ASSERT_TRUE(failed_with(who, closed ? Error::EPIPE : Error::EAGAIN));
        } else {
          ASSERT_EQ(outcome, kBlocked);
          waiting.push_back(&who);
        }
      } else if (what < 998) {
        if (random() % 2 == 0) {
          cancel(who, Error::ETIMEDOUT);
        } else {
          party_dies(who, wakes);
        }
        ASSERT_TRUE(!waits || !succeeded(who));
        std::erase(waiting, &who);
      } else if (step > 2'000) {
        channel->close();
        closed = true;
        while (!channel->disconnect(2, wakes)) {
        }
        ASSERT_EQ(wakes.size(), waiting.size());
        for (Party* const each : waiting) {
          ASSERT_EQ(wakes.pop_front(), each);
          ASSERT_TRUE(failed_with(*each, Error::EPIPE));
        }
        waiting.clear();
      }
      ASSERT_TRUE(wakes.is_empty());
      ASSERT_EQ(channel->can_receive(), closed || !queue.empty());
      const AsyncStatistics now = channel->statistics();
      ASSERT_EQ(now.sent, sent);
      ASSERT_EQ(now.received, received);
      ASSERT_EQ(now.dropped, dropped);
      ASSERT_EQ(now.deepest_queue, deepest);
      ASSERT_EQ(now.queued, queue.size());
    }
    EXPECT_TRUE(closed);
    for (const auto& each : party) cancel(*each, Error::EPIPE);
  }
};

TEST_F(AsyncReference, A1_to_A8_random_operations_mean_what_the_reference_says) {
  unsigned seed = 0;
  for (const std::uint32_t capacity : {1u, 2u, 15u, 16u, 17u, 256u}) {
    for (int run_number = 0; run_number < 4; ++run_number) run(capacity, ++seed);
    if (HasFatalFailure()) FAIL() << "capacity " << capacity << ", seed " << seed;
  }
}

}  // namespace
}  // namespace ipc
