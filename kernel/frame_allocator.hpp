// SPDX-License-Identifier: Apache-2.0
//
// Frame allocator: RAM for silos, which is not mapped at EL2. Gives contiguous ranges, first fit, and takes back
// exactly what it gave. Owns a sorted list of free ranges of bounded length. Content is not its business: frames are
// zeroed through the window before a silo gets them (silo_memory.hpp).
//
// INVARIANT: free ranges are sorted, disjoint, and never touch each other (they are merged).
// INVARIANT: free ranges <= ranges added + allocations that live, because two free ranges that do not touch have an
// allocation or a
//            hole between them. Both are counted and together never exceed the list, so giving back never fails for
//            want of room.
#pragma once

#include <cstdint>

#include "kernel/base/address.hpp"
#include "kernel/base/guarded.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

struct FrameRange {
  base::PhysicalAddress start;
  base::PageCount size;
};

class FrameAllocator {
 public:
  static constexpr std::uint32_t kRangesMaximum = 1024;
  static constexpr std::uint64_t kBlockPages = 512;  ///< what a level 2 descriptor of stage 2 maps: 2 MiB

  /// No RAM, no allocations.
  void reset();
  /// RAM at boot. EINVAL if unaligned, empty, past 2^48, or overlapping what is there; ENOSPC if the list is full.
  base::Result<void> add(FrameRange range);

  /// `size` contiguous frames. If `size` is a block or more the range lies like `alike` within its 2 MiB block where
  /// that is possible, so that blocks can be mapped. EINVAL for no frames, ENOMEM if no range is large enough or too
  /// many allocations live. At most kRangesMaximum steps.
  base::Result<FrameRange> allocate(base::PageCount size, base::SiloAddress alike);

  /// Takes back a whole allocation. EINVAL if any of it is free already or nothing was allocated. At most
  /// kRangesMaximum steps.
  base::Result<void> give_back(FrameRange range);

  base::PageCount free_frames() const { return free_frames_; }
  std::uint32_t allocations() const { return allocations_; }
  std::uint32_t free_ranges() const { return count_; }

 private:
  base::Result<FrameRange> take(std::uint64_t bytes, std::uint64_t alignment, std::uint64_t offset);
  base::Result<void> insert(FrameRange range);
  void insert_at(std::uint32_t index, FrameRange range);
  void remove_at(std::uint32_t index);
  base::PhysicalAddress end_of(std::uint32_t index) const { return range_[index].start + range_[index].size.bytes(); }

  FrameRange range_[kRangesMaximum] = {};
  std::uint32_t count_ = 0;
  std::uint32_t added_ = 0;
  std::uint32_t allocations_ = 0;
  base::PageCount free_frames_;
};

/// The machine's RAM for silos. Filled once at boot.
base::Guarded<FrameAllocator, base::LockRank::Frames>& silo_frames();

}  // namespace kernel
