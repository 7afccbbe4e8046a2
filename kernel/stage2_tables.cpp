// SPDX-License-Identifier: Apache-2.0
//
// Stage2Tables: see stage2_tables.hpp. Every walk has at most three steps.
#include "kernel/stage2_tables.hpp"

#include <new>

namespace kernel {

namespace {

constexpr unsigned kRootLevel = 1;
constexpr unsigned kBlockLevel = 2;
constexpr unsigned kPageLevel = 3;
static_assert(kRootLevel + port::kStage2Levels - 1 == kPageLevel);
constexpr port::Stage2Entry kInvalid{0};

constexpr unsigned level_of(Granule granule) { return granule == Granule::Page ? kPageLevel : kBlockLevel; }

constexpr unsigned shift_of(unsigned level) { return base::kPageShift + 9 * (kPageLevel - level); }
static_assert(shift_of(kBlockLevel) == 21 && shift_of(kRootLevel) == 30);

bool is_valid(std::uint64_t entry) { return port::stage2_entry_is_valid({entry}); }
bool is_table(std::uint64_t entry, unsigned level) { return port::stage2_entry_is_table({entry}, level); }

}  // namespace

base::Result<Stage2Tables::Table*> Stage2Tables::make_table(Unlocked unlocked) {
  std::byte* const page = TRY(allocate_kernel_page(unlocked));
  return ::new (page) Table{};
}

Stage2Tables::Table& Stage2Tables::table_behind(std::uint64_t entry) {
  std::byte* const page = kernel_memory_at(port::stage2_entry_address({entry}));
  // SAFETY: table entries are written by find_or_make_slot alone and name pages in which make_table has constructed a
  // Table; they live until release_one_table clears the entry.
  return *std::launder(static_cast<Table*>(static_cast<void*>(page)));
}

std::uint64_t& Stage2Tables::slot_in(Table& table, base::SiloAddress address, unsigned level) {
  // In range for every address: the index is 9 bits wide.
  return table.entry[(address.value() >> shift_of(level)) % port::kStage2EntriesPerTable];
}

base::Result<void> Stage2Tables::create(Unlocked unlocked, base::Vmid vmid) {
  if (exists()) return base::Error::EINVAL;
  root_ = TRY(make_table(unlocked));
  translation_base_ = port::stage2_translation_base(physical_address_of(root_), vmid);
  is_retired_ = false;
  return {};
}

base::Result<std::uint64_t*> Stage2Tables::find_or_make_slot(Unlocked unlocked, base::SiloAddress address,
                                                             unsigned leaf_level) {
  Table* table = root_;
  for (unsigned level = kRootLevel; level < leaf_level; ++level) {
    std::uint64_t& slot = slot_in(*table, address, level);
    if (!is_valid(slot)) {
      Table* const below = TRY(make_table(unlocked));
      port::stage2_publish(slot, port::stage2_table_entry(physical_address_of(below)));
    } else if (!is_table(slot, level)) {
      return base::Error::EEXIST;
    }
    table = &table_behind(slot);
  }
  return &slot_in(*table, address, leaf_level);
}

base::Result<void> Stage2Tables::map(Unlocked unlocked, base::SiloAddress address, base::PhysicalAddress memory,
                                     Granule granule, port::Access access, port::MemoryKind kind) {
  const unsigned level = level_of(granule);
  std::uint64_t* const slot = TRY(find_or_make_slot(unlocked, address, level));
  // A table here means that pages are or were mapped below it. It stays: replacing it by a block would need a flush.
  if (is_valid(*slot)) return base::Error::EEXIST;
  // ORDERING: the entry was invalid, so no TLB holds it; stage2_publish makes it visible to table walks before the silo
  // runs on.
  port::stage2_publish(*slot, port::stage2_leaf_entry(memory, level, access, kind));
  return {};
}

base::Result<void> Stage2Tables::unmap(base::SiloAddress address, Granule granule) {
  Table* table = root_;
  for (unsigned level = kRootLevel; level <= kPageLevel; ++level) {
    std::uint64_t& slot = slot_in(*table, address, level);
    if (!is_valid(slot)) return base::Error::ENOENT;
    if (is_table(slot, level)) {
      table = &table_behind(slot);
      continue;
    }
    if (level != level_of(granule)) return base::Error::EINVAL;
    // ORDERING: invalid first and visible, then the flush; only then may the memory or the entry be used again
    // (design 2.2).
    port::stage2_publish(slot, kInvalid);
    port::stage2_invalidate_page(translation_base_, address);
    return {};
  }
  return base::Error::ENOENT;
}

base::Result<std::uint64_t*> Stage2Tables::find_page_slot(base::SiloAddress address) const {
  Table* table = root_;
  for (unsigned level = kRootLevel; level < kPageLevel; ++level) {
    const std::uint64_t entry = slot_in(*table, address, level);
    if (!is_valid(entry)) return base::Error::ENOENT;
    if (!is_table(entry, level)) return base::Error::EINVAL;
    table = &table_behind(entry);
  }
  std::uint64_t& slot = slot_in(*table, address, kPageLevel);
  if (!is_valid(slot)) return base::Error::ENOENT;
  return &slot;
}

base::Result<void> Stage2Tables::unmap_pages(base::SiloAddress first, base::PageCount pages) {
  base::Result<void> status;
  std::uint64_t done = 0;
  for (; done < pages.value(); ++done) {
    const auto slot = find_page_slot(first + done * base::kPageSize);
    if (!slot.ok()) {
      status = slot.error();
      break;
    }
    port::stage2_publish(*slot.value(), kInvalid);
  }
  // ORDERING: all invalid and visible, then one flush of all; only then may memory or entries be used again (design
  // 2.2).
  if (done != 0) port::stage2_invalidate_pages(translation_base_, first, base::PageCount(done));
  return status;
}

base::Result<void> Stage2Tables::prepare(Unlocked unlocked, base::SiloAddress page) {
  TRY(find_or_make_slot(unlocked, page, kPageLevel));
  return {};
}

base::Result<Translation> Stage2Tables::translate(base::SiloAddress address) const {
  if (address.value() >= port::kSiloAddressLimit) return base::Error::EINVAL;
  if (root_ == nullptr) return base::Error::ENOENT;
  Table* table = root_;
  for (unsigned level = kRootLevel; level <= kPageLevel; ++level) {
    const std::uint64_t entry = slot_in(*table, address, level);
    if (!is_valid(entry)) return base::Error::ENOENT;
    if (is_table(entry, level)) {
      table = &table_behind(entry);
      continue;
    }
    const std::uint64_t offset = address.value() & ((std::uint64_t{1} << shift_of(level)) - 1);
    const base::PhysicalAddress start = port::stage2_entry_address({entry});
    return Translation{start + offset, port::stage2_entry_access({entry}),
                       level == kPageLevel ? Granule::Page : Granule::Block};
  }
  return base::Error::ENOENT;
}

void Stage2Tables::retire() {
  if (!exists() || is_retired_) return;
  // ORDERING: TLBs, walk caches included, forget the whole space before any of its tables can become something else
  // (design 2.3).
  port::stage2_retire_space(translation_base_);
  is_retired_ = true;
}

bool Stage2Tables::release_one_table(Unlocked unlocked) {
  if (!exists()) return true;
  if (!is_retired_) return false;
  for (std::uint64_t& root_slot : root_->entry) {
    if (!is_table(root_slot, kRootLevel) || !is_valid(root_slot)) continue;
    Table& middle = table_behind(root_slot);
    for (std::uint64_t& slot : middle.entry) {
      if (!is_valid(slot) || !is_table(slot, kBlockLevel)) continue;
      // Plain stores: the space is retired, nobody walks here.
      free_kernel_page(unlocked, kernel_memory_at(port::stage2_entry_address({slot})));
      slot = 0;
      return false;
    }
    free_kernel_page(unlocked, kernel_memory_at(port::stage2_entry_address({root_slot})));
    root_slot = 0;
    return false;
  }
  free_kernel_page(unlocked, kernel_memory_at(physical_address_of(root_)));
  root_ = nullptr;
  return true;
}

}  // namespace kernel
