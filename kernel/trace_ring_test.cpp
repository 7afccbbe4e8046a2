// SPDX-License-Identifier: Apache-2.0
//
// The trace's ring by itself: overwriting, and reading while it is written.
#include "test/fakes/host_prelude.hpp"

#include <random>

#include "kernel/trace_ring.hpp"

namespace kernel {
namespace {

struct TraceRingTest : testing::Test {
  TraceRingTest() { ring.begin(memory); }
  void write(std::uint64_t time) {
    abi::TraceRecord record = {};
    record.time = time;
    ring.write(record);
  }
  std::vector<abi::TraceRecord> memory = std::vector<abi::TraceRecord>(16);
  TraceRing ring;
};

TEST_F(TraceRingTest, N12_each_record_comes_once_the_oldest_first) {
  for (std::uint64_t i = 0; i < 16; ++i) write(i);
  for (std::uint64_t i = 0; i < 16; ++i) EXPECT_EQ(ring.take()->time, i);
  EXPECT_FALSE(ring.take());
}

TEST_F(TraceRingTest, N12_a_full_ring_overwrites_the_oldest_and_counts_it) {
  for (std::uint64_t i = 0; i < 100; ++i) write(i);
  EXPECT_EQ(ring.statistics().recorded, 100u);
  EXPECT_EQ(ring.statistics().overwritten, 84u);
  EXPECT_EQ(ring.statistics().unread, 16u);
  EXPECT_EQ(ring.take()->time, 84u);
}

TEST_F(TraceRingTest, N12_reading_while_writing_loses_and_repeats_nothing_that_is_not_counted) {
  std::mt19937 random(12);
  std::uint64_t written = 0, taken = 0, next = 0;
  for (int step = 0; step < 100'000; ++step) {
    if (random() % 2 == 0) {
      for (unsigned i = random() % 24; i > 0; --i) write(written++);
    } else {
      for (unsigned i = random() % 24; i > 0; --i) {
        const auto record = ring.take();
        if (!record) break;
        ASSERT_GE(record->time, next);
        next = record->time + 1;
        ++taken;
      }
    }
    const TraceRing::Statistics now = ring.statistics();
    ASSERT_EQ(now.recorded, written);
    ASSERT_EQ(taken + now.overwritten + now.unread, written);
    ASSERT_LE(now.unread, 16u);
    ASSERT_EQ(next, taken == 0 ? 0 : next);
  }
}

TEST_F(TraceRingTest, a_record_can_be_looked_at_until_it_is_overwritten) {
  EXPECT_EQ(ring.at(0), nullptr) << "not written yet";
  for (std::uint64_t i = 0; i < 20; ++i) write(i);
  while (ring.take()) {
  }
  EXPECT_EQ(ring.at(3), nullptr) << "overwritten";
  ASSERT_NE(ring.at(4), nullptr);
  EXPECT_EQ(ring.at(4)->time, 4u) << "although it was taken";
  EXPECT_EQ(ring.at(19)->time, 19u);
  EXPECT_EQ(ring.at(20), nullptr);
  EXPECT_EQ(TraceRing().at(0), nullptr) << "without memory";
}

}  // namespace
}  // namespace kernel
