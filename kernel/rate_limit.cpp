// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic of the token buckets: see rate_limit.hpp.
#include "kernel/rate_limit.hpp"

namespace kernel {

void TokenBucket::refill(base::Ticks now) {
  if (!is_limited() || now <= last_) return;
  const std::uint64_t elapsed = now.value() - last_.value();
  last_ = now;
  if (tokens_ == capacity_) return;
  const std::uint64_t seconds = elapsed / frequency_;
  // From here on seconds <= capacity / rate + 1, so seconds * rate <= capacity + rate, which is far below 2^64.
  if (seconds > capacity_ / rate_) {
    tokens_ = capacity_;
    remainder_ = 0;
    return;
  }
  // elapsed % frequency < 2^32 and rate < 2^32, and so is the remainder: the sum is at most (2^32 - 1) * 2^32 < 2^64.
  const std::uint64_t parts = elapsed % frequency_ * rate_ + remainder_;
  tokens_ += seconds * rate_ + parts / frequency_;
  remainder_ = parts % frequency_;
  if (tokens_ >= capacity_) {
    tokens_ = capacity_;
    remainder_ = 0;
  }
}

bool RateLimit::admit(std::uint64_t bytes, base::Ticks now) {
  messages_.refill(now);
  bytes_.refill(now);
  if (!messages_.has(1) || !bytes_.has(bytes)) return false;
  messages_.take(1);
  bytes_.take(bytes);
  return true;
}

}  // namespace kernel
