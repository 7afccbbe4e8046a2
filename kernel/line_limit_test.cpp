// SPDX-License-Identifier: Apache-2.0
//
// How often a line may fire: against a count of what happens in random times.
#include "test/fakes/host_prelude.hpp"

#include <random>
#include <vector>

#include "kernel/line_limit.hpp"

namespace kernel {
namespace {

constexpr std::uint64_t kFrequency = 1'000'000;

/// Fires as often as it may at `now`.
unsigned fire_all(LineLimit& limit, std::uint64_t now) {
  unsigned count = 0;
  for (;;) {
    if (limit.is_used_up()) limit.refill(base::Ticks(now));
    if (limit.is_used_up()) return count;
    limit.take();
    ++count;
  }
}

TEST(LineLimit, Q5_begins_with_its_burst) {
  LineLimit limit(1000, 7, kFrequency, base::Ticks(5));
  EXPECT_EQ(fire_all(limit, 5), 7u);
  EXPECT_EQ(limit.next(), base::Ticks(1005));
}

TEST(LineLimit, Q5_one_token_comes_each_time_the_rate_says) {
  LineLimit limit(1000, 7, kFrequency, base::Ticks(0));
  fire_all(limit, 0);
  EXPECT_EQ(fire_all(limit, 999), 0u);
  EXPECT_EQ(fire_all(limit, 1000), 1u);
  EXPECT_EQ(fire_all(limit, 2999), 1u);
  EXPECT_EQ(fire_all(limit, 3000), 1u) << "the rest of a token is not lost";
}

TEST(LineLimit, Q5_no_more_than_a_burst_is_kept) {
  LineLimit limit(1000, 7, kFrequency, base::Ticks(0));
  fire_all(limit, 0);
  EXPECT_EQ(fire_all(limit, 1'000'000), 7u);
}

TEST(LineLimit, Q5_a_time_before_the_last_gives_nothing) {
  LineLimit limit(1000, 3, kFrequency, base::Ticks(5000));
  EXPECT_EQ(fire_all(limit, 5000), 3u);
  EXPECT_EQ(fire_all(limit, 0), 0u);
  EXPECT_EQ(fire_all(limit, 6000), 1u);
}

TEST(LineLimit, Q5_the_largest_rate_and_burst) {
  LineLimit limit(1'000'000, 1'000'000, kFrequency, base::Ticks(0));
  EXPECT_EQ(fire_all(limit, 0), 1'000'000u);
  EXPECT_EQ(fire_all(limit, ~std::uint64_t{0} - 1), 1'000'000u);
}

TEST(LineLimit, Q5_in_any_time_no_more_than_the_rate_and_two_bursts) {
  std::mt19937_64 random(20261126);
  for (int round = 0; round < 200; ++round) {
    const auto rate = static_cast<std::uint32_t>(1 + random() % 100'000);
    const auto burst = static_cast<std::uint32_t>(1 + random() % 50);
    LineLimit limit(rate, burst, kFrequency, base::Ticks(0));
    std::vector<std::uint64_t> fired;
    std::uint64_t now = 0;
    while (fired.size() < 300) {
      now += random() % (2 * kFrequency / rate + 1);
      for (unsigned wanted = static_cast<unsigned>(random() % 4); wanted != 0; --wanted) {
        if (limit.is_used_up()) limit.refill(base::Ticks(now));
        if (limit.is_used_up()) break;
        limit.take();
        fired.push_back(now);
      }
    }
    const std::uint64_t per_token = kFrequency / rate;  // a rate that does not divide the frequency is rounded up
    for (std::size_t first = 0; first < fired.size(); ++first) {
      for (std::size_t last = first; last < fired.size(); ++last)
        ASSERT_LE(last - first + 1, (fired[last] - fired[first]) / per_token + 2 * burst + 1);
    }
  }
}

}  // namespace
}  // namespace kernel
