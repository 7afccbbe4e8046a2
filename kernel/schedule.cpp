// SPDX-License-Identifier: Apache-2.0
#include "kernel/schedule.hpp"

namespace kernel {

base::Result<void> Schedule::add(std::uint32_t microseconds, std::uint8_t partition) {
  if (partition > abi::kIdlePartition || microseconds == 0) return base::Error::EINVAL;
  if (count_ == abi::kWindowsMaximum) return base::Error::ENOSPC;
  const std::uint64_t end = (count_ == 0 ? 0 : window_[count_ - 1].end) + microseconds;
  if (end > abi::kPeriodMaximum) return base::Error::EINVAL;
  window_[count_++] = {end, partition};
  return {};
}

bool Schedule::has(std::uint8_t partition) const {
  for (unsigned place = 0; place < count_; ++place) {
    if (window_[place].partition == partition) return true;
  }
  return false;
}

void Schedule::begin(base::Ticks now, std::uint64_t frequency) {
  began_ = now;
  for (unsigned place = 0; place < count_; ++place) window_[place].end = window_[place].end * frequency / 1'000'000;
}

Schedule::Place Schedule::at(base::Ticks now) const {
  if (is_empty()) return {};
  const std::uint64_t frame = window_[count_ - 1].end;
  const std::uint64_t gone = (now.value() - began_.value()) % frame;
  unsigned place = 0;
  while (window_[place].end <= gone) ++place;  // the last one ends behind whatever is left of a division by it
  return {window_[place].partition, base::Ticks(now.value() - gone + window_[place].end)};
}

}  // namespace kernel
