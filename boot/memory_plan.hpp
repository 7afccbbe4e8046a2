// SPDX-License-Identifier: Apache-2.0
//
// Which RAM is free: what the device tree calls memory minus everything that something still lives in. The arena of the
// kernel is cut out of it, the rest is for silos. Pure arithmetic over ranges; no memory is touched. INVARIANTS: free
// ranges are page-aligned, sorted, disjoint, and contain no byte of any range that was taken away.
#pragma once

#include <cstdint>

#include "boot/handoff.hpp"
#include "kernel/base/result.hpp"

namespace boot {

class MemoryPlan {
 public:
  static constexpr std::uint32_t kRangesMaximum = 96;

  /// RAM; shrunk to whole pages. Overlaps with RAM that is there already are counted once. What does not fit the list
  /// is unused.
  void add(Range range);
  /// Grown to whole pages.
  void take_away(Range range);
  /// Cuts out `bytes` (whole pages, not 0) from the end of the highest range that holds it, aligned to `alignment` (a
  /// power of two, at least a page). ENOMEM.
  base::Result<Range> cut_out(std::uint64_t bytes, std::uint64_t alignment);

  const List<Range, kRangesMaximum>& free() const { return free_; }
  std::uint64_t free_bytes() const;

 private:
  void insert(Range range);
  void remove(std::uint32_t index);

  List<Range, kRangesMaximum> free_;
};

/// RAM of the hand-off minus reservations, device tree, system image, `image` (this kernel), and physical page 0.
MemoryPlan plan_memory(const HandOff& handoff, Range image);

}  // namespace boot
