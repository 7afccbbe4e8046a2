// SPDX-License-Identifier: Apache-2.0
//
// One thread plays both sides of a stream, step by step: order, fullness, wraps, bells, ends, and what a side makes of
// each single lie.
#include "test/sdk/sdk_host.hpp"

#include <numeric>
#include <random>

namespace granary {
namespace {

using sdk_host::InterruptedWords;
using sdk_host::Scripted;
using sdk_host::ScriptedBell;
using sdk_host::SharedMemory;
using Writer = StreamWriter<Scripted>;
using Reader = StreamReader<Scripted>;

StreamMessage numbered(std::uint64_t number) {
  StreamMessage message;
  std::iota(message.words.begin(), message.words.end(), number * 8);
  return message;
}
std::vector<std::byte> counting(std::size_t length, std::size_t start = 0) {
  std::vector<std::byte> bytes(length);
  for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::byte>((start + i) * 7 / 3);
  return bytes;
}
template <typename T>
int error_of(const Result<T>& result) {
  return result.ok() ? 0 : result.error().number();
}
constexpr int kNone = 0, kGone = kPeerGone.number(), kLate = kTimedOut.number(), kWould = kWouldBlock.number(),
              kInvalid = kInvalidArgument.number();

class Stream : public testing::Test {
 protected:
  explicit Stream(std::size_t messages = 4) : memory(messages), capacity(messages) { sdk_host::set_counter(1000); }
  ~Stream() override { sdk_host::use_real_counter(); }

