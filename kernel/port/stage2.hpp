// SPDX-License-Identifier: Apache-2.0
//
// Stage 2 as the kernel needs it: descriptor encodings, publication of an entry, and maintenance. The walk over the
// tables is the kernel's (kernel/stage2_tables); tables are 512 words of kernel memory, three levels (39-bit IPA, 4 KiB
// granule, root at level 1). Arm ARM D8.3 (descriptors), D8.13-14 (break-before-make).
#pragma once

#include <cstdint>

#include "kernel/base/address.hpp"
#include "kernel/base/ids.hpp"

namespace port {

inline constexpr unsigned kStage2Levels = 3;  ///< levels 1, 2, 3
inline constexpr unsigned kStage2EntriesPerTable = 512;
inline constexpr unsigned kSiloAddressBits = 39;
inline constexpr std::uint64_t kSiloAddressLimit = std::uint64_t{1} << kSiloAddressBits;

/// What EL0 may do. Write implies read; nothing is both writable and executable.
enum class Access : std::uint8_t { Read, ReadWrite, ReadExecute };
enum class MemoryKind : std::uint8_t { Normal, Device };

struct Stage2Entry {
  std::uint64_t bits;
  constexpr bool operator==(const Stage2Entry&) const = default;
};

Stage2Entry stage2_table_entry(base::PhysicalAddress table);
/// `level` 2 (2 MiB) or 3 (4 KiB); the address is aligned to it.
Stage2Entry stage2_leaf_entry(base::PhysicalAddress memory, unsigned level, Access access, MemoryKind kind);
bool stage2_entry_is_valid(Stage2Entry entry);
/// For a valid entry at `level`: whether it points to a table, and where it points.
bool stage2_entry_is_table(Stage2Entry entry, unsigned level);
base::PhysicalAddress stage2_entry_address(Stage2Entry entry);
Access stage2_entry_access(Stage2Entry leaf);

/// Stores an entry so that table walkers see it whole (single copy), DSB ISHST behind it.
void stage2_publish(std::uint64_t& slot, Stage2Entry entry);

/// VTTBR_EL2 value of an address space: its root table and VMID.
std::uint64_t stage2_translation_base(base::PhysicalAddress root, base::Vmid vmid);
/// VTTBR_EL2 value while no silo runs: the empty table, VMID 0.
std::uint64_t stage2_empty_translation_base();
/// How many VMIDs the cores have, 256 or 65536; 0 is taken.
std::uint32_t stage2_vmid_count();

/// After a valid entry of the space was made invalid: TLBI IPAS2E1IS; DSB ISH; TLBI VMALLE1IS; DSB ISH, with VTTBR_EL2
/// on that space for the time (design 2.2), then back on the empty table.
void stage2_invalidate_page(std::uint64_t translation_base, base::SiloAddress page);
/// The same for `pages` pages (level 3) from `first` on, of which any were made invalid: TLBI IPAS2E1IS for each; DSB
/// ISH; one TLBI VMALLE1IS; DSB ISH.
void stage2_invalidate_pages(std::uint64_t translation_base, base::SiloAddress first, base::PageCount pages);
/// End of a space (design 2.3): VTTBR on it, ISB, TLBI VMALLS12E1IS, DSB ISH, VTTBR on the empty table. After this, and
/// only after this, its table pages and VMID are free.
void stage2_retire_space(std::uint64_t translation_base);
/// This core stops using any space: VTTBR_EL2 on the empty table.
void stage2_leave_space();

}  // namespace port
