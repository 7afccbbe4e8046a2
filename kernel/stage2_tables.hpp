// SPDX-License-Identifier: Apache-2.0
//
// Stage2Tables: the translation tables of one address space and the walk over their three levels (39-bit IPA, 4 KiB
// granule, root at level 1: 1 GiB, 2 MiB, 4 KiB per entry). Owns its table pages, which are kernel memory; does not own
// what is mapped. How an entry looks is known to port/stage2.hpp alone, in which order entries change is decided here.
//
// INVARIANT: a valid entry is never replaced by another valid entry; unmapping makes it invalid and flushes before
// anything else is
//            written there (break-before-make, design 2.2).
// INVARIANT: a block (level 2) is mapped and unmapped as a whole; it is never split (design 2.2).
// INVARIANT: a table page is given back only after retire(), so no core can still walk it.
#pragma once

#include <cstdint>

#include "kernel/base/address.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"
#include "kernel/kernel_memory.hpp"
#include "kernel/port/stage2.hpp"

namespace kernel {

/// Level of a leaf: how much one entry maps. Chosen when a mapping is made, never changed.
enum class Granule : std::uint8_t { Page, Block };
constexpr std::uint64_t granule_bytes(Granule granule) { return granule == Granule::Page ? 0x1000 : 0x20'0000; }

/// What a silo address means: the memory behind exactly this byte, and what EL0 may do there.
struct Translation {
  base::PhysicalAddress memory;
  port::Access access;
  Granule granule;
};

class Stage2Tables {
 public:
  /// Takes an empty root table. ENOMEM.
  base::Result<void> create(Unlocked, base::Vmid vmid);
  bool exists() const { return root_ != nullptr; }

  /// Maps one page or block. Both addresses are aligned to the granule and the silo address is below
  /// port::kSiloAddressLimit (the caller, AddressSpace, checks). EEXIST if anything is mapped there, ENOMEM if a table
  /// page is missing; nothing has changed then, but for empty tables.
  base::Result<void> map(Unlocked, base::SiloAddress address, base::PhysicalAddress memory, Granule granule,
                         port::Access access, port::MemoryKind kind);
  /// Unmaps the one page or block that is mapped at `address`: invalid entry, flush. ENOENT if there is none, EINVAL if
  /// it has another granule. When this returns, no core can use the mapping.
  base::Result<void> unmap(base::SiloAddress address, Granule granule);
  /// Unmaps `pages` pages from `first` on with one flush for all: every entry invalid, then the flush. ENOENT if one is
  /// not mapped, EINVAL if one is part of a block; those before it are unmapped then. When this returns, no core can
  /// use what was unmapped.
  base::Result<void> unmap_pages(base::SiloAddress first, base::PageCount pages);
  /// Makes the tables above one page, so that mapping it later takes no memory. EEXIST if a block is in the way,
  /// ENOMEM.
  base::Result<void> prepare(Unlocked, base::SiloAddress page);
  /// ENOENT if nothing is mapped, EINVAL if the address is beyond the limit.
  base::Result<Translation> translate(base::SiloAddress address) const;

  /// VTTBR_EL2 value of this space.
  std::uint64_t translation_base() const { return translation_base_; }

  /// Nothing of this space is in any TLB afterwards (design 2.3). No core runs it any more (the caller guarantees
  /// that).
  void retire();
  /// Gives back one table page; true when the last, the root, is gone. Only after retire(). Looks at two tables at
  /// most.
  bool release_one_table(Unlocked);

 private:
  struct Table {
    std::uint64_t entry[port::kStage2EntriesPerTable];
  };
  static_assert(sizeof(Table) == base::kPageSize);

  static base::Result<Table*> make_table(Unlocked);
  static Table& table_behind(std::uint64_t entry);
  static std::uint64_t& slot_in(Table& table, base::SiloAddress address, unsigned level);

  base::Result<std::uint64_t*> find_page_slot(base::SiloAddress address) const;
  base::Result<std::uint64_t*> find_or_make_slot(Unlocked, base::SiloAddress address, unsigned leaf_level);

  Table* root_ = nullptr;
  std::uint64_t translation_base_ = 0;
  bool is_retired_ = false;
};

}  // namespace kernel
