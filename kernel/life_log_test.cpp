// SPDX-License-Identifier: Apache-2.0
//
// Which ends are told: the first few of a second, and the number of the others.
#include "kernel/life_log.hpp"

#include <gtest/gtest.h>

namespace kernel {
namespace {

constexpr std::uint64_t kFrequency = 1000;

TEST(LifeLog, the_first_ends_of_a_second_are_told_and_the_others_counted) {
  LifeLog log;
  for (unsigned i = 1; i <= LifeLog::kToldPerSecond; ++i) {
    const LifeLog::Words words = log.note_end(base::Ticks(5000 + i), kFrequency);
    EXPECT_TRUE(words.in_full);
    EXPECT_EQ(words.last_in_full, i == LifeLog::kToldPerSecond);
    EXPECT_EQ(words.not_told, 0u);
    EXPECT_TRUE(log.tells());
  }
  for (unsigned i = 0; i < 7; ++i) {
    EXPECT_FALSE(log.note_end(base::Ticks(5900 + i), kFrequency).in_full);
    EXPECT_FALSE(log.tells());
  }
  const LifeLog::Words words = log.note_end(base::Ticks(5001 + kFrequency), kFrequency);
  EXPECT_TRUE(words.in_full);
  EXPECT_FALSE(words.last_in_full);
  EXPECT_EQ(words.not_told, 7u);
  EXPECT_EQ(log.note_end(base::Ticks(5002 + kFrequency), kFrequency).not_told, 0u) << "told once";
}

TEST(LifeLog, a_second_begins_with_the_first_end_in_it) {
  LifeLog log;
  EXPECT_TRUE(log.tells()) << "before any end: what is said then is told";
  for (unsigned i = 0; i < 3 * LifeLog::kToldPerSecond; ++i)
    EXPECT_TRUE(log.note_end(base::Ticks(1 + i * kFrequency), kFrequency).in_full) << "one each second is all told";
}

TEST(LifeLog, the_last_tick_of_a_second_belongs_to_it) {
  LifeLog log;
  for (unsigned i = 0; i < LifeLog::kToldPerSecond; ++i) static_cast<void>(log.note_end(base::Ticks(10), kFrequency));
  EXPECT_FALSE(log.note_end(base::Ticks(10 + kFrequency - 1), kFrequency).in_full);
  EXPECT_TRUE(log.note_end(base::Ticks(10 + kFrequency), kFrequency).in_full);
}

}  // namespace
}  // namespace kernel
