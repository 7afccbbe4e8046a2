// SPDX-License-Identifier: Apache-2.0
//
// kernel/port/memory_window.hpp: the window onto silo memory, and the bulk operations on memory. Each core has its own
// 2 MiB of addresses and its own level-3 table (stage1::prepare_window), so nothing is shared and nothing is locked.
// INVARIANT: outside open_window .. close_window every entry of the core's window is invalid, and no TLB holds one.
#include "kernel/port/memory_window.hpp"

#include "hal/aarch64/barrier.hpp"
#include "hal/aarch64/cache.hpp"
#include "hal/aarch64/crc32_instructions.hpp"
#include "hal/aarch64/kernel_layout.hpp"
#include "hal/aarch64/stage1.hpp"
#include "hal/aarch64/sysreg.hpp"
#include "hal/aarch64/tlb.hpp"
#include "hal/crc32_table.hpp"
#include "hal/regs/stage1_descriptor.hpp"
#include "kernel/port/cpu.hpp"

namespace port {

using base::Error;
using base::Result;

namespace {

// C1: the same attributes as the silo's stage-2 mapping, Normal write-back inner-shareable. Never executable at EL2.
constexpr hal::regs::Stage1Permissions kWindow = {true, false, hal::regs::AttributeIndex::Normal};

static_assert(kWindowPages * base::kPageSize == hal::kWindowBytes);

/// Pages of each core's window that are open; 0: closed.
constinit std::uint64_t open_pages[hal::kMaximumCores] = {};

base::VirtualAddress window_of(std::uint32_t core) {
  return base::VirtualAddress(hal::kWindowBase + core * hal::kWindowBytes);
}

std::byte* pointer_to(base::VirtualAddress address) {
  // SAFETY: the address lies in this core's window, which is mapped when the pointer is handed out.
  return reinterpret_cast<std::byte*>(address.value());
}

bool is_aligned(const std::byte* pointer, std::uint64_t alignment) {
  // SAFETY: only the number is looked at.
  return reinterpret_cast<std::uint64_t>(pointer) % alignment == 0;
}

// A run of bytes as words; the caller has checked the alignment.
using Word [[gnu::may_alias]] = std::uint64_t;
Word* words_at(std::byte* start) { return static_cast<Word*>(static_cast<void*>(start)); }
const Word* words_at(const std::byte* start) { return static_cast<const Word*>(static_cast<const void*>(start)); }

void zero_words(std::byte* start, std::uint64_t bytes) {
  Word* word = words_at(start);
  for (std::uint64_t index = 0; index < bytes / 8; index += 2) {
    word[index] = 0;
    word[index + 1] = 0;
  }
}

std::uint32_t crc32_by_instructions(std::uint32_t crc, const std::byte* start, std::uint64_t bytes) {
  std::uint32_t remainder = ~crc;
  const std::byte* const end = start + bytes;
  while (start != end && !is_aligned(start, 8)) {
    remainder = hal::crc32_instructions::add_byte(remainder, static_cast<std::uint8_t>(*start++));
  }
  for (; end - start >= 32; start += 32) {
    const Word* word = words_at(start);
    remainder = hal::crc32_instructions::add_eight_bytes(remainder, word[0]);
    remainder = hal::crc32_instructions::add_eight_bytes(remainder, word[1]);
    remainder = hal::crc32_instructions::add_eight_bytes(remainder, word[2]);
    remainder = hal::crc32_instructions::add_eight_bytes(remainder, word[3]);
  }
  while (start != end) remainder = hal::crc32_instructions::add_byte(remainder, static_cast<std::uint8_t>(*start++));
  return ~remainder;
}

}  // namespace

Result<std::byte*> open_window(base::PhysicalAddress start, base::PageCount pages) {
  const std::uint32_t core = current_core().value();
  std::uint64_t* entries = hal::stage1::window_entries(core);
  if (entries == nullptr || open_pages[core] != 0) return Error::EINVAL;
  if (!start.is_page_aligned() || pages.value() == 0 || pages.value() > kWindowPages) return Error::EINVAL;
  for (std::uint64_t page = 0; page < pages.value(); ++page) {
    const std::uint64_t memory = start.value() + page * base::kPageSize;
    entries[page] = hal::regs::Stage1Descriptor::page(memory, kWindow).bits;
  }
  open_pages[core] = pages.value();
  hal::barrier::dsb_ishst();  // the entries are visible to this core's table walker before the caller's first access
                              // ...
  hal::barrier::isb();        // ... and that access is not made ahead of them
  return pointer_to(window_of(core));
}

void close_window() {
  const std::uint32_t core = current_core().value();
  std::uint64_t* entries = hal::stage1::window_entries(core);
  if (entries == nullptr) return;
  // C6: invalid entries, then no TLB may keep the old ones, before the pages can be anything else.
  for (std::uint64_t page = 0; page < open_pages[core]; ++page) entries[page] = 0;
  hal::barrier::dsb_ishst();  // walkers see the invalid entries before the TLBs forget
  for (std::uint64_t page = 0; page < open_pages[core]; ++page) {
    hal::tlb::invalidate_kernel_page_everywhere(window_of(core) + page * base::kPageSize);
  }
  hal::barrier::dsb_ish();  // the invalidations are complete on every core
  hal::barrier::isb();      // nothing after this uses a translation fetched before
  open_pages[core] = 0;
}

void zero_memory(std::byte* start, std::uint64_t bytes) {
  const std::uint64_t block = hal::cache::zero_block_bytes();
  std::byte* const end = start + bytes;
  if (block >= 16 && bytes >= 2 * block) {
    // SAFETY: only the number is looked at.
    const std::uint64_t head = (block - reinterpret_cast<std::uint64_t>(start) % block) % block;
    zero_words(start, head);
    start += head;
    // Eight blocks a turn: this is most of what loading a system costs.
    for (; static_cast<std::uint64_t>(end - start) >= 8 * block; start += 8 * block) {
      hal::cache::zero_block(start);
      hal::cache::zero_block(start + block);
      hal::cache::zero_block(start + 2 * block);
      hal::cache::zero_block(start + 3 * block);
      hal::cache::zero_block(start + 4 * block);
      hal::cache::zero_block(start + 5 * block);
      hal::cache::zero_block(start + 6 * block);
      hal::cache::zero_block(start + 7 * block);
    }
    for (; static_cast<std::uint64_t>(end - start) >= block; start += block) hal::cache::zero_block(start);
  }
  zero_words(start, static_cast<std::uint64_t>(end - start));
}

void copy_memory(std::byte* to, const std::byte* from, std::uint64_t bytes) {
  if (is_aligned(to, 8) && is_aligned(from, 8)) {
    for (; bytes >= 32; bytes -= 32, to += 32, from += 32) {
      const Word* source = words_at(from);
      Word* target = words_at(to);
      const std::uint64_t first = source[0], second = source[1], third = source[2], fourth = source[3];
      target[0] = first;
      target[1] = second;
      target[2] = third;
      target[3] = fourth;
    }
  }
  for (; bytes != 0; --bytes) *to++ = *from++;
}

void make_executable(const std::byte* start, std::uint64_t bytes) {
  // C2: what was written through the EL2 mapping reaches the point of unification, then no core's instruction side may
  // keep what it fetched from there before.
  hal::cache::clean_to_unification(start, bytes);
  hal::barrier::dsb_ish();  // the cleaning is complete before the instruction caches forget
  hal::cache::invalidate_instructions_everywhere();
  hal::barrier::dsb_ish();  // and they have forgotten before anyone is told that the code is there
}

std::uint32_t crc32(std::uint32_t crc, const std::byte* start, std::uint64_t bytes) {
  const auto features = hal::sysreg::IdAa64Isar0El1::read();
  if (features.get(hal::regs::IdAa64Isar0El1::crc32) != 0) return crc32_by_instructions(crc, start, bytes);
  return hal::crc32_by_table(crc, start, bytes);
}

}  // namespace port
