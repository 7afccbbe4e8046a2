// SPDX-License-Identifier: Apache-2.0
//
// Frame allocator: see frame_allocator.hpp. Addresses are below 2^48 (add() sees to that), so no sum here overflows.
#include "kernel/frame_allocator.hpp"

#include "kernel/trace.hpp"

namespace kernel {

namespace {
constexpr std::uint64_t kPhysicalLimit = std::uint64_t{1} << 48;
constinit base::Guarded<FrameAllocator, base::LockRank::Frames> machine_frames;
}  // namespace

base::Guarded<FrameAllocator, base::LockRank::Frames>& silo_frames() { return machine_frames; }

void FrameAllocator::reset() {
  count_ = 0;
  added_ = 0;
  allocations_ = 0;
  free_frames_ = base::PageCount();
}

void FrameAllocator::insert_at(std::uint32_t index, FrameRange range) {
  for (std::uint32_t i = count_; i > index; --i) range_[i] = range_[i - 1];
  range_[index] = range;
  ++count_;
}

void FrameAllocator::remove_at(std::uint32_t index) {
  --count_;
  for (std::uint32_t i = index; i < count_; ++i) range_[i] = range_[i + 1];
}

base::Result<void> FrameAllocator::insert(FrameRange range) {
  const base::PhysicalAddress end = range.start + range.size.bytes();
  std::uint32_t next = 0;
  while (next < count_ && range_[next].start < range.start) ++next;
  if (next < count_ && range_[next].start < end) return base::Error::EINVAL;
  if (next > 0 && end_of(next - 1) > range.start) return base::Error::EINVAL;

  const bool joins_next = next < count_ && range_[next].start == end;
  const bool joins_previous = next > 0 && end_of(next - 1) == range.start;
  if (!joins_next && !joins_previous && count_ == kRangesMaximum) return base::Error::ENOSPC;
  free_frames_ = base::PageCount(free_frames_.value() + range.size.value());
  if (joins_previous) {
    FrameRange& previous = range_[next - 1];
    previous.size = base::PageCount(previous.size.value() + range.size.value());
    if (!joins_next) return {};
    previous.size = base::PageCount(previous.size.value() + range_[next].size.value());
    remove_at(next);
    return {};
  }
  if (joins_next) {
    range_[next] = {range.start, base::PageCount(range_[next].size.value() + range.size.value())};
    return {};
  }
  insert_at(next, range);
  return {};
}

base::Result<void> FrameAllocator::add(FrameRange range) {
  if (!range.start.is_page_aligned() || range.size.value() == 0) return base::Error::EINVAL;
  if (range.start.value() >= kPhysicalLimit) return base::Error::EINVAL;
  if (range.size.value() > (kPhysicalLimit - range.start.value()) / base::kPageSize) return base::Error::EINVAL;
  if (added_ + allocations_ == kRangesMaximum) return base::Error::ENOSPC;
  TRY(insert(range));
  ++added_;
  return {};
}

base::Result<FrameRange> FrameAllocator::take(std::uint64_t bytes, std::uint64_t alignment, std::uint64_t offset) {
  for (std::uint32_t i = 0; i < count_; ++i) {
    const FrameRange candidate = range_[i];
    const std::uint64_t skipped = (offset - candidate.start.value()) & (alignment - 1);
    if (skipped > candidate.size.bytes() || bytes > candidate.size.bytes() - skipped) continue;
    const FrameRange taken{candidate.start + skipped, base::PageCount(bytes / base::kPageSize)};
    const std::uint64_t left_behind = candidate.size.bytes() - skipped - bytes;
    const FrameRange behind{taken.start + bytes, base::PageCount(left_behind / base::kPageSize)};
    if (skipped == 0 && left_behind == 0) {
      remove_at(i);
    } else if (skipped == 0) {
      range_[i] = behind;
    } else {
      range_[i].size = base::PageCount(skipped / base::kPageSize);
      if (left_behind != 0) insert_at(i + 1, behind);
    }
    free_frames_ = base::PageCount(free_frames_.value() - taken.size.value());
    return taken;
  }
  return base::Error::ENOMEM;
}

base::Result<FrameRange> FrameAllocator::allocate(base::PageCount size, base::SiloAddress alike) {
  if (size.value() == 0) return base::Error::EINVAL;
  if (size > free_frames_ || added_ + allocations_ == kRangesMaximum) return base::Error::ENOMEM;
  constexpr std::uint64_t kBlockBytes = kBlockPages * base::kPageSize;
  if (size.value() >= kBlockPages) {
    const auto like_block = take(size.bytes(), kBlockBytes, alike.page().value() % kBlockBytes);
    if (like_block.ok()) {
      ++allocations_;
      if (trace_is_on()) trace(abi::TraceEvent::FrameAlloc, nullptr, like_block.value().start.value(), size.value());
      return like_block;
    }
  }
  const FrameRange anywhere = TRY(take(size.bytes(), base::kPageSize, 0));
  ++allocations_;
  if (trace_is_on()) trace(abi::TraceEvent::FrameAlloc, nullptr, anywhere.start.value(), size.value());
  return anywhere;
}

base::Result<void> FrameAllocator::give_back(FrameRange range) {
  if (allocations_ == 0 || range.size.value() == 0 || !range.start.is_page_aligned()) return base::Error::EINVAL;
  TRY(insert(range));
  --allocations_;
  if (trace_is_on()) trace(abi::TraceEvent::FrameFree, nullptr, range.start.value(), range.size.value());
  return {};
}

}  // namespace kernel
