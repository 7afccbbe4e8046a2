// SPDX-License-Identifier: Apache-2.0
//
// The ring between threads that are cores: every number of writers and readers, every message checked word by word
// (test/fakes/stress_oracle.hpp). Runs with the other tests, and longer under ThreadSanitizer (make test-tsan).
#include "test/fakes/ring_world.hpp"

#include <atomic>
#include <optional>
#include <thread>

#include "test/fakes/stress_oracle.hpp"

namespace ipc {
namespace {

using base::Error;
using fakes::Inbox;
using fakes::RingWithChunks;
using fakes::Verdict;

AsyncMessage stress_item(std::uint64_t sender, std::uint64_t sequence) {
  const std::uint64_t identity = fakes::stress_identity(sender, sequence);
  return {.message = fakes::stress_message(sender, sequence),
          .badge = fakes::mixed(identity),
          .label = static_cast<std::uint32_t>(~identity)};
}

/// What a writer was told.
struct Told {
  std::uint64_t accepted = 0, full = 0, closed = 0;
};

/// Sends `each` messages in order, each until it is accepted; ends early when the ring is closed.
Told write(AsyncRing& ring, std::uint64_t sender, std::uint64_t each) {
  Told told;
  while (told.accepted < each) {
    const base::Result<void> status = ring.try_push(stress_item(sender, told.accepted));
    if (status.ok()) {
      ++told.accepted;
    } else if (status.error() == Error::EAGAIN) {
      ++told.full;
      std::this_thread::yield();
    } else {
      ++told.closed;
      break;
    }
  }
  return told;
}

/// Receives until the ring says that nothing comes any more.
void read(AsyncRing& ring, Inbox& inbox) {
  for (;;) {
    AsyncMessage one = {};
    const base::Result<void> status = ring.try_pop(one);
    if (status.ok()) {
      inbox.take(one.message);
      inbox.torn +=
          one.badge != fakes::mixed(one.message.opcode) || one.label != static_cast<std::uint32_t>(~one.message.opcode)
              ? 1
              : 0;
    } else if (status.error() == Error::EAGAIN) {
      std::this_thread::yield();
    } else {
      break;
    }
  }
}

/// Runs writers and readers against the ring. The ring is closed when the writers have ended, or, if `close_after` is
/// not 0, as soon as that many messages have been sent.
void expect_nothing_lost(AsyncRing& ring, std::size_t writers, std::size_t readers, std::uint64_t each,
                         std::uint64_t close_after) {
  std::vector<Inbox> inboxes(readers, Inbox(writers, each));
  std::vector<Told> told(writers);
  std::vector<std::thread> writing, reading;
  for (std::size_t i = 0; i < readers; ++i) reading.emplace_back([&, i] { read(ring, inboxes[i]); });
  for (std::size_t i = 0; i < writers; ++i) writing.emplace_back([&, i] { told[i] = write(ring, i, each); });
  bool figures_hold = true;
  if (close_after != 0) {
    for (;;) {
      const AsyncStatistics now = ring.statistics();
      figures_hold = figures_hold && now.sent - now.received == now.queued && now.queued <= now.capacity &&
                     now.deepest_queue <= now.capacity;
      if (now.sent >= close_after) break;
      std::this_thread::yield();
    }
    ring.close();
  }
  for (std::thread& thread : writing) thread.join();
  ring.close();
  for (std::thread& thread : reading) thread.join();

  std::vector<std::uint64_t> accepted;
  std::uint64_t sent = 0, full = 0, closed = 0;
  for (const Told& one : told) {
    accepted.push_back(one.accepted);
    sent += one.accepted;
    full += one.full;
    closed += one.closed;
  }
  const Verdict verdict = fakes::judge(inboxes, accepted);
  const AsyncStatistics end = ring.statistics();
  EXPECT_TRUE(verdict.is_good()) << verdict;
  EXPECT_TRUE(figures_hold);
  EXPECT_EQ(end.sent, sent);
  EXPECT_EQ(end.received, verdict.received);
  EXPECT_EQ(end.queued, 0u);
  EXPECT_EQ(end.dropped, full);
  EXPECT_LE(end.deepest_queue, end.capacity);
  EXPECT_TRUE(closed == 0 || close_after != 0);
  EXPECT_TRUE(close_after != 0 || sent == writers * each);
}

struct Case {
  std::size_t writers, readers;
  std::uint32_t capacity;
};

class AsyncRingStress : public testing::TestWithParam<Case> {};

TEST_P(AsyncRingStress, A8_defect_A1_loses_doubles_tears_and_reorders_nothing) {
  const auto [writers, readers, capacity] = GetParam();
  RingWithChunks ring(capacity);
  expect_nothing_lost(*ring, writers, readers, fakes::stress_messages(10'000) / writers, 0);
}

TEST_P(AsyncRingStress, A6_defect_A5_close_in_the_middle_drains_and_then_disconnects) {
  const auto [writers, readers, capacity] = GetParam();
  const std::uint64_t rounds = 1 + fakes::stress_messages(10'000) / 2'500;
  for (std::uint64_t round = 0; round < std::min<std::uint64_t>(rounds, 100); ++round) {
    RingWithChunks ring(capacity);
    expect_nothing_lost(*ring, writers, readers, 50'000, 1 + fakes::mixed(round) % (capacity * 8));
  }
}

/// Two threads that begin each round together.
class Rendezvous {
 public:
  void meet() {
    const std::uint64_t mine = arrived_.fetch_add(1, std::memory_order_acq_rel) / 2;
    while (arrived_.load(std::memory_order_acquire) < 2 * (mine + 1)) std::this_thread::yield();
  }

 private:
  std::atomic<std::uint64_t> arrived_{0};
};

TEST(AsyncRingClose, A6_defect_A5_no_push_succeeds_after_a_reader_saw_closed_and_empty) {
  const std::uint64_t rounds = std::min<std::uint64_t>(fakes::stress_messages(10'000), 1'000'000);
  RingWithChunks chunks(2);
  std::optional<AsyncRing> ring;
  std::uint64_t accepted = 0;
  Rendezvous rendezvous;
  std::thread writer([&] {
    for (std::uint64_t round = 0; round < rounds; ++round) {
      rendezvous.meet();
      std::uint64_t sequence = 0;
      for (;;) {
        const base::Result<void> status = ring->try_push(stress_item(0, sequence));
        if (status.ok()) ++sequence;
        if (!status.ok() && status.error() == Error::EPIPE) break;
      }
      accepted = sequence;
      rendezvous.meet();
    }
  });
  std::uint64_t lost = 0, shallow = 0, wrong = 0, in_the_middle = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    ring.emplace(chunks.chunks(), 2);
    rendezvous.meet();
    std::uint64_t received = 0;
    const auto take_one = [&] {
      AsyncMessage one = {};
      const base::Result<void> status = ring->try_pop(one);
      if (status.ok()) wrong += fakes::same_message(one.message, fakes::stress_message(0, received++)) ? 0 : 1;
      return status.ok() || status.error() == Error::EAGAIN;
    };
    for (std::uint64_t i = fakes::mixed(round) % 8; i > 0; --i) take_one();
    ring->close();
    while (take_one()) {
    }
    rendezvous.meet();
    lost += accepted != received ? 1 : 0;
    shallow += accepted != 0 && ring->statistics().deepest_queue == 0 ? 1 : 0;
    in_the_middle += accepted != 0 ? 1 : 0;
  }
  writer.join();
  EXPECT_EQ(lost, 0u) << "of " << rounds << " rounds, " << in_the_middle << " with messages";
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(shallow, 0u) << "A7: a message was queued, and the deepest queue is none";
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const std::uint32_t capacity : {1u, 16u, 256u}) {
    for (const std::size_t writers : {1u, 2u, 4u}) {
      for (const std::size_t readers : {1u, 2u, 4u}) cases.push_back({writers, readers, capacity});
    }
  }
  cases.push_back({3, 2, 7});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Ring, AsyncRingStress, testing::ValuesIn(all_cases()), [](const auto& given) {
  return std::to_string(given.param.writers) + "_writers_" + std::to_string(given.param.readers) +
         "_readers_capacity_" + std::to_string(given.param.capacity);
});

}  // namespace
}  // namespace ipc
