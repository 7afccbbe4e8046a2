// SPDX-License-Identifier: Apache-2.0
//
// The typed channel between threads that block for real: nothing lost, doubled, torn or out of order, nobody left
// waiting, and every message that was not sent is still its sender's.
#include "test/fakes/host_blocker.hpp"

#include <memory>
#include <thread>

#include "test/fakes/ipc_world.hpp"
#include "test/fakes/stress_oracle.hpp"

namespace ipc {
namespace {

using base::Error;
using fakes::HostBlocker;
using fakes::Inbox;
using fakes::nothing_held;

using Channel = TypedChannel<Message, HostBlocker>;

struct Case {
  std::size_t senders, receivers, capacity;
};
enum class Disturbance { None, GivingUp, ReceiversLeave };

class TypedChannelStress : public testing::TestWithParam<Case> {
 protected:
  /// Everybody has a handle and a thread. Whoever has sent `each`, or is told EPIPE, drops his handle; receivers
  /// receive until EPIPE, or leave when they have half of what there is. With any disturbance, anybody may be told to
  /// give up at any time, and tries again; without, a wake-up that is lost is a thread that hangs.
  void run(std::uint64_t each, Disturbance disturbance) {
    const bool receivers_leave = disturbance == Disturbance::ReceiversLeave;
    const std::size_t senders = GetParam().senders, receivers = GetParam().receivers, capacity = GetParam().capacity;
    std::vector<Message> storage(capacity);
    Channel channel(storage, capacity);
    Channel::Ends ends = channel.open(nothing_held());
    std::vector<Sender<Message, HostBlocker>> sending(senders);
    std::vector<Receiver<Message, HostBlocker>> receiving(receivers);
    for (auto& handle : sending) handle = ends.sender.clone(nothing_held());
    for (auto& handle : receiving) handle = ends.sender.mint_other(nothing_held());
    ends.sender.drop(nothing_held());
    ends.receiver.drop(nothing_held());

    std::vector<HostBlocker> blockers(senders + receivers);
    std::vector<Inbox> inboxes(receivers, Inbox(senders, each));
    std::vector<std::uint64_t> accepted(senders, 0), spoiled(senders, 0);
    std::atomic<std::size_t> running{senders + receivers};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < senders; ++i) {
      threads.emplace_back([&, i] {
        while (accepted[i] < each) {
          Message message = fakes::stress_message(i, accepted[i]);
          const bool try_only = accepted[i] % 8 == 0;
          const base::Result<void> status = try_only ? sending[i].try_send(nothing_held(), message)
                                                     : sending[i].send(nothing_held(), message, blockers[i]);
          if (!status.ok()) {
            spoiled[i] += fakes::same_message(message, fakes::stress_message(i, accepted[i])) ? 0 : 1;
            if (status.error() == Error::EPIPE) break;
            std::this_thread::yield();
            continue;
          }
          ++accepted[i];
        }
        sending[i].drop(nothing_held());
        --running;
      });
    }
    for (std::size_t i = 0; i < receivers; ++i) {
      threads.emplace_back([&, i] {
        const std::uint64_t enough = receivers_leave ? senders * each / receivers / 2 : ~std::uint64_t{0};
        while (inboxes[i].taken < enough) {
          Message message = {};
          const base::Result<void> status = inboxes[i].taken % 8 == 0
                                                ? receiving[i].try_receive(nothing_held(), message)
                                                : receiving[i].receive(nothing_held(), message, blockers[senders + i]);
          if (status.ok()) {
            inboxes[i].take(message);
            if (inboxes[i].torn != 0) break;
          } else if (status.error() == Error::EPIPE) {
            break;
          } else {
            std::this_thread::yield();
          }
        }
        receiving[i].drop(nothing_held());
        --running;
      });
    }
    for (std::uint64_t i = 0; running.load() != 0; ++i) {
      if (disturbance != Disturbance::None) blockers[fakes::mixed(i) % blockers.size()].give_up();
      std::this_thread::yield();
    }
    for (std::thread& thread : threads) thread.join();

    const TypedStatistics end = channel.statistics(nothing_held());
    fakes::Verdict verdict = fakes::judge(inboxes, accepted);
    std::uint64_t sent = 0;
    for (std::size_t i = 0; i < senders; ++i) {
      EXPECT_EQ(spoiled[i], 0u) << "a message that was not sent is its sender's as it was";
      sent += accepted[i];
    }
    EXPECT_EQ(end.sent, sent);
    EXPECT_EQ(end.received, verdict.received);
    EXPECT_EQ(verdict.lost, end.discarded) << "only what was queued when the last receiver left";
    EXPECT_EQ(end.sent, end.received + end.discarded);
    EXPECT_TRUE(receivers_leave || end.discarded == 0);
    verdict.lost = 0;
    EXPECT_TRUE(verdict.is_good()) << verdict;
    for (HostBlocker& blocker : blockers) EXPECT_EQ(blocker.unused_wakes(), 0u);
  }
};

TEST_P(TypedChannelStress, T10_loses_doubles_tears_and_reorders_nothing) {
  run(fakes::stress_messages(10'000) / GetParam().senders, Disturbance::None);
}
TEST_P(TypedChannelStress, T11_giving_up_at_any_time_loses_nothing) {
  run(fakes::stress_messages(10'000) / GetParam().senders, Disturbance::GivingUp);
}
TEST_P(TypedChannelStress, T8_receivers_leave_in_the_middle_and_every_sender_comes_back) {
  for (int round = 0; round < 20; ++round) {
    run(fakes::stress_messages(10'000) / GetParam().senders / 20, Disturbance::ReceiversLeave);
  }
}

INSTANTIATE_TEST_SUITE_P(Typed, TypedChannelStress,
                         testing::Values(Case{1, 1, 1}, Case{1, 1, 16}, Case{2, 2, 1}, Case{4, 4, 3}, Case{4, 1, 16},
                                         Case{1, 4, 16}),
                         [](const auto& given) {
                           return std::to_string(given.param.senders) + "_senders_" +
                                  std::to_string(given.param.receivers) + "_receivers_capacity_" +
                                  std::to_string(given.param.capacity);
                         });

/// Minting and dropping race (B3): a side is gone exactly while it has no handle, so what two threads count agrees.
TEST(TypedChannelMint, T2_B3_minting_races_with_dropping_and_no_living_end_is_called_gone) {
  Message storage[1] = {};
  Channel channel(storage, 1);
  Channel::Ends ends = channel.open(nothing_held());
  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> wrong{0};
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t round = 0; round < fakes::stress_messages(10'000) / 10; ++round) {
        auto receiver = ends.sender.mint_other(nothing_held());
        wrong += ends.sender.is_disconnected(nothing_held()) ? 1 : 0;
        Message message = {};
        const base::Result<void> status = ends.sender.try_send(nothing_held(), message);
        wrong += !status.ok() && status.error() == Error::EPIPE ? 1 : 0;
        receiver.drop(nothing_held());
      }
    });
  }
  ends.receiver.drop(nothing_held());
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0u);
  EXPECT_TRUE(ends.sender.is_disconnected(nothing_held()));
  ends.sender.drop(nothing_held());
}

}  // namespace
}  // namespace ipc
