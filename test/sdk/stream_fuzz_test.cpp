// SPDX-License-Identifier: Apache-2.0
//
// A hostile peer: it writes what it likes into the whole of the shared memory, between any two operations, while a side
// waits, and between any two accesses to a shared word. A side may fail, and may receive rubbish; it may not leave the
// ring (AddressSanitizer stands round it), hand out a part that is not of the ring, say more than it did, loop, or come
// back after it has called the other one corrupt.
#include "test/sdk/sdk_host.hpp"

#include <random>

namespace granary {
namespace {

using sdk_host::InterruptedWords;
using sdk_host::Scripted;
using sdk_host::ScriptedBell;
using sdk_host::SharedMemory;

/// Nonsense of the kinds that could pass for sense: near the indices, near zero, anything.
class Scribbler {
 public:
  Scribbler(SharedMemory& memory, std::uint64_t seed) : memory_(memory), random_(seed) {}

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  void scribble() {
    detail::StreamLayout& shared = memory_.layout();
    std::uint64_t* const words[] = {&shared.written,       &shared.read,         &shared.writer_sleeps,
                                    &shared.reader_sleeps, &shared.writer_shape, &shared.reader_shape};
    for (std::uint64_t* const word : words) {
      switch (below(16)) {
        case 0: *word = random_(); break;
        case 1: *word = below(300); break;
        case 2: *word = shared.read + below(600); break;
        case 3: *word = shared.written - below(600); break;
        case 4: *word = *word ^ std::uint64_t{1} << below(64); break;
        case 5: *word = *word + below(130); break;
        default: break;
      }
    }
    const std::span<std::byte> ring = memory_.bytes().subspan(sizeof(detail::StreamLayout));
    if (below(8) == 0) std::memset(ring.data(), static_cast<int>(below(256)), ring.size());
  }

 private:
  SharedMemory& memory_;
  std::mt19937_64 random_;
};

class StreamFuzz : public testing::TestWithParam<std::size_t> {
 protected:
  using Writer = StreamWriter<Scripted, InterruptedWords>;
  using Reader = StreamReader<Scripted, InterruptedWords>;

  StreamFuzz() {
    sdk_host::set_counter(1000);
    bell.on_ring = [this]() -> Result<void> {
      if (scribbler.below(4) == 0) return kPeerGone;
      return {};
    };
    bell.on_wait = [this]() -> Result<void> {
      EXPECT_LT(++waits_of_one_operation, 1000) << "no end of waiting";
      scribbler.scribble();
      const std::uint64_t choice = scribbler.below(8);
      if (choice == 0) return kTimedOut;
      if (choice == 1) return kPeerGone;
      return {};
    };
    reopen();
  }
  ~StreamFuzz() override {
    InterruptedWords::before = nullptr;
    sdk_host::use_real_counter();
  }

