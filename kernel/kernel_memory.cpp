// SPDX-License-Identifier: Apache-2.0
//
// Kernel memory: see kernel_memory.hpp. The map has a lock; the place of the arena is written once, at boot.
#include "kernel/kernel_memory.hpp"

#include <algorithm>
#include <bit>

#include "kernel/port/memory_window.hpp"

namespace kernel {

void PageMap::mark_free(std::uint64_t page) {
  pages_[page / 64] |= std::uint64_t{1} << (page % 64);
  groups_[page / 4096] |= std::uint64_t{1} << (page / 64 % 64);
  top_ |= std::uint64_t{1} << (page / 4096);
  ++free_;
}

void PageMap::mark_taken(std::uint64_t page) {
  std::uint64_t& word = pages_[page / 64];
  word &= ~(std::uint64_t{1} << (page % 64));
  --free_;
  if (word != 0) return;
  std::uint64_t& group = groups_[page / 4096];
  group &= ~(std::uint64_t{1} << (page / 64 % 64));
  if (group != 0) return;
  top_ &= ~(std::uint64_t{1} << (page / 4096));
}

void PageMap::reset(std::uint64_t pages) {
  std::fill_n(pages_, kWords, 0);
  std::fill_n(groups_, kGroups, 0);
  top_ = 0;
  free_ = 0;
  limit_ = pages;
  for (std::uint64_t page = 0; page < pages; ++page) mark_free(page);
}

base::Result<std::uint64_t> PageMap::take() {
  if (top_ == 0) return base::Error::ENOMEM;
  const auto group = static_cast<std::uint64_t>(std::countr_zero(top_));
  const auto word = group * 64 + static_cast<std::uint64_t>(std::countr_zero(groups_[group]));
  const auto page = word * 64 + static_cast<std::uint64_t>(std::countr_zero(pages_[word]));
  mark_taken(page);
  return page;
}

base::Result<std::uint64_t> PageMap::take_run(std::uint64_t count) {
  std::uint64_t length = 0;
  for (std::uint64_t page = 0; page < limit_; ++page) {
    length = is_free(page) ? length + 1 : 0;
    if (length < count) continue;
    const std::uint64_t first = page + 1 - count;
    for (std::uint64_t taken = first; taken <= page; ++taken) mark_taken(taken);
    return first;
  }
  return base::Error::ENOMEM;
}

base::Result<void> PageMap::give_back(std::uint64_t page) {
  if (page >= limit_ || is_free(page)) return base::Error::EINVAL;
  mark_free(page);
  return {};
}

namespace {

struct Arena {
  base::PhysicalAddress physical;
  std::byte* start = nullptr;
  std::uint64_t bytes = 0;
};
constinit Arena arena;
constinit base::Guarded<PageMap, base::LockRank::KernelMemory> page_map;

std::byte* page_at(std::uint64_t page) { return arena.start + page * base::kPageSize; }

/// Offset of `address` in the arena. Outside of it nothing is known about the address, so going on would be worse than
/// stopping.
std::uint64_t offset_of(const void* kernel_memory) {
  const auto offset = static_cast<std::uint64_t>(static_cast<const std::byte*>(kernel_memory) - arena.start);
  if (offset >= arena.bytes) __builtin_trap();
  return offset;
}

}  // namespace

base::Result<void> initialize_kernel_memory(Unlocked unlocked, base::PhysicalAddress physical, std::byte* start,
                                            std::uint64_t bytes) {
  const bool is_whole = physical.is_page_aligned() && bytes % base::kPageSize == 0;
  if (!is_whole || start == nullptr || bytes == 0) return base::Error::EINVAL;
  const std::uint64_t pages = std::min(bytes / base::kPageSize, kArenaPagesMaximum);
  arena.physical = physical;
  arena.start = start;
  arena.bytes = pages * base::kPageSize;
  page_map.with(unlocked, [&](PageMap& map, auto) { map.reset(pages); });
  return {};
}

base::Result<std::byte*> allocate_kernel_page(Unlocked unlocked) {
  std::byte* const page = page_at(TRY(page_map.with(unlocked, [](PageMap& map, auto) { return map.take(); })));
  port::zero_memory(page, base::kPageSize);
  return page;
}

base::Result<std::byte*> allocate_kernel_pages(Unlocked unlocked, base::PageCount count) {
  if (count.value() == 0 || count.value() > kArenaPagesMaximum) return base::Error::EINVAL;
  const auto take = [&](PageMap& map, auto) { return map.take_run(count.value()); };
  std::byte* const first = page_at(TRY(page_map.with(unlocked, take)));
  port::zero_memory(first, count.bytes());
  return first;
}

void free_kernel_page(Unlocked unlocked, std::byte* page) {
  const std::uint64_t offset = offset_of(page);
  const auto give_back = [&](PageMap& map, auto) { return map.give_back(offset / base::kPageSize).ok(); };
  if (offset % base::kPageSize != 0 || !page_map.with(unlocked, give_back)) __builtin_trap();
}

void free_kernel_pages(Unlocked unlocked, std::byte* first, base::PageCount count) {
  for (std::uint64_t page = 0; page < count.value(); ++page) free_kernel_page(unlocked, first + page * base::kPageSize);
}

base::PageCount kernel_pages_left(Unlocked unlocked) {
  return base::PageCount(page_map.with(unlocked, [](PageMap& map, auto) { return map.free_pages(); }));
}

base::PhysicalAddress physical_address_of(const void* kernel_memory) {
  return arena.physical + offset_of(kernel_memory);
}

std::uint32_t kernel_memory_place(const void* kernel_memory, std::uint64_t unit) {
  const std::uint64_t offset = offset_of(kernel_memory);
  if (offset % unit != 0) __builtin_trap();
  return static_cast<std::uint32_t>(offset / unit);
}

std::byte* kernel_memory_of_place(std::uint32_t place, std::uint64_t unit) {
  const std::uint64_t offset = place * unit;
  if (offset >= arena.bytes) __builtin_trap();
  return arena.start + offset;
}

std::byte* kernel_memory_at(base::PhysicalAddress address) {
  const std::uint64_t offset = address - arena.physical;
  if (offset >= arena.bytes) __builtin_trap();
  return arena.start + offset;
}

}  // namespace kernel
