// SPDX-License-Identifier: Apache-2.0
//
// Several cores will share a channel. Here threads of the host are the cores: each blocks for real, and is woken by
// whoever completed it, as a kernel would do it, after the channel's lock is released. Nothing may be lost, doubled,
// torn, or left waiting.
#include "test/fakes/ipc_world.hpp"

#include <atomic>
#include <thread>

namespace ipc {
namespace {

using base::Error;
using fakes::nothing_held;

/// A party and the core it runs on.
struct Core {
  Party party;
  std::atomic<bool> woken{false};
};

class ChannelStress : public fakes::IpcWorld {
 protected:
  static constexpr std::size_t kSenders = 3;
  static constexpr std::size_t kReceivers = 3;
  static constexpr std::uint64_t kEach = 20'000;

  void wake_all(WakeList& woken) {
    while (Party* const one = woken.pop_front()) {
      for (Core& core : cores) {
        // ORDERING: the release hands the completion, written under the channel's lock, to the core that owns the
        // party.
        if (&core.party == one) core.woken.store(true, std::memory_order_release);
      }
    }
  }
  void wait_if(Outcome outcome, Core& core) {
    if (outcome == kCompleted) return;
    while (!core.woken.exchange(false, std::memory_order_acquire)) std::this_thread::yield();
  }

  Core cores[kSenders + kReceivers];
};

TEST_F(ChannelStress, blocked_senders_and_receivers_on_six_cores_lose_nothing_and_all_come_back) {
  auto channel = make_channel(2);
  std::atomic<std::uint64_t> sum{0}, count{0}, torn{0}, disordered{0};
  const auto send = [&](Core& core, std::uint64_t sender) {
    WakeList woken;
    for (std::uint64_t i = 1; i <= kEach; ++i) {
      Message message = {.opcode = sender, .flags = abi::kFlagEightWords, .word = {}};
      for (std::uint64_t& word : message.word) word = i;
      const Outcome outcome = channel->send(nothing_held(), core.party, 0, message, sender, kMayBlock, woken);
      wake_all(woken);
      wait_if(outcome, core);
      if (!core.party.completion.status.ok()) ++torn;
    }
  };
  const auto receive = [&](Core& core) {
    WakeList woken;
    std::uint64_t last[kSenders] = {};
    for (;;) {
      const Outcome outcome = channel->receive(nothing_held(), core.party, 1, kMayBlock, woken);
      wake_all(woken);
      wait_if(outcome, core);
      if (!core.party.completion.status.ok()) break;
      const Delivery& delivery = core.party.completion.delivery;
      for (const std::uint64_t word : delivery.message.word) torn += word != delivery.message.word[0] ? 1 : 0;
      disordered += last[delivery.badge] < delivery.message.word[0] ? 0 : 1;
      last[delivery.badge] = delivery.message.word[0];
      sum += delivery.message.word[0];
      ++count;
    }
    EXPECT_EQ(core.party.completion.status.error(), Error::EPIPE);
  };
  std::vector<std::thread> senders, receivers;
  for (std::size_t i = 0; i < kReceivers; ++i) receivers.emplace_back(receive, std::ref(cores[kSenders + i]));
  for (std::size_t i = 0; i < kSenders; ++i) senders.emplace_back(send, std::ref(cores[i]), i);
  for (std::thread& thread : senders) thread.join();
  // The senders' end goes; what is queued still arrives, then each receiver is told.
  WakeList woken;
  ASSERT_TRUE(channel->drop_end(nothing_held(), 0));
  while (!channel->disconnect(nothing_held(), 0, 1, woken)) wake_all(woken);
  wake_all(woken);
  for (std::thread& thread : receivers) thread.join();
  EXPECT_EQ(count.load(), kSenders * kEach);
  EXPECT_EQ(sum.load(), kSenders * kEach * (kEach + 1) / 2);
  EXPECT_EQ(torn.load(), 0u);
  EXPECT_EQ(disordered.load(), 0u) << "a receiver saw two messages of one sender in the wrong order";
  EXPECT_EQ(pool.counts(nothing_held()).taken, 0u);
}

}  // namespace
}  // namespace ipc
