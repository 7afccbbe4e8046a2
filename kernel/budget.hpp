// SPDX-License-Identifier: Apache-2.0
//
// Budget: how much of its core a scheduling context may use: `amount` ticks in any `period` (decision 0027). A sporadic
// server: what was used from one moment on comes back a period after that moment, and not before. Knows no clock and no
// thread: the caller passes the times.
//
// What is used is a chunk, from a time to a time; what comes back is a refill, of the same length, a period after the
// chunk began. A chunk that follows another without a gap is one with it. More than kRefills of them are not kept: then
// the two closest to each other become one, the earlier one coming so late that it meets the later one. So a refill is
// never early, and in no time of one period more than `amount` is used, and besides only what the last chunk went
// beyond what was left (the kernel's answer to the timer takes its time). That is owed, and comes off the next refill.
//
// INVARIANT: left_ and the refills together are the amount; left_ is negative while something is owed.
// INVARIANT: refills are in the order of their times, and none begins before the one before it could be used up.
#pragma once

#include <cstdint>

#include "kernel/base/ids.hpp"

namespace kernel {

class Budget {
 public:
  static constexpr unsigned kRefills = 8;

  /// 0 < amount <= period; both are times that a counter needs less than a century for.
  Budget(base::Ticks amount, base::Ticks period)
      : amount_(amount), period_(period), left_(static_cast<std::int64_t>(amount.value())) {}

  base::Ticks amount() const { return amount_; }
  base::Ticks period() const { return period_; }

  /// It was used from `from` to `to`, and not before since the last charge ended. What is left may get below nothing.
  void charge(base::Ticks from, base::Ticks to);
  /// What has come back by now.
  void replenish(base::Ticks now);
  bool is_exhausted() const { return left_ <= 0; }
  /// What may still be used, as of the last charge and replenish.
  base::Ticks left() const { return base::Ticks(is_exhausted() ? 0 : static_cast<std::uint64_t>(left_)); }
  /// When replenish() will find something to use, if nothing is charged until then. Only while it is exhausted.
  base::Ticks next_use() const;

 private:
  struct Refill {
    std::uint64_t when = 0;
    std::uint64_t amount = 0;
    std::uint64_t end() const { return when + amount; }
  };
  void make_room();
  void remove(unsigned place);

  const base::Ticks amount_;
  const base::Ticks period_;
  std::int64_t left_;
  unsigned count_ = 0;
  Refill refill_[kRefills] = {};
};

}  // namespace kernel
