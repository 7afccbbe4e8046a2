// SPDX-License-Identifier: Apache-2.0
//
// Two threads are two silos that mean well: one sends, the other receives, by every way there is, and both fall asleep
// at random, in the protocol and outside. Nothing may be lost, doubled, torn or out of order, and no wake may be lost:
// a bell that nobody rings for seconds is a failure. Runs under ThreadSanitizer too. The environment's
// GRANARY_STREAM_MESSAGES=10000000 makes it long; by itself it takes seconds, most of them asleep.
#include "test/sdk/sdk_host.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

namespace granary {
namespace {

using namespace std::chrono_literals;

/// What a notification is to a thread: rung once or often, it ends one wait.
class ThreadBell {
 public:
  void ring() {
    const std::scoped_lock lock(mutex_);
    rung_ = true;
    changed_.notify_one();
  }
  Result<void> wait() {
    std::unique_lock lock(mutex_);
    ++waits;
    if (!changed_.wait_for(lock, 20s, [this] { return rung_; })) return kTimedOut;
    rung_ = false;
    return {};
  }
  std::uint64_t waits = 0;  ///< to be read when its thread has ended

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
};
/// A side's doorbell: waits on its own bell, rings the other's.
struct Pair {
  ThreadBell* own = nullptr;
  ThreadBell* other = nullptr;
  Result<void> ring() { return other->ring(), Result<void>(); }
  Result<void> wait(Deadline) {
    const Result<void> rung = own->wait();
    EXPECT_TRUE(rung) << "a wake was lost";
    return rung;
  }
};

/// The words of the message with that number: each depends on the number and on its place.
std::uint64_t word_of(std::uint64_t number, std::size_t place) { return (number << 3 | place) * 0x9e3779b97f4a7c15; }

class StreamStress : public testing::TestWithParam<std::size_t> {
 protected:
  /// So many messages, or what the environment says.
  static std::uint64_t total() {
    const char* const said = std::getenv("GRANARY_STREAM_MESSAGES");
    return said != nullptr ? std::strtoull(said, nullptr, 10) : 200'000;
  }
  /// Now and then a thread is away for a while.
  static void rest(std::mt19937& random) {
    const std::uint64_t choice = random() % 8192;
    if (choice == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 100));
    if (choice < 32) std::this_thread::yield();
  }
  static void fill(StreamMessage* message, std::uint64_t number) {
    for (std::size_t place = 0; place < 8; ++place) message->words[place] = word_of(number, place);
  }
  void compare(const StreamMessage& message) {
    std::uint64_t wrong = 0;
    for (std::size_t place = 0; place < 8; ++place) wrong |= message.words[place] ^ word_of(received, place);
    ASSERT_EQ(wrong, 0u) << "message " << received << " is another one, or torn";
    ++received;
  }

  void send_all() {
    std::mt19937 random(1);
    std::vector<StreamMessage> batch(24);
    for (std::uint64_t sent = 0; sent < total() && !HasFailure();) {
      const std::uint64_t count = std::min<std::uint64_t>(1 + random() % batch.size(), total() - sent);
      for (std::uint64_t i = 0; i < count; ++i) fill(&batch[i], sent + i);
      switch (random() % 4) {
        case 0: ASSERT_EQ(writer.send(std::span(batch).first(count)).value(), count); break;
        case 1: ASSERT_EQ(writer.write(std::as_bytes(std::span(batch).first(count))).value(), count * 64); break;
        case 2: {
          const std::span<const std::byte> bytes = std::as_bytes(std::span(batch).first(count));
          for (std::size_t done = 0; done < bytes.size();) {
            const std::span<std::byte> part = writer.prepare().value();
            const std::size_t length = std::min(part.size(), bytes.size() - done);
            std::memcpy(part.data(), bytes.data() + done, length);
            ASSERT_TRUE(writer.commit(length));
            done += length;
          }
          break;
        }
        default:
          for (std::uint64_t i = 0; i < count; ++i) ASSERT_TRUE(writer.send(batch[i]));
      }
      sent += count;
      rest(random);
    }
  }
  void receive_all() {
    std::mt19937 random(2);
    std::vector<StreamMessage> batch(24);
    while (received < total() && !HasFailure()) {
      const std::uint64_t count = std::min<std::uint64_t>(1 + random() % batch.size(), total() - received);
      std::uint64_t got = count;
      switch (random() % 4) {
        case 0: got = reader.receive(std::span(batch).first(count)).value(); break;
        case 1: {
          const std::span<std::byte> bytes = std::as_writable_bytes(std::span(batch).first(count));
          for (std::size_t done = 0; done < bytes.size();) done += reader.read(bytes.subspan(done)).value();
          break;
        }
        case 2: {
          const std::span<std::byte> bytes = std::as_writable_bytes(std::span(batch).first(count));
          for (std::size_t done = 0; done < bytes.size();) {
            const std::span<const std::byte> part = reader.peek().value();
            const std::size_t length = std::min(part.size(), bytes.size() - done);
            std::memcpy(bytes.data() + done, part.data(), length);
            ASSERT_TRUE(reader.consume(length));
            done += length;
          }
          break;
        }
        default:
          for (std::uint64_t i = 0; i < count; ++i) ASSERT_TRUE(reader.receive(batch[i]));
      }
      for (std::uint64_t i = 0; i < got; ++i) compare(batch[i]);
      rest(random);
    }
  }

