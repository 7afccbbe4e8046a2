// SPDX-License-Identifier: Apache-2.0
//
// RateLimit: how many messages and how many bytes of messages a silo may send in a second (N10). Two token buckets; a
// message needs room in both and takes from both, or from neither. Knows no clock: the caller passes the time.
//
// A bucket holds whole tokens and a remainder in units of 1/frequency of a token, so that what it holds is exactly
// min(capacity, tokens + rate * elapsed / frequency) at any time, however often it is looked at: it does not drift, and
// nothing overflows for any frequency up to 2^32 and any time (E17).
//
// INVARIANT: tokens_ <= capacity_, remainder_ < frequency, and remainder_ is 0 when the bucket is full.
// INVARIANT: capacity_ is at least one largest message, so a limited silo is slowed down, never stopped for good.
#pragma once

#include <cstdint>

#include "ipc/abi/abi.hpp"
#include "kernel/base/ids.hpp"

namespace kernel {

/// Per second; 0 is without limit. `burst`: how many seconds' worth may be saved up and sent at once; 0 means 1.
struct RateDescription {
  std::uint32_t messages = 0;
  std::uint32_t bytes = 0;
  std::uint32_t burst = 0;
};

class TokenBucket {
 public:
  static constexpr std::uint64_t kFrequencyMaximum = std::uint64_t{1} << 32;

  constexpr TokenBucket() = default;
  /// Full at `now`. `rate` 0: without limit. `least`: the capacity is no smaller. `frequency` is 1 to
  /// kFrequencyMaximum.
  TokenBucket(std::uint32_t rate, std::uint32_t burst, std::uint64_t least, std::uint64_t frequency, base::Ticks now)
      : rate_(rate), frequency_(frequency), last_(now) {
    capacity_ = std::uint64_t{rate} * (burst == 0 ? 1 : burst);
    if (capacity_ < least) capacity_ = least;
    tokens_ = capacity_;
  }

  bool is_limited() const { return rate_ != 0; }
  std::uint64_t tokens() const { return tokens_; }
  std::uint64_t capacity() const { return capacity_; }

  /// What time has given; a time before the last one gives nothing.
  void refill(base::Ticks now);
  /// After refill(): whether `amount` is there.
  bool has(std::uint64_t amount) const { return !is_limited() || tokens_ >= amount; }
  void take(std::uint64_t amount) {
    if (is_limited()) tokens_ -= amount;
  }

 private:
  std::uint32_t rate_ = 0;
  std::uint64_t frequency_ = 1;
  std::uint64_t capacity_ = 0;
  std::uint64_t tokens_ = 0;
  std::uint64_t remainder_ = 0;
  base::Ticks last_;
};

class RateLimit {
 public:
  constexpr RateLimit() = default;
  RateLimit(const RateDescription& description, std::uint64_t frequency, base::Ticks now)
      : messages_(description.messages, description.burst, 1, frequency, now),
        bytes_(description.bytes, description.burst, kLargestMessage, frequency, now),
        is_limited_(description.messages != 0 || description.bytes != 0) {}

  bool is_limited() const { return is_limited_; }
  /// Whether a message of `bytes` may be sent now; it is charged then.
  [[nodiscard]] bool admit(std::uint64_t bytes, base::Ticks now);

 private:
  static constexpr std::uint64_t kLargestMessage = abi::kMessageWords * sizeof(std::uint64_t);
  TokenBucket messages_;
  TokenBucket bytes_;
  bool is_limited_ = false;
};

}  // namespace kernel