  void reopen() {
    const auto paused =
        std::exchange(InterruptedWords::before, nullptr);  // a shape that is no lie, to be opened at all
    memory.clear();
    writer = Writer::open(memory.bytes(), messages, {&bell}).value();
    reader = Reader::open(memory.bytes(), messages, {&bell}).value();
    InterruptedWords::before = paused;
    ++lives;
  }
  Deadline deadline() {
    waits_of_one_operation = 0;
    if (scribbler.below(2) == 0) return do_not_block;
    return Deadline::from_ticks(detail::counter_now() + scribbler.below(20));
  }
  template <typename T>
  void check(const Result<T>& result, std::uint64_t done, std::uint64_t limit, bool was_corrupt) {
    if (result) {
      ASSERT_LE(done, limit);
      ASSERT_FALSE(was_corrupt) << "a corrupt side came back";
      ++successes;
      return;
    }
    const Error error = result.error();
    ASSERT_TRUE(error == kTimedOut || error == kPeerGone || error == kWouldBlock || error == kInvalidArgument)
        << error.name();
    ASSERT_TRUE(!was_corrupt || error == kPeerGone) << error.name();
  }
  void check_part(std::span<const std::byte> part) {
    const std::span<const std::byte> ring = memory.bytes().subspan(sizeof(detail::StreamLayout));
    ASSERT_FALSE(part.empty());
    ASSERT_GE(part.data(), ring.data());
    ASSERT_LE(part.data() + part.size(), ring.data() + ring.size());
  }
  void write_something() {
    const bool corrupt = writer.corrupt();
    const std::size_t length = scribbler.below(3 * messages * kStreamMessageBytes);
    const std::span<const std::byte> some = std::as_bytes(std::span(buffer)).first(length);
    switch (scribbler.below(5)) {
      case 0: return check(writer.send(buffer[0], deadline()), 0, 0, corrupt);
      case 1: {
        const Result<std::size_t> written = writer.write(some, deadline());
        return check(written, written ? *written : 0, length, corrupt && length > 0);
      }
      case 2: {
        const std::size_t count = length / kStreamMessageBytes;
        const Result<std::size_t> sent = writer.send(std::span(buffer).first(count), deadline());
        return check(sent, sent ? *sent : 0, count, corrupt && count > 0);
      }
      case 3: {
        const Result<std::span<std::byte>> part = writer.prepare(deadline());
        check(part, 0, 0, corrupt);
        if (!part) return;
        check_part(*part);
        std::ranges::fill(*part, std::byte{1});
        return;
      }
      default: return check(writer.commit(length / 4), 0, 0, corrupt);
    }
  }
  void read_something() {
    const bool corrupt = reader.corrupt();
    const std::size_t length = scribbler.below(3 * messages * kStreamMessageBytes);
    const std::span<std::byte> some = std::as_writable_bytes(std::span(buffer)).first(length);
    switch (scribbler.below(5)) {
      case 0: return check(reader.receive(buffer[0], deadline()), 0, 0, corrupt);
      case 1: {
        const Result<std::size_t> read = reader.read(some, deadline());
        return check(read, read ? *read : 0, length, corrupt && length > 0);
      }
      case 2: {
        const std::size_t count = length / kStreamMessageBytes;
        const Result<std::size_t> received = reader.receive(std::span(buffer).first(count), deadline());
        return check(received, received ? *received : 0, count, corrupt && count > 0);
      }
      case 3: {
        const Result<std::span<const std::byte>> part = reader.peek(deadline());
        check(part, 0, 0, corrupt);
        if (!part) return;
        check_part(*part);
        for (const std::byte byte : *part) sum += std::to_integer<std::uint64_t>(byte);
        return;
      }
      default: return check(reader.consume(length / 4), 0, 0, corrupt);
    }
  }

  const std::size_t messages = GetParam();
  SharedMemory memory{messages};
  Scribbler scribbler{memory, 2025 + messages};
  ScriptedBell bell;
  Writer writer;
  Reader reader;
  std::vector<StreamMessage> buffer = std::vector<StreamMessage>(3 * messages);
  std::uint64_t successes = 0, lives = 0, sum = 0;
  int waits_of_one_operation = 0;
};

TEST_P(StreamFuzz, N5_scribbling_between_any_two_operations_harms_nobody) {
  for (std::uint64_t round = 0; round < 250'000 && !HasFailure(); ++round) {
    scribbler.scribble();
    write_something();
    scribbler.scribble();
    read_something();
    if (writer.corrupt() && reader.corrupt() && scribbler.below(4) == 0) reopen();
  }
  EXPECT_GT(lives, 1000u) << "too few lies are found out to mean anything";
  EXPECT_GT(successes, 50'000u) << "too little works to mean anything";
}

TEST_P(StreamFuzz, N5_scribbling_between_any_two_accesses_harms_nobody) {
  InterruptedWords::before = [this] { scribbler.scribble(); };
  for (std::uint64_t round = 0; round < 100'000 && !HasFailure(); ++round) {
    write_something();
    read_something();
    if (writer.corrupt() && reader.corrupt() && scribbler.below(4) == 0) reopen();
  }
  EXPECT_GT(lives, 1000u);
  EXPECT_GT(successes, 10'000u);
}

TEST_P(StreamFuzz, N5_the_index_that_was_tested_is_the_index_that_is_used) {
  const std::uint64_t size = messages * kStreamMessageBytes;
  std::uint64_t possible = 0;
  for (const std::uint64_t first : {0, 1}) {
    reopen();
    std::uint64_t accesses = first;
    InterruptedWords::before = [&] { memory.layout().written = accesses++ % 2 == 0 ? size : 3 * size; };
    const Result<std::size_t> count = reader.read(std::as_writable_bytes(std::span(buffer)), do_not_block);
    InterruptedWords::before = nullptr;
    if (count) ++possible;
    EXPECT_EQ(count ? *count : size, size) << "a second look, without the test";
    EXPECT_EQ(reader.corrupt(), !count);
  }
  EXPECT_EQ(possible, 1u);
}

INSTANTIATE_TEST_SUITE_P(Capacities, StreamFuzz, testing::Values(1, 2, 4, 16), testing::PrintToStringParamName());

}  // namespace
}  // namespace granary