  SharedMemory memory;
  std::size_t capacity;
  ScriptedBell writer_bell, reader_bell;
  Writer writer = Writer::open(memory.bytes(), capacity, {&writer_bell}).value();
  Reader reader = Reader::open(memory.bytes(), capacity, {&reader_bell}).value();
  detail::StreamLayout& shared = memory.layout();
};

/// Lets `other` happen once, ahead of access number `at`, and counts the accesses.
class Interruption {
 public:
  Interruption(int at, std::function<void()> other) {
    InterruptedWords::before = [this, at, other = std::move(other)] {
      if (accesses++ == at) other();
    };
  }
  ~Interruption() { InterruptedWords::before = nullptr; }
  Interruption(const Interruption&) = delete;
  int accesses = 0;
};

TEST_F(Stream, N5_messages_arrive_whole_and_in_order_through_many_wraps_without_a_bell) {
  for (std::uint64_t sent = 0, received = 0; received < 1000;) {
    for (std::uint64_t i = 0; i < 1 + sent % 4; ++i) {
      if (writer.send(numbered(sent), do_not_block)) ++sent;
    }
    while (received < sent) EXPECT_EQ(reader.receive(do_not_block).value(), numbered(received++));
  }
  EXPECT_EQ(writer_bell.rings + reader_bell.rings + writer_bell.waits + reader_bell.waits, 0);
}

TEST_F(Stream, N5_holds_exactly_its_capacity) {
  for (std::uint64_t i = 0; i < capacity; ++i) EXPECT_TRUE(writer.send(numbered(i), do_not_block));
  EXPECT_EQ(error_of(writer.send(numbered(9), do_not_block)), kWould);
  EXPECT_EQ(error_of(writer.write(counting(1), do_not_block)), kWould);
  for (std::uint64_t i = 0; i < capacity; ++i) EXPECT_EQ(reader.receive(do_not_block).value(), numbered(i));
  EXPECT_EQ(error_of(reader.receive(do_not_block)), kWould);
  EXPECT_TRUE(writer.send(numbered(10), do_not_block));
}

TEST_F(Stream, N5_carries_values_of_any_plain_type) {
  struct Sample {
    double value;
    char unit[9];
  };
  EXPECT_TRUE(writer.send(StreamMessage::of(Sample{2.5, "volt"})));
  const Sample sample = reader.receive().value().as<Sample>();
  EXPECT_EQ(sample.value, 2.5);
  EXPECT_STREQ(sample.unit, "volt");
}

TEST_F(Stream, N5_batches_are_cut_at_what_there_is_room_for) {
  std::vector<StreamMessage> out;
  for (std::uint64_t i = 0; i < 7; ++i) out.push_back(numbered(i));
  EXPECT_EQ(writer.send(out, do_not_block).value(), capacity);
  std::array<StreamMessage, 3> in;
  EXPECT_EQ(reader.receive(in, do_not_block).value(), 3u);
  EXPECT_EQ(in[2], numbered(2));
  EXPECT_EQ(writer.send(std::span(out).subspan(4), do_not_block).value(), 3u);
  EXPECT_EQ(reader.receive(in, do_not_block).value(), 3u);
  EXPECT_EQ(in[0], numbered(3));
  EXPECT_EQ(reader.receive(in, do_not_block).value(), 1u);
  EXPECT_EQ(in[0], numbered(6));
  EXPECT_EQ(error_of(reader.receive(in, do_not_block)), kWould);
}

TEST_F(Stream, N5_bytes_of_every_length_keep_their_order_across_the_wrap) {
  std::mt19937 random(1);
  const std::vector<std::byte> all = counting(50'000);
  std::vector<std::byte> got;
  for (std::size_t written = 0; got.size() < all.size();) {
    const std::size_t length = std::min<std::size_t>(random() % 300, all.size() - written);
    const Result<std::size_t> count = writer.write(std::span(all).subspan(written, length), do_not_block);
    if (count) written += *count;
    std::array<std::byte, 300> part;
    const Result<std::size_t> there = reader.read(std::span(part).first(random() % 300), do_not_block);
    if (there) got.insert(got.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(*there));
  }
  EXPECT_EQ(got, all);
}

TEST_F(Stream, N5_a_message_behind_odd_bytes_lies_across_the_end_and_stays_whole) {
  std::array<std::byte, 5> part;
  for (std::uint64_t i = 0; i < 200; ++i) {
    ASSERT_EQ(writer.write(counting(5, i), do_not_block).value(), 5u);
    ASSERT_TRUE(writer.send(numbered(i), do_not_block));
    ASSERT_EQ(reader.read(part, do_not_block).value(), 5u);
    ASSERT_EQ(std::vector(part.begin(), part.end()), counting(5, i));
    ASSERT_EQ(reader.receive(do_not_block).value(), numbered(i));
  }
}

TEST_F(Stream, N5_a_message_is_not_received_in_part) {
  EXPECT_EQ(writer.write(counting(63)).value(), 63u);
  EXPECT_EQ(error_of(reader.receive(do_not_block)), kWould);
  std::array<StreamMessage, 2> two;
  EXPECT_EQ(error_of(reader.receive(two, do_not_block)), kWould);
  EXPECT_EQ(writer.write(counting(1, 63)).value(), 1u);
  EXPECT_TRUE(reader.receive(do_not_block));
}

TEST_F(Stream, N5_without_a_copy_both_sides_work_in_the_ring) {
  for (std::size_t round = 0, written = 0; round < 100; ++round) {
    const std::span<std::byte> part = writer.prepare(do_not_block).value();
    const std::size_t length = std::min<std::size_t>(part.size(), 1 + round % 90);
    std::ranges::copy(counting(length, written), part.begin());
    EXPECT_EQ(error_of(reader.peek(do_not_block)), kWould) << "it was not committed";
    EXPECT_EQ(error_of(writer.commit(part.size() + 1)), kInvalid);
    ASSERT_TRUE(writer.commit(length));
    const std::span<const std::byte> seen = reader.peek(do_not_block).value();
    ASSERT_EQ(std::vector(seen.begin(), seen.end()), counting(length, written));
    EXPECT_EQ(error_of(reader.consume(seen.size() + 1)), kInvalid);
    ASSERT_TRUE(reader.consume(length));
    written += length;
  }
  EXPECT_EQ(error_of(reader.consume(1)), kInvalid);
  EXPECT_TRUE(writer.commit(0) && reader.consume(0));
}

TEST_F(Stream, N5_nothing_is_asked_for_and_nothing_waits) {
  EXPECT_EQ(reader.read({}).value(), 0u);
  EXPECT_EQ(reader.receive(std::span<StreamMessage>()).value(), 0u);
  EXPECT_EQ(writer.write({}).value(), 0u);
}

TEST_F(Stream, N5_opening_refuses_what_cannot_be_a_ring) {
  const std::span<std::byte> all = memory.bytes();
  for (const std::size_t messages : {0, 3, 5, 8, 1 << 20}) {
    EXPECT_EQ(error_of(Writer::open(all, messages, {&writer_bell})), kInvalid) << messages;
    EXPECT_EQ(error_of(Reader::open(all, messages, {&writer_bell})), kInvalid) << messages;
  }
  EXPECT_EQ(error_of(Writer::open(all, std::size_t{1} << 63, {&writer_bell})), kInvalid);
  EXPECT_EQ(error_of(Writer::open(all.first(all.size() - 1), 4, {&writer_bell})), kInvalid);
  EXPECT_EQ(error_of(Writer::open(all.subspan(8), 1, {&writer_bell})), kInvalid);
  EXPECT_EQ(error_of(Writer::open({}, 1, {&writer_bell})), kInvalid);
  EXPECT_EQ(stream_memory_bytes(1), 4096u);
  EXPECT_EQ(stream_memory_bytes(60), 4096u);
  EXPECT_EQ(stream_memory_bytes(64), 8192u);
}

TEST_F(Stream, N5_the_side_that_is_opened_second_refuses_another_capacity) {
  const std::span<std::byte> all = memory.bytes();
  EXPECT_EQ(error_of(Writer::open(all, 2, {&writer_bell})), kInvalid);
  EXPECT_EQ(error_of(Writer::open(all, 4, {&writer_bell})), kNone) << "the reader's";
  EXPECT_EQ(error_of(Reader::open(all, 1, {&reader_bell})), kInvalid);
  EXPECT_EQ(error_of(Reader::open(all, 4, {&reader_bell})), kNone);
  memory.clear();
  EXPECT_EQ(error_of(Reader::open(all, 2, {&reader_bell})), kNone) << "the first names what it likes";
  EXPECT_EQ(error_of(Writer::open(all, 4, {&writer_bell})), kInvalid);
  EXPECT_EQ(error_of(Writer::open(all, 2, {&writer_bell})), kNone);
}

TEST_F(Stream, N5_of_two_sides_opened_at_once_with_different_capacities_one_is_refused_at_least) {
  for (int at = 0, accesses = 1; at < accesses; ++at) {
    memory.clear();
    int refused = 0;
    const auto note = [&](const auto& side) { refused += error_of(side) == kInvalid ? 1 : 0; };
    const Interruption interruption(
        at, [&] { note(StreamReader<Scripted, InterruptedWords>::open(memory.bytes(), 2, {&reader_bell})); });
    note(StreamWriter<Scripted, InterruptedWords>::open(memory.bytes(), 4, {&writer_bell}));
    accesses = interruption.accesses;
    EXPECT_GE(refused, 1) << "opened ahead of access " << at;
    ASSERT_EQ(accesses, 2);
  }
}

TEST_F(Stream, N5_a_lie_about_the_capacity_only_keeps_a_side_from_being_opened) {
  for (const std::uint64_t lie : {std::uint64_t{1}, ~std::uint64_t{0}, detail::stream_shape(4) + 1}) {
    memory.clear();
    shared.writer_shape = lie;
    EXPECT_EQ(error_of(Reader::open(memory.bytes(), 4, {&reader_bell})), kInvalid) << lie;
  }
  memory.clear();
  writer = Writer::open(memory.bytes(), 4, {&writer_bell}).value();
  reader = Reader::open(memory.bytes(), 4, {&reader_bell}).value();
  shared.writer_shape = detail::stream_shape(1);
  shared.reader_shape = detail::stream_shape(1 << 20);
  for (std::uint64_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(writer.send(numbered(i), do_not_block));
    ASSERT_EQ(reader.receive(do_not_block).value(), numbered(i));
  }
}

TEST_F(Stream, N5_a_side_that_is_not_open_refuses_everything) {
  const Writer moved_to = std::move(writer);
  Reader fresh;
  EXPECT_EQ(error_of(writer.send(numbered(1))), kInvalid);
  EXPECT_EQ(error_of(writer.write(counting(9))), kInvalid);
  EXPECT_EQ(error_of(writer.prepare()), kInvalid);
  EXPECT_EQ(error_of(writer.commit(0)), kInvalid);
  std::array<std::byte, 9> part;
  EXPECT_EQ(error_of(fresh.receive()), kInvalid);
  EXPECT_EQ(error_of(fresh.read(part)), kInvalid);
  EXPECT_EQ(error_of(fresh.peek()), kInvalid);
  EXPECT_EQ(error_of(fresh.consume(0)), kInvalid);
  EXPECT_FALSE(fresh.corrupt() || writer.corrupt() || moved_to.corrupt());
}

TEST_F(Stream, N5_a_sleeping_reader_gets_one_bell_however_much_is_sent) {
  reader_bell.on_wait = [&]() -> Result<void> {
    EXPECT_EQ(shared.reader_sleeps % 2, 1u);
    for (std::uint64_t i = 0; i < 3; ++i) EXPECT_TRUE(writer.send(numbered(i), do_not_block));
    EXPECT_EQ(writer_bell.rings, reader_bell.waits);
    return {};
  };
  EXPECT_EQ(reader.receive().value(), numbered(0));
  EXPECT_EQ(shared.reader_sleeps % 2, 0u) << "awake again";
  EXPECT_TRUE(reader.receive() && reader.receive());
  EXPECT_EQ(reader_bell.waits, 1);
  EXPECT_TRUE(writer.send(numbered(9)));
  EXPECT_EQ(writer_bell.rings, 1) << "nobody sleeps";
  EXPECT_TRUE(reader.receive());
  EXPECT_EQ(reader.receive().value(), numbered(0));
  EXPECT_EQ(writer_bell.rings, 2) << "another sleep, another bell";
}

TEST_F(Stream, N5_a_sleeping_writer_is_woken_by_the_first_room) {
  const std::vector<std::byte> all = counting(1000);
  std::vector<std::byte> got(all.size());
  std::size_t count = 0;
  writer_bell.on_wait = [&]() -> Result<void> {
    count += reader.read(std::span(got).subspan(count, 100)).value();
    EXPECT_EQ(reader_bell.rings, writer_bell.waits);
    return {};
  };
  EXPECT_EQ(writer.write(all).value(), all.size());
  while (count < all.size()) count += reader.read(std::span(got).subspan(count)).value();
  EXPECT_EQ(got, all);
  EXPECT_EQ(writer_bell.waits, 8);
}

TEST_F(Stream, N5_whenever_a_message_comes_while_the_reader_falls_asleep_it_wakes) {
  int slept = 0, stayed_awake = 0;
  for (int at = 0, accesses = 1; at < accesses; ++at) {
    memory.clear();
    auto own_writer = StreamWriter<Scripted, InterruptedWords>::open(memory.bytes(), 1, {&writer_bell}).value();
    auto own_reader = StreamReader<Scripted, InterruptedWords>::open(memory.bytes(), 1, {&reader_bell}).value();
    writer_bell.rings = reader_bell.waits = 0;
    const Interruption interruption(at, [&] { own_writer.send(numbered(7)).value(); });
    reader_bell.on_wait = [&]() -> Result<void> {
      ++slept;
      // Not sent yet: then it comes now, and must ring; or sent before, and has rung.
      const bool sent = interruption.accesses > at;
      const auto paused = std::exchange(InterruptedWords::before, nullptr);
      if (!sent) own_writer.send(numbered(7)).value();
      if (sent) InterruptedWords::before = paused;
      EXPECT_EQ(writer_bell.rings, 1) << "a wake was lost; sent ahead of access " << at;
      return {};
    };
    EXPECT_EQ(own_reader.receive().value(), numbered(7));
    stayed_awake += reader_bell.waits == 0 ? 1 : 0;
    accesses = interruption.accesses;
    ASSERT_LT(accesses, 100);
  }
  EXPECT_GT(slept, 0);
  EXPECT_GT(stayed_awake, 1);
}

TEST_F(Stream, N5_what_was_written_before_the_end_is_read_before_the_end) {
  reader_bell.on_wait = [&]() -> Result<void> {
    if (reader_bell.waits == 1) writer.send(numbered(1)).value();
    return kPeerGone;
  };
  EXPECT_EQ(reader.receive().value(), numbered(1));
  EXPECT_EQ(error_of(reader.receive()), kGone);
  EXPECT_FALSE(reader.corrupt()) << "gone, not mad";
}

TEST_F(Stream, N5_a_reader_does_not_mind_that_the_sleeping_writer_is_gone) {
  for (std::uint64_t i = 0; i < capacity; ++i) ASSERT_TRUE(writer.send(numbered(i)));
  shared.writer_sleeps = 1;
  reader_bell.on_ring = [] { return kPeerGone; };
  std::array<std::byte, 64> part;
  EXPECT_EQ(reader.receive().value(), numbered(0));
  EXPECT_EQ(reader.read(part).value(), 64u);
  EXPECT_TRUE(reader.consume(64));
  std::array<StreamMessage, 1> one;
  EXPECT_EQ(reader.receive(one).value(), 1u);
  EXPECT_EQ(reader_bell.rings, 4) << "a bell that failed does not count";
}

TEST_F(Stream, N5_a_writer_is_told_that_the_sleeping_reader_is_gone) {
  shared.reader_sleeps = 1;
  writer_bell.on_ring = [] { return kPeerGone; };
  EXPECT_EQ(error_of(writer.send(numbered(0))), kGone);
  EXPECT_EQ(error_of(writer.write(counting(3))), kGone);
  EXPECT_EQ(error_of(writer.commit(1)), kGone);
  shared.reader_sleeps = 2;
  writer_bell.on_wait = [] { return kPeerGone; };
  EXPECT_EQ(error_of(writer.write(counting(1000))), kGone);
}

TEST_F(Stream, N5_a_deadline_ends_a_wait_and_says_how_much_was_done) {
  writer_bell.on_wait = reader_bell.on_wait = [] { return kTimedOut; };
  EXPECT_EQ(error_of(reader.receive(Deadline::from_ticks(5))), kLate);
  EXPECT_EQ(writer.write(counting(1000), Deadline::from_ticks(5)).value(), capacity * 64);
  EXPECT_EQ(error_of(writer.write(counting(1000), Deadline::from_ticks(5))), kLate);
  EXPECT_EQ(error_of(writer.prepare(Deadline::from_ticks(5))), kLate);
  EXPECT_TRUE(reader.receive(Deadline::from_ticks(5))) << "late, but it is there";
}

TEST_F(Stream, N5_bells_for_nothing_do_not_move_the_deadline) {
  reader_bell.on_wait = writer_bell.on_wait = [] { return Result<void>(); };
  sdk_host::set_counter(1000);
  EXPECT_EQ(error_of(reader.receive(Deadline::from_ticks(1100))), kLate);
  EXPECT_LE(reader_bell.waits, 101);
  EXPECT_GE(reader_bell.waits, 100);
}

TEST_F(Stream, N5_an_impossible_index_ends_the_stream_for_good) {
  // Where a side stands after two messages there and one of them back.
  const std::uint64_t full = capacity * 64;
  struct Case {
    bool to_the_reader;
    std::uint64_t index;
    bool possible;
  };
  for (const Case& one : {Case{true, 128, true},
                          {true, full + 64, true},
                          {true, full + 65, false},
                          {true, 127, false},
                          {true, 0, false},
                          {true, ~0ull, false},
                          {true, 1ull << 63, false},
                          {false, 64, true},
                          {false, 128, true},
                          {false, 129, false},
                          {false, 63, false},
                          {false, ~0ull, false},
                          {false, 64 - full, false},
                          {false, 1ull << 63, false}}) {
    memory.clear();
    writer = Writer::open(memory.bytes(), capacity, {&writer_bell}).value();
    reader = Reader::open(memory.bytes(), capacity, {&reader_bell}).value();
    ASSERT_TRUE(writer.send(numbered(0)) && writer.send(numbered(1)) && reader.receive());
    EXPECT_EQ(writer.prepare(do_not_block).value().size(), 128u);
    EXPECT_TRUE(reader.peek(do_not_block));
    (one.to_the_reader ? shared.written : shared.read) = one.index;
    const auto look = [&] {
      return one.to_the_reader ? error_of(reader.peek(do_not_block)) : error_of(writer.prepare(do_not_block));
    };
    EXPECT_EQ(look(), one.possible ? kNone : kGone) << one.to_the_reader << " " << one.index;
    EXPECT_EQ(one.to_the_reader ? reader.corrupt() : writer.corrupt(), !one.possible) << one.index;
    if (one.possible) continue;
    shared.written = 128;
    shared.read = 64;
    EXPECT_EQ(look(), kGone) << "the truth comes too late";
  }
}

TEST_F(Stream, N5_a_corrupt_side_refuses_everything) {
  ASSERT_TRUE(writer.send(numbered(0)));
  shared.written = shared.read = ~0ull;
  std::array<std::byte, 9> part;
  std::array<StreamMessage, 9> messages;
  EXPECT_EQ(error_of(reader.peek()), kGone);
  EXPECT_EQ(error_of(reader.receive()), kGone);
  EXPECT_EQ(error_of(reader.receive(messages)), kGone);
  EXPECT_EQ(error_of(reader.read(part)), kGone);
  EXPECT_EQ(error_of(reader.consume(0)), kGone);
  EXPECT_EQ(error_of(writer.prepare()), kGone);
  EXPECT_EQ(error_of(writer.send(numbered(0))), kGone);
  EXPECT_EQ(error_of(writer.send(messages)), kGone);
  EXPECT_EQ(error_of(writer.write(part)), kGone);
  EXPECT_EQ(error_of(writer.commit(0)), kGone);
}

TEST_F(Stream, N5_nothing_of_its_own_is_read_back_from_shared_memory) {
  ASSERT_TRUE(writer.send(numbered(0)));
  shared.written = 7777;
  shared.writer_sleeps = 7777;
  ASSERT_TRUE(writer.send(numbered(1)));
  EXPECT_EQ(shared.written, 128u) << "written out of the private index";
  shared.read = 0;
  shared.writer_sleeps = 0;
  shared.reader_sleeps = 55;
  EXPECT_TRUE(reader.receive() && reader.receive());
  EXPECT_EQ(shared.read, 128u);
  reader_bell.on_wait = [&]() -> Result<void> {
    EXPECT_EQ(shared.reader_sleeps, 1u);
    return kTimedOut;
  };
  EXPECT_EQ(error_of(reader.receive()), kLate);
  EXPECT_EQ(shared.reader_sleeps, 2u);
}

TEST_F(Stream, N5_a_lie_about_sleeping_costs_a_bell_at_most) {
  for (std::uint64_t i = 0; i < 100; ++i) {
    shared.reader_sleeps = i * 2 + 1;
    ASSERT_TRUE(writer.send(numbered(i)));
    ASSERT_EQ(reader.receive().value(), numbered(i));
  }
  EXPECT_EQ(writer_bell.rings, 100);
}

}  // namespace
}  // namespace granary
