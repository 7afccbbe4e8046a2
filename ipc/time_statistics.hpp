// SPDX-License-Identifier: Apache-2.0
//
// TimeStatistics: how long something took, many times: count, shortest, longest, sum, and a histogram by powers of two.
// Knows no clock; lengths are ticks.
#pragma once

#include <bit>
#include <cstdint>

#include "ipc/abi/abi.hpp"
#include "kernel/base/ids.hpp"

namespace ipc {

class TimeStatistics {
 public:
  static constexpr unsigned kBuckets = abi::kCallTimeBuckets;

  /// Something that began and ended at these times. A clock that is not known (0) makes no statistics; an end before
  /// its beginning counts as no time at all.
  void add(base::Ticks begin, base::Ticks end) {
    if (begin == base::Ticks() || end == base::Ticks()) return;
    const std::uint64_t length = end < begin ? 0 : end.value() - begin.value();
    if (count_ == 0 || length < shortest_) shortest_ = length;
    if (length > longest_) longest_ = length;
    ++count_;
    sum_ += length;
    ++buckets_[bucket_of(length)];
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t shortest() const { return shortest_; }  ///< 0 if there is none
  std::uint64_t longest() const { return longest_; }
  std::uint64_t sum() const { return sum_; }
  /// 0 beyond the last one.
  std::uint64_t bucket(std::uint64_t number) const { return number < kBuckets ? buckets_[number] : 0; }

  /// Bucket n: 2^n to 2^(n+1) - 1; bucket 0 also 0, the last one everything longer.
  static constexpr unsigned bucket_of(std::uint64_t length) {
    const unsigned width = static_cast<unsigned>(std::bit_width(length));
    const unsigned bucket = width == 0 ? 0 : width - 1;
    return bucket < kBuckets ? bucket : kBuckets - 1;
  }

 private:
  std::uint64_t count_ = 0, shortest_ = 0, longest_ = 0, sum_ = 0;
  std::uint64_t buckets_[kBuckets] = {};
};
static_assert(TimeStatistics::bucket_of(0) == 0 && TimeStatistics::bucket_of(1) == 0);
static_assert(TimeStatistics::bucket_of(2) == 1 && TimeStatistics::bucket_of(~std::uint64_t{0}) == 39);

}  // namespace ipc
