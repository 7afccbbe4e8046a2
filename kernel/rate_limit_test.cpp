// SPDX-License-Identifier: Apache-2.0
//
// The token bucket against an exact reference in 128 and more bits, over random rates, frequencies and times.
#include "test/fakes/host_prelude.hpp"

#include <random>

#include "kernel/rate_limit.hpp"

namespace kernel {
namespace {

__extension__ using Big = unsigned __int128;

/// The same bucket in units of 1/frequency of a token, which 128 bits hold for times below 2^48.
class Reference {
 public:
  Reference(std::uint64_t rate, std::uint64_t capacity, std::uint64_t frequency)
      : rate_(rate), full_(Big{capacity} * frequency), units_(full_), frequency_(frequency) {}
  void pass(std::uint64_t ticks) {
    units_ += Big{ticks} * rate_;
    if (units_ > full_) units_ = full_;
  }
  std::uint64_t tokens() const { return static_cast<std::uint64_t>(units_ / frequency_); }
  bool take(std::uint64_t amount) {
    if (units_ < Big{amount} * frequency_) return false;
    units_ -= Big{amount} * frequency_;
    return true;
  }

 private:
  std::uint64_t rate_;
  Big full_, units_;
  std::uint64_t frequency_;
};

base::Ticks at(std::uint64_t ticks) { return base::Ticks(ticks); }

TEST(RateLimitTest, E17_random_times_and_frequencies_agree_with_the_exact_reference) {
  std::mt19937_64 random(17);
  const auto below_bits = [&](unsigned bits) { return random() >> (64 - 1 - random() % bits); };
  for (int system = 0; system < 2000; ++system) {
    const std::uint64_t frequency = system == 0 ? TokenBucket::kFrequencyMaximum : 1 + below_bits(32) % 0xffff'ffff;
    const auto rate = static_cast<std::uint32_t>(system == 0 ? 0xffff'ffff : 1 + below_bits(32) % 0xffff'ffff);
    const auto burst = static_cast<std::uint32_t>(random() % (abi::kRateBurstMaximum + 1));
    const std::uint64_t least = random() % 2 == 0 ? 1 : 64;
    std::uint64_t now = random() >> 8;
    TokenBucket bucket(rate, burst, least, frequency, at(now));
    Reference reference(rate, bucket.capacity(), frequency);
    ASSERT_EQ(bucket.tokens(), bucket.capacity());
    for (int step = 0; step < 100; ++step) {
      const std::uint64_t elapsed = below_bits(48);
      now += elapsed;
      bucket.refill(at(now));
      reference.pass(elapsed);
      ASSERT_EQ(bucket.tokens(), reference.tokens()) << rate << " at " << frequency << " after " << elapsed;
      const std::uint64_t amount = random() % 2 == 0 ? 1 + random() % 64 : random() % (bucket.capacity() + 1);
      ASSERT_EQ(bucket.has(amount), reference.take(amount));
      if (bucket.has(amount)) bucket.take(amount);
    }
  }
}

TEST(RateLimitTest, E17_the_longest_time_fills_and_does_not_overflow) {
  for (const std::uint64_t frequency : {std::uint64_t{1}, std::uint64_t{54'000'000}, TokenBucket::kFrequencyMaximum}) {
    for (const std::uint32_t rate : {1u, 1000u, 0xffff'ffffu}) {
      TokenBucket bucket(rate, abi::kRateBurstMaximum, 1, frequency, at(0));
      bucket.take(bucket.capacity());
      bucket.refill(at(~std::uint64_t{0}));
      EXPECT_EQ(bucket.tokens(), bucket.capacity()) << rate << " at " << frequency;
    }
  }
}

TEST(RateLimitTest, E17_looking_often_gives_no_more_and_no_less_than_looking_once) {
  constexpr std::uint64_t kFrequency = 62'500'000;
  TokenBucket often(7, 100, 1, kFrequency, at(0));
  TokenBucket once(7, 100, 1, kFrequency, at(0));
  often.take(often.capacity());
  once.take(once.capacity());
  std::uint64_t now = 0;
  for (int i = 0; i < 100'000; ++i) often.refill(at(now += 997));
  once.refill(at(now));
  EXPECT_EQ(often.tokens(), once.tokens());
  EXPECT_EQ(once.tokens(), 99'700'000 * 7 / kFrequency);
}

TEST(RateLimitTest, E17_what_is_used_up_comes_back_with_time_and_never_blocks_for_good) {
  RateLimit limit({.messages = 10, .bytes = 1, .burst = 1}, 1000, at(0));
  EXPECT_TRUE(limit.admit(64, at(0))) << "even one byte a second lets a whole message through";
  EXPECT_FALSE(limit.admit(64, at(63'999)));
  EXPECT_TRUE(limit.admit(64, at(64'000)));
}

TEST(RateLimitTest, N10_a_message_needs_both_buckets_and_takes_from_both_or_from_neither) {
  RateLimit limit({.messages = 2, .bytes = 64, .burst = 1}, 1000, at(0));
  EXPECT_TRUE(limit.admit(64, at(0)));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(limit.admit(64, at(0))) << "no bytes are left";
  EXPECT_TRUE(limit.admit(32, at(500))) << "the refused ones took no message";
}

TEST(RateLimitTest, N10_a_burst_is_so_many_seconds_worth) {
  RateLimit limit({.messages = 5, .bytes = 0, .burst = 3}, 1000, at(0));
  for (int i = 0; i < 15; ++i) EXPECT_TRUE(limit.admit(64, at(0))) << i;
  EXPECT_FALSE(limit.admit(64, at(0)));
  EXPECT_FALSE(limit.admit(64, at(199)));
  EXPECT_TRUE(limit.admit(64, at(200)));
}

TEST(RateLimitTest, N10_without_a_limit_everything_is_admitted) {
  RateLimit none;
  EXPECT_FALSE(none.is_limited());
  RateLimit bytes_only({.messages = 0, .bytes = 128, .burst = 1}, 1000, at(0));
  EXPECT_TRUE(bytes_only.is_limited());
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(bytes_only.admit(32, at(0)));
  EXPECT_FALSE(bytes_only.admit(32, at(0)));
}

TEST(RateLimitTest, E17_a_clock_that_goes_back_gives_nothing) {
  TokenBucket bucket(1000, 1, 1, 1000, at(5000));
  bucket.take(1000);
  bucket.refill(at(100));
  EXPECT_EQ(bucket.tokens(), 0u);
  bucket.refill(at(5001));
  EXPECT_EQ(bucket.tokens(), 1u);
}

}  // namespace
}  // namespace kernel
