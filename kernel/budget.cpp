// SPDX-License-Identifier: Apache-2.0
//
// Using and getting back. There are so few refills that they are an array in their order.
#include "kernel/budget.hpp"

namespace kernel {

void Budget::charge(base::Ticks from, base::Ticks to) {
  if (to <= from) return;
  const std::uint64_t used = to.value() - from.value();
  const std::uint64_t when = (from + period_).value();
  left_ -= static_cast<std::int64_t>(used);
  if (count_ != 0 && when <= refill_[count_ - 1].end()) {
    refill_[count_ - 1].amount += used;
    return;
  }
  if (count_ == kRefills) make_room();
  refill_[count_++] = {when, used};
}

void Budget::replenish(base::Ticks now) {
  while (count_ != 0 && refill_[0].when <= now.value()) {
    left_ += static_cast<std::int64_t>(refill_[0].amount);
    remove(0);
  }
}

base::Ticks Budget::next_use() const {
  // What is owed can take more than one refill.
  std::int64_t left = left_;
  for (unsigned place = 0; place < count_; ++place) {
    left += static_cast<std::int64_t>(refill_[place].amount);
    if (left > 0) return base::Ticks(refill_[place].when);
  }
  return base::Ticks::forever();
}

/// Joins the two that lie closest: little is late, and not by much.
void Budget::make_room() {
  unsigned closest = 0;
  for (unsigned place = 1; place + 1 < count_; ++place) {
    const auto gap = [this](unsigned earlier) { return refill_[earlier + 1].when - refill_[earlier].end(); };
    if (gap(place) < gap(closest)) closest = place;
  }
  Refill& later = refill_[closest + 1];
  later.when -= refill_[closest].amount;  // where the earlier one ends when it is moved up to this one
  later.amount += refill_[closest].amount;
  remove(closest);
}

void Budget::remove(unsigned place) {
  --count_;
  for (; place < count_; ++place) refill_[place] = refill_[place + 1];
}

}  // namespace kernel
