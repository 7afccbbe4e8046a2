// SPDX-License-Identifier: Apache-2.0
//
// Several cores will share a channel. Here threads of the host are the cores. Nothing may be lost, doubled, torn, out
// of order or left waiting, whichever end goes, and when.
#include "test/fakes/ipc_world.hpp"

#include <thread>

#include "test/fakes/stress_cores.hpp"
#include "test/fakes/stress_oracle.hpp"

namespace ipc {
namespace {

using base::Error;
using fakes::Inbox;
using fakes::nothing_held;
using fakes::StressCore;
using fakes::wake_all;

class ChannelStress : public fakes::IpcWorld {
 protected:
  static constexpr std::size_t kSenders = 3;
  static constexpr std::size_t kReceivers = 3;

  void send(Channel& channel, StressCore& core, std::uint64_t sender, std::uint64_t each, std::uint64_t& accepted) {
    WakeList woken;
    while (accepted < each) {
      const Message message = fakes::stress_message(sender, accepted);
      const Outcome outcome = channel.send(nothing_held(), core, 0, message, sender + 100, kMayBlock, woken);
      wake_all(woken);
      const base::Result<void> status = core.status_of(outcome);
      if (!status.ok()) {
        EXPECT_EQ(status.error(), Error::EPIPE);
        break;
      }
      ++accepted;
    }
  }
  void receive(Channel& channel, StressCore& core, Inbox& inbox) {
    WakeList woken;
    for (;;) {
      const Outcome outcome = channel.receive(nothing_held(), core, 1, kMayBlock, woken);
      wake_all(woken);
      const base::Result<void> status = core.status_of(outcome);
      if (!status.ok()) {
        EXPECT_EQ(status.error(), Error::EPIPE);
        break;
      }
      inbox.take(core.completion.delivery.message);
      inbox.torn += core.completion.delivery.badge != (core.completion.delivery.message.opcode >> 48) + 100 ? 1 : 0;
    }
  }
  void end_goes(Channel& channel, unsigned end) {
    WakeList woken;
    ASSERT_TRUE(channel.drop_end(nothing_held(), end));
    while (!channel.disconnect(nothing_held(), end, 1, woken)) wake_all(woken);
    wake_all(woken);
  }

  /// End `first_gone` goes when `after` messages have been sent, or when everything has been (0).
  void run(std::uint32_t capacity, std::uint64_t each, std::uint64_t after, unsigned first_gone) {
    auto channel = make_channel(capacity);
    StressCore cores[kSenders + kReceivers];
    std::vector<Inbox> inboxes(kReceivers, Inbox(kSenders, each));
    std::vector<std::uint64_t> accepted(kSenders, 0);
    std::vector<std::thread> senders, receivers;
    for (std::size_t i = 0; i < kReceivers; ++i) {
      receivers.emplace_back([&, i] { receive(*channel, cores[kSenders + i], inboxes[i]); });
    }
    for (std::size_t i = 0; i < kSenders; ++i) {
      senders.emplace_back([&, i] { send(*channel, cores[i], i, each, accepted[i]); });
    }
    if (after != 0) {
      while (channel->statistics(nothing_held(), 0).sent < after) std::this_thread::yield();
      end_goes(*channel, first_gone);
    }
    for (std::thread& thread : senders) thread.join();
    if (after == 0) end_goes(*channel, first_gone);
    for (std::thread& thread : receivers) thread.join();

    const ChannelStatistics by_sender = channel->statistics(nothing_held(), 0);
    const ChannelStatistics by_receiver = channel->statistics(nothing_held(), 1);
    fakes::Verdict verdict = fakes::judge(inboxes, accepted);
    std::uint64_t sent = 0;
    for (const std::uint64_t one : accepted) sent += one;
    EXPECT_EQ(by_sender.sent, sent);
    EXPECT_EQ(by_receiver.received, verdict.received);
    EXPECT_EQ(by_sender.sent, by_receiver.received + by_sender.queued_to_other + by_sender.discarded);
    EXPECT_EQ(verdict.lost, by_sender.discarded) << "only what was queued towards an end that is gone";
    EXPECT_TRUE(first_gone == 1 || by_sender.discarded == 0) << "what an end sent before it went is received";
    EXPECT_TRUE(after != 0 || sent == kSenders * each);
    verdict.lost = 0;
    EXPECT_TRUE(verdict.is_good()) << verdict;
    for (StressCore& core : cores) EXPECT_EQ(core.blocker.unused_wakes(), 0u);
    close(*channel, 1 - first_gone);
    EXPECT_EQ(pool.counts(nothing_held()).taken, 0u);
    pool.release(nothing_held(), channel->reserved_nodes());
  }
};

TEST_F(ChannelStress, S2_E4_blocked_senders_and_receivers_on_six_cores_lose_nothing_and_all_come_back) {
  for (const std::uint32_t capacity : {1u, 2u, 16u}) run(capacity, fakes::stress_messages(10'000) / kSenders, 0, 0);
}

TEST_F(ChannelStress, S4_the_senders_end_goes_in_the_middle_and_what_it_sent_is_received) {
  for (std::uint64_t round = 0; round < 60; ++round) run(1 + round % 3, 20'000, 1 + fakes::mixed(round) % 200, 0);
}

TEST_F(ChannelStress, S3_the_receivers_end_goes_in_the_middle_and_every_sender_comes_back) {
  for (std::uint64_t round = 0; round < 60; ++round) run(1 + round % 3, 20'000, 1 + fakes::mixed(round) % 200, 1);
}

}  // namespace
}  // namespace ipc
