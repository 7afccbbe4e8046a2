// SPDX-License-Identifier: Apache-2.0
//
// The ring on one core, row by row of the list of features (A1 to A10; A4 and A5 belong to the object around it). What
// many cores do to it is in async_ring_stress_test.cpp.
#include "ipc/async_ring.hpp"

#include "test/fakes/ring_world.hpp"

namespace ipc {
namespace {

using base::Error;
using fakes::RingWithChunks;

AsyncMessage numbered(std::uint64_t number) {
  AsyncMessage one = {.message = {.opcode = number, .flags = abi::kFlagEightWords, .word = {}},
                      .badge = number + 100,
                      .label = static_cast<std::uint32_t>(number + 200)};
  for (unsigned i = 0; i < abi::kMessageWords; ++i) one.message.word[i] = number * 10 + i;
  return one;
}

/// The number of the message that comes out; an error is shown as a number that no message has.
std::uint64_t next_of(AsyncRing& ring) {
  AsyncMessage one = {};
  const base::Result<void> status = ring.try_pop(one);
  return status.ok() ? one.message.opcode : base::to_status(status.error());
}
bool refused(base::Result<void> status, Error error) { return !status.ok() && status.error() == error; }

TEST(AsyncRing, A1_takes_capacities_1_to_256_and_says_how_many_chunks) {
  EXPECT_EQ(AsyncRing::chunks_needed(1).value(), 1u);
  EXPECT_EQ(AsyncRing::chunks_needed(16).value(), 1u);
  EXPECT_EQ(AsyncRing::chunks_needed(17).value(), 2u);
  EXPECT_EQ(AsyncRing::chunks_needed(kAsyncCapacityMaximum).value(), kAsyncChunksMaximum);
  for (const std::uint32_t wrong : {0u, kAsyncCapacityMaximum + 1, ~0u}) {
    ASSERT_FALSE(AsyncRing::chunks_needed(wrong).ok());
    EXPECT_EQ(AsyncRing::chunks_needed(wrong).error(), Error::EINVAL);
  }
}

TEST(AsyncRing, A1_is_open_and_empty_in_the_beginning_whatever_the_chunks_held) {
  RingWithChunks used(3);
  for (std::uint64_t i = 0; i < 7; ++i) {
    ASSERT_TRUE(used->try_push(numbered(i)).ok());
    ASSERT_EQ(next_of(*used), i);
  }
  ASSERT_TRUE(used->try_push(numbered(7)).ok());
  AsyncRing ring(used.chunks(), 5);
  EXPECT_FALSE(ring.is_closed());
  EXPECT_EQ(ring.depth(), 0u);
  EXPECT_EQ(next_of(ring), base::to_status(Error::EAGAIN));
  for (std::uint64_t i = 0; i < 5; ++i) EXPECT_TRUE(ring.try_push(numbered(i)).ok());
  EXPECT_TRUE(refused(ring.try_push(numbered(5)), Error::EAGAIN));
}

TEST(AsyncRingDeath, A1_a_wrong_number_of_chunks_or_capacity_traps) {
  RingWithChunks world(17);
  EXPECT_DEATH(AsyncRing(world.chunks(), 16), "");
  EXPECT_DEATH(AsyncRing(world.chunks(), 33), "");
  EXPECT_DEATH(AsyncRing(world.chunks(), 0), "");
}

TEST(AsyncRing, A2_refuses_when_full_and_counts_it_as_dropped) {
  RingWithChunks ring(2);
  EXPECT_TRUE(ring->try_push(numbered(1)).ok());
  EXPECT_TRUE(ring->try_push(numbered(2)).ok());
  EXPECT_TRUE(refused(ring->try_push(numbered(3)), Error::EAGAIN));
  EXPECT_TRUE(refused(ring->try_push(numbered(4)), Error::EAGAIN));
  EXPECT_EQ(ring->statistics().dropped, 2u);
  EXPECT_EQ(ring->statistics().sent, 2u);
  EXPECT_EQ(next_of(*ring), 1u);
  EXPECT_TRUE(ring->try_push(numbered(5)).ok());
  EXPECT_EQ(next_of(*ring), 2u);
  EXPECT_EQ(next_of(*ring), 5u) << "what was refused does not come later";
}

TEST(AsyncRing, A2_a_closed_ring_takes_nothing_and_drops_nothing) {
  RingWithChunks ring(2);
  ring->close();
  EXPECT_TRUE(refused(ring->try_push(numbered(1)), Error::EPIPE));
  EXPECT_EQ(ring->statistics().dropped, 0u);
  EXPECT_EQ(ring->statistics().sent, 0u);
}

TEST(AsyncRing, A3_an_empty_ring_says_so_and_leaves_the_destination_alone) {
  RingWithChunks ring(4);
  AsyncMessage into = numbered(77);
  EXPECT_TRUE(refused(ring->try_pop(into), Error::EAGAIN));
  ring->close();
  EXPECT_TRUE(refused(ring->try_pop(into), Error::EPIPE));
  EXPECT_EQ(into.message.opcode, 77u);
  EXPECT_EQ(into.badge, 177u);
  EXPECT_EQ(ring->statistics().received, 0u);
}

TEST(AsyncRing, A3_every_word_badge_and_label_arrive) {
  RingWithChunks ring(1);
  ASSERT_TRUE(ring->try_push(numbered(9)).ok());
  AsyncMessage into = {};
  ASSERT_TRUE(ring->try_pop(into).ok());
  EXPECT_EQ(into.message.opcode, 9u);
  EXPECT_EQ(into.message.flags, abi::kFlagEightWords);
  for (unsigned i = 0; i < abi::kMessageWords; ++i) EXPECT_EQ(into.message.word[i], 90 + i);
  EXPECT_EQ(into.badge, 109u);
  EXPECT_EQ(into.label, 209u);
}

TEST(AsyncRing, A6_defect_A5_what_was_queued_before_close_is_received_then_EPIPE_for_ever) {
  RingWithChunks ring(4);
  for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(ring->try_push(numbered(i)).ok());
  ring->close();
  ring->close();
  EXPECT_TRUE(ring->is_closed());
  EXPECT_TRUE(refused(ring->try_push(numbered(4)), Error::EPIPE));
  for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_EQ(next_of(*ring), i);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(next_of(*ring), base::to_status(Error::EPIPE));
    EXPECT_TRUE(refused(ring->try_push(numbered(5)), Error::EPIPE));
  }
}

TEST(AsyncRing, A6_a_ring_closed_when_full_gives_all_of_it) {
  for (const std::uint32_t capacity : {1u, 3u, 256u}) {
    RingWithChunks ring(capacity);
    for (std::uint64_t i = 0; i < capacity; ++i) ASSERT_TRUE(ring->try_push(numbered(i)).ok());
    ring->close();
    EXPECT_TRUE(refused(ring->try_push(numbered(999)), Error::EPIPE)) << "closed counts before full";
    for (std::uint64_t i = 0; i < capacity; ++i) EXPECT_EQ(next_of(*ring), i);
    EXPECT_EQ(next_of(*ring), base::to_status(Error::EPIPE));
  }
}

// A core that has claimed a place and not finished is played by setting the slot's turn back.

TEST(AsyncRing, A6_defect_A5_a_message_that_is_being_written_at_close_is_received) {
  RingWithChunks ring(2);
  ASSERT_TRUE(ring->try_push(numbered(1)).ok());
  std::atomic<std::uint64_t>& turn = ring.chunks()[0]->slot[0].turn;
  turn = 0;
  ring->close();
  EXPECT_EQ(next_of(*ring), base::to_status(Error::EAGAIN)) << "claimed before the close, so not the end";
  turn = 1;
  EXPECT_EQ(next_of(*ring), 1u);
  EXPECT_EQ(next_of(*ring), base::to_status(Error::EPIPE));
}

TEST(AsyncRing, A8_defect_A1_a_slot_is_not_written_before_its_reader_has_finished) {
  for (const std::uint32_t capacity : {1u, 2u}) {
    RingWithChunks ring(capacity);
    for (std::uint64_t i = 0; i < capacity; ++i) ASSERT_TRUE(ring->try_push(numbered(i)).ok());
    ASSERT_EQ(next_of(*ring), 0u);
    std::atomic<std::uint64_t>& turn = ring.chunks()[0]->slot[0].turn;
    turn = 1;
    EXPECT_TRUE(refused(ring->try_push(numbered(50)), Error::EAGAIN));
    turn = 2;
    EXPECT_TRUE(ring->try_push(numbered(51)).ok());
  }
}

TEST(AsyncRing, A8_defect_A1_messages_come_in_the_order_of_the_claims_not_of_the_publications) {
  RingWithChunks ring(4);
  for (std::uint64_t i = 1; i <= 2; ++i) ASSERT_TRUE(ring->try_push(numbered(i)).ok());
  std::atomic<std::uint64_t>& turn = ring.chunks()[0]->slot[0].turn;
  turn = 0;
  EXPECT_EQ(next_of(*ring), base::to_status(Error::EAGAIN)) << "the second does not overtake the first";
  turn = 1;
  EXPECT_EQ(next_of(*ring), 1u);
  EXPECT_EQ(next_of(*ring), 2u);
}

TEST(AsyncRing, A7_the_figures_are_exact) {
  RingWithChunks ring(5);
  for (std::uint64_t i = 0; i < 4; ++i) ASSERT_TRUE(ring->try_push(numbered(i)).ok());
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_EQ(next_of(*ring), i);
  for (std::uint64_t i = 4; i < 7; ++i) ASSERT_TRUE(ring->try_push(numbered(i)).ok());
  AsyncStatistics now = ring->statistics();
  EXPECT_EQ(now.sent, 7u);
  EXPECT_EQ(now.received, 3u);
  EXPECT_EQ(now.queued, 4u);
  EXPECT_EQ(now.deepest_queue, 4u);
  EXPECT_EQ(now.dropped, 0u);
  EXPECT_EQ(now.capacity, 5u);
  EXPECT_FALSE(now.is_closed);
  ring->close();
  now = ring->statistics();
  EXPECT_TRUE(now.is_closed);
  EXPECT_EQ(now.sent, 7u) << "the closed bit is no message";
  EXPECT_EQ(now.queued, 4u);
}

TEST(AsyncRing, A7_defect_A7_the_deepest_queue_is_counted_where_the_place_is_claimed) {
  RingWithChunks ring(8);
  for (std::uint64_t depth = 1; depth <= 8; ++depth) {
    ASSERT_TRUE(ring->try_push(numbered(depth)).ok());
    EXPECT_EQ(ring->statistics().deepest_queue, depth);
  }
  ASSERT_TRUE(refused(ring->try_push(numbered(9)), Error::EAGAIN));
  EXPECT_EQ(ring->statistics().deepest_queue, 8u);
  for (std::uint64_t i = 1; i <= 8; ++i) ASSERT_EQ(next_of(*ring), i);
  EXPECT_EQ(ring->statistics().deepest_queue, 8u);
}

TEST(AsyncRing, A8_is_fifo_and_holds_exactly_its_capacity) {
  for (std::uint32_t capacity = 1; capacity <= kAsyncCapacityMaximum; ++capacity) {
    RingWithChunks ring(capacity);
    std::uint64_t in = 0, out = 0;
    // Four times full and empty, from every place of the ring in turn.
    for (int round = 0; round < 4; ++round) {
      while (in - out < capacity) ASSERT_TRUE(ring->try_push(numbered(in++)).ok()) << capacity;
      ASSERT_TRUE(refused(ring->try_push(numbered(in)), Error::EAGAIN)) << capacity;
      ASSERT_EQ(ring->depth(), capacity);
      while (out < in) ASSERT_EQ(next_of(*ring), out++) << capacity;
      ASSERT_EQ(next_of(*ring), base::to_status(Error::EAGAIN)) << capacity;
      ASSERT_EQ(ring->depth(), 0u);
      ASSERT_TRUE(ring->try_push(numbered(in++)).ok());
      ASSERT_EQ(next_of(*ring), out++);
    }
  }
}

TEST(AsyncRing, A8_random_pushes_and_pops_agree_with_a_queue) {
  std::uint64_t random = 88172645463325252;
  for (const std::uint32_t capacity : {1u, 2u, 3u, 15u, 16u, 17u, 255u, 256u}) {
    RingWithChunks ring(capacity);
    std::uint64_t in = 0, out = 0, dropped = 0;
    for (int step = 0; step < 20'000; ++step) {
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      if (random % 1000 < ((random >> 20) % 2 == 0 ? 480u : 520u)) {
        const bool room = in - out < capacity;
        ASSERT_EQ(ring->try_push(numbered(in)).ok(), room);
        (room ? in : dropped) += 1;
      } else {
        ASSERT_EQ(next_of(*ring), out == in ? base::to_status(Error::EAGAIN) : out);
        out += out == in ? 0 : 1;
      }
      ASSERT_EQ(ring->depth(), in - out);
    }
    EXPECT_EQ(ring->statistics().sent, in);
    EXPECT_EQ(ring->statistics().received, out);
    EXPECT_EQ(ring->statistics().dropped, dropped);
  }
}

TEST(AsyncRing, A9_a_batch_goes_in_and_comes_out_in_order_and_says_how_far_it_got) {
  RingWithChunks ring(20);
  std::vector<AsyncMessage> batch;
  for (std::uint64_t i = 0; i < 16; ++i) batch.push_back(numbered(i));
  const AsyncBatch first = ring->push_many(batch);
  EXPECT_EQ(first.done, 16u);
  EXPECT_TRUE(first.status.ok());
  const AsyncBatch second = ring->push_many(batch);
  EXPECT_EQ(second.done, 4u);
  EXPECT_TRUE(refused(second.status, Error::EAGAIN));
  EXPECT_EQ(ring->statistics().dropped, 1u) << "what was not tried was not dropped";
  std::vector<AsyncMessage> got(32);
  const AsyncBatch third = ring->pop_many(got);
  EXPECT_EQ(third.done, 20u);
  EXPECT_TRUE(refused(third.status, Error::EAGAIN));
  for (std::uint64_t i = 0; i < 20; ++i) EXPECT_EQ(got[i].message.opcode, i % 16);
  ring->close();
  EXPECT_EQ(ring->push_many(batch).done, 0u);
  EXPECT_TRUE(refused(ring->push_many(batch).status, Error::EPIPE));
  EXPECT_TRUE(refused(ring->pop_many(got).status, Error::EPIPE));
  EXPECT_TRUE(ring->push_many({}).status.ok()) << "of nothing, nothing is refused";
}

TEST(AsyncRing, A10_push_1_2_pop_1_2_nothing) {
  RingWithChunks ring(kAsyncCapacityMaximum);
  EXPECT_TRUE(ring->try_push(numbered(1)).ok());
  EXPECT_TRUE(ring->try_push(numbered(2)).ok());
  EXPECT_EQ(next_of(*ring), 1u);
  EXPECT_EQ(next_of(*ring), 2u);
  EXPECT_EQ(next_of(*ring), base::to_status(Error::EAGAIN));
}

}  // namespace
}  // namespace ipc
