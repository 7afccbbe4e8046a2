// SPDX-License-Identifier: Apache-2.0
//
// Kernel memory: the pages of the arena that boot hands over, mapped at EL2 as long as the kernel runs. Tables of
// silos, capability tables and objects come from here; silo memory never does (frame_allocator.hpp). Owns the map of
// free pages. Three levels of bits, so that one page is found and given back in constant time; a run of pages is looked
// for page by page and belongs to boot and to the creation of silos.
//
// INVARIANT: a page is zero when it is handed out, and handed out once until it is given back.
// INVARIANT: the place of the arena does not change after boot, so naming a byte of it needs no lock.
// INVARIANT: bit i of a level is set if and only if word i of the level below is not zero; level 0 has a bit per free
// page.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/base/address.hpp"
#include "kernel/base/guarded.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

/// The caller is in the kernel, interrupts masked, and holds no lock.
using Unlocked = base::Held<base::LockRank::Nothing>;

/// The arena is used up to this size; 256 MiB hold the largest system many times over.
inline constexpr std::uint64_t kArenaPagesMaximum = 65536;

class PageMap {
 public:
  /// Makes exactly the pages [0, pages) free. `pages` up to kArenaPagesMaximum.
  void reset(std::uint64_t pages);
  /// The lowest free page; ENOMEM if there is none. A handful of instructions.
  base::Result<std::uint64_t> take();
  /// `count` free pages in a row, the lowest such run; ENOMEM if there is none. Up to kArenaPagesMaximum steps.
  base::Result<std::uint64_t> take_run(std::uint64_t count);
  /// EINVAL if the page is free already or is none of ours.
  base::Result<void> give_back(std::uint64_t page);
  std::uint64_t free_pages() const { return free_; }

 private:
  bool is_free(std::uint64_t page) const { return ((pages_[page / 64] >> (page % 64)) & 1) != 0; }
  void mark_free(std::uint64_t page);
  void mark_taken(std::uint64_t page);

  static constexpr std::uint64_t kWords = kArenaPagesMaximum / 64;
  static constexpr std::uint64_t kGroups = kWords / 64;
  static_assert(kGroups <= 64, "one word on top");
  std::uint64_t top_ = 0;
  std::uint64_t groups_[kGroups] = {};
  std::uint64_t pages_[kWords] = {};
  std::uint64_t limit_ = 0;
  std::uint64_t free_ = 0;
};

/// Hands over the arena: `bytes` at `arena`, physically contiguous from `physical`, both page-aligned. EINVAL if not or
/// if empty.
base::Result<void> initialize_kernel_memory(Unlocked, base::PhysicalAddress physical, std::byte* arena,
                                            std::uint64_t bytes);

/// One zeroed page; ENOMEM.
base::Result<std::byte*> allocate_kernel_page(Unlocked);
/// `count` zeroed pages in a row, at least 1; ENOMEM. Not bounded by a few thousand instructions: for boot and silo
/// creation.
base::Result<std::byte*> allocate_kernel_pages(Unlocked, base::PageCount count);
/// Gives back what was allocated; a page that is not allocated is a kernel bug and traps.
void free_kernel_page(Unlocked, std::byte* page);
void free_kernel_pages(Unlocked, std::byte* first, base::PageCount count);

base::PageCount kernel_pages_left(Unlocked);

/// The place of something of the arena in units of `unit` bytes from its beginning, and back. The arena is at most 256
/// MiB, so a place fits into 31 bits. What is outside or not aligned to the unit is a kernel bug and traps.
std::uint32_t kernel_memory_place(const void* kernel_memory, std::uint64_t unit);
std::byte* kernel_memory_of_place(std::uint32_t place, std::uint64_t unit);

/// Between the two names of a byte of the arena. The byte must be inside; anything else is a kernel bug and traps.
base::PhysicalAddress physical_address_of(const void* kernel_memory);
std::byte* kernel_memory_at(base::PhysicalAddress address);

}  // namespace kernel