  sdk_host::SharedMemory memory{GetParam()};
  ThreadBell bell_of_writer, bell_of_reader;
  StreamWriter<Pair> writer =
      StreamWriter<Pair>::open(memory.bytes(), GetParam(), {&bell_of_writer, &bell_of_reader}).value();
  StreamReader<Pair> reader =
      StreamReader<Pair>::open(memory.bytes(), GetParam(), {&bell_of_reader, &bell_of_writer}).value();
  std::uint64_t received = 0;
};

TEST_P(StreamStress, N5_two_threads_lose_double_tear_and_reorder_nothing_and_always_wake) {
  std::thread other([this] { send_all(); });
  receive_all();
  other.join();
  EXPECT_EQ(received, total());
  EXPECT_EQ(reader.receive(do_not_block).error(), kWouldBlock) << "more came than was sent";
  EXPECT_GT(bell_of_reader.waits + bell_of_writer.waits, 10u) << "nobody ever slept: nothing was tried";
  RecordProperty("sleeps", std::to_string(bell_of_reader.waits + bell_of_writer.waits));
}

/// The bell of one who falls asleep while the other one sends: if that has returned and has not rung, nobody will.
struct RoundBell {
  std::atomic<std::uint64_t> round = 0, sent = 0, lost = 0;
  std::atomic<bool> rung = false;
};
struct RoundBellHandle {
  RoundBell* bell = nullptr;
  Result<void> ring() {
    bell->rung = true;
    return {};
  }
  Result<void> wait(Deadline) {
    for (int turns = 0; !bell->rung.exchange(false); ++turns) {
      if (turns % 1024 == 1023) std::this_thread::yield();
      if (bell->sent == bell->round && !bell->rung) {
        ++bell->lost;
        break;
      }
    }
    return {};
  }
};

TEST(StreamSleep, N5_a_message_sent_in_the_moment_of_falling_asleep_wakes_the_reader) {
  constexpr std::uint64_t kRounds = 1'000'000, kOver = ~std::uint64_t{0};
  const auto end = std::chrono::steady_clock::now() + 4s;  // a busy machine makes few rounds
  sdk_host::SharedMemory memory(1);
  RoundBell bell;
  auto writer = StreamWriter<RoundBellHandle>::open(memory.bytes(), 1, {&bell}).value();
  auto reader = StreamReader<RoundBellHandle>::open(memory.bytes(), 1, {&bell}).value();
  // Both meet as closely as they can; a core that is not there is given up for.
  const auto await = [](const std::atomic<std::uint64_t>& word, std::uint64_t value) {
    for (int turns = 0; word < value; ++turns) {
      if (turns % 1024 == 1023) std::this_thread::yield();
    }
  };
  std::thread other([&] {
    for (std::uint64_t round = 1;; ++round) {
      await(bell.round, round);
      if (bell.round == kOver) return;
      writer.send(StreamMessage::of(round)).value();
      bell.sent = round;
    }
  });
  std::minstd_rand random(3);
  std::uint64_t wrong = 0, rounds = 0;
  while (rounds < kRounds && std::chrono::steady_clock::now() < end) {
    const std::uint64_t round = ++rounds;
    bell.round = round;
    // Who is late, and by how much, depends on the machine: try all magnitudes.
    for (std::uint64_t delay = random() % (1u << random() % 13); delay > 0; --delay) {
      std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    wrong += reader.receive().value().as<std::uint64_t>() == round ? 0 : 1;
    await(bell.sent, round);
  }
  bell.round = kOver;
  other.join();
  EXPECT_EQ(wrong, 0u) << "other messages than were sent";
  EXPECT_EQ(bell.lost, 0u) << "wakes lost, of " << rounds;
}

INSTANTIATE_TEST_SUITE_P(Capacities, StreamStress, testing::Values(1, 16, 1024), testing::PrintToStringParamName());

}  // namespace
}  // namespace granary
