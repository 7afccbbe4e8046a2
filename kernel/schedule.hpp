// SPDX-License-Identifier: Apache-2.0
//
// Schedule: the windows of one core, one behind the other and then again from the first: which partition runs when.
// Knows no thread. Times are from the moment at which it began, so that nothing drifts.
#pragma once

#include <cstdint>

#include "ipc/abi/abi.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

class Schedule {
 public:
  bool is_empty() const { return count_ == 0; }
  /// Behind the others. EINVAL: no such partition, a length of 0, or more than abi::kPeriodMaximum in all; ENOSPC.
  base::Result<void> add(std::uint32_t microseconds, std::uint8_t partition);
  bool has(std::uint8_t partition) const;

  /// The first window begins now. `frequency` in Hz.
  void begin(base::Ticks now, std::uint64_t frequency);

  struct Place {
    std::uint8_t partition = 0;
    base::Ticks end = base::Ticks::forever();  ///< when the next one begins
  };
  /// Which window is open at `now`, which is not before it began. At most abi::kWindowsMaximum steps.
  Place at(base::Ticks now) const;

 private:
  struct Window {
    std::uint64_t end = 0;  ///< from the frame's beginning: microseconds, after begin() ticks
    std::uint8_t partition = 0;
  };
  unsigned count_ = 0;
  base::Ticks began_;
  Window window_[abi::kWindowsMaximum] = {};
};

}  // namespace kernel
