// SPDX-License-Identifier: Apache-2.0
//
// Schedules: which window is open when.
#include "test/fakes/host_prelude.hpp"

#include "kernel/schedule.hpp"

namespace kernel {
namespace {

using base::Error;
using base::Ticks;

constexpr std::uint64_t kFrequency = 62'500'000, kMillisecond = 62'500;

TEST(ScheduleTest, an_empty_one_has_one_window_without_an_end) {
  const Schedule schedule;
  EXPECT_TRUE(schedule.is_empty());
  EXPECT_EQ(schedule.at(Ticks(12345)).partition, 0);
  EXPECT_TRUE(schedule.at(Ticks(12345)).end.is_forever());
}

TEST(ScheduleTest, windows_follow_each_other_and_begin_anew) {
  Schedule schedule;
  ASSERT_TRUE(schedule.add(2'000, 1).ok());
  ASSERT_TRUE(schedule.add(3'000, 0).ok());
  ASSERT_TRUE(schedule.add(1'000, abi::kIdlePartition).ok());
  schedule.begin(Ticks(777), kFrequency);
  for (std::uint64_t frame = 0; frame < 1000; ++frame) {
    const std::uint64_t origin = 777 + frame * 6 * kMillisecond;
    for (const auto& [at, partition, end] : {std::tuple{0u, 1u, 2u}, {2u, 0u, 5u}, {5u, abi::kIdlePartition, 6u}}) {
      for (const std::uint64_t now : {origin + at * kMillisecond, origin + end * kMillisecond - 1}) {
        EXPECT_EQ(schedule.at(Ticks(now)).partition, partition);
        EXPECT_EQ(schedule.at(Ticks(now)).end, Ticks(origin + end * kMillisecond));
      }
    }
  }
}

TEST(ScheduleTest, an_odd_frequency_leaves_no_tick_without_a_window) {
  Schedule schedule;
  for (const std::uint32_t length : {1u, 7u, 3u}) ASSERT_TRUE(schedule.add(length, 2).ok());
  schedule.begin(Ticks(), 54'000'001);
  for (std::uint64_t now = 0; now < 5'000; ++now) {
    EXPECT_GT(schedule.at(Ticks(now)).end, Ticks(now));
    EXPECT_LE(schedule.at(Ticks(now)).end, Ticks(now + 7 * 54 + 1));
  }
}

TEST(ScheduleTest, refuses_what_is_none) {
  Schedule schedule;
  EXPECT_EQ(schedule.add(0, 0).error(), Error::EINVAL);
  EXPECT_EQ(schedule.add(1, abi::kIdlePartition + 1).error(), Error::EINVAL);
  ASSERT_TRUE(schedule.add(abi::kPeriodMaximum, 1).ok());
  EXPECT_EQ(schedule.add(1, 1).error(), Error::EINVAL);
  EXPECT_TRUE(schedule.has(1));
  EXPECT_FALSE(schedule.has(2));
}

}  // namespace
}  // namespace kernel
