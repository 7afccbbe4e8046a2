// SPDX-License-Identifier: Apache-2.0
//
// The walk over EL2's own tables. A table's address is turned back into a pointer only through the pool that it came
// from.
#include "hal/aarch64/stage1_tables.hpp"

#include "hal/aarch64/kernel_layout.hpp"
#include "kernel/port/memory_window.hpp"

namespace hal {

using base::Error;
using base::Result;
using regs::Stage1Descriptor;

namespace {

constexpr std::uint64_t kAddressLimit = std::uint64_t{1} << kKernelAddressBits;
constexpr std::uint64_t kPhysicalLimit = std::uint64_t{1} << 48;

constexpr bool is_valid(std::uint64_t entry) { return Stage1Descriptor::from(entry).get(Stage1Descriptor::valid); }
constexpr bool is_table(std::uint64_t entry) {
  return Stage1Descriptor::from(entry).get(Stage1Descriptor::table_or_page);
}

constexpr std::uint32_t index_at(std::uint64_t address, unsigned level) {
  return static_cast<std::uint32_t>(address >> (39 - 9 * level)) %
         kEntriesPerTable;  // level 1: bit 30, 2: bit 21, 3: bit 12
}
static_assert(index_at(std::uint64_t{5} << 30, 1) == 5 && index_at(7 << 21, 2) == 7 && index_at(9 << 12, 3) == 9);

}  // namespace

Stage1Tables::Stage1Tables(Stage1Table* pool, base::PhysicalAddress pool_physical, std::uint32_t pages)
    : pool_(pool), pool_physical_(pool_physical), pages_(pages) {
  static_cast<void>(take_page().ok());  // the root; a pool has at least one page
}

Result<Stage1Table*> Stage1Tables::take_page() {
  if (used_ == pages_) return Error::ENOMEM;
  Stage1Table* table = &pool_[used_++];
  // SAFETY: the table's own bytes.
  port::zero_memory(reinterpret_cast<std::byte*>(table), sizeof *table);
  return table;
}

Stage1Table& Stage1Tables::at(std::uint64_t entry) const {
  const std::uint64_t table = Stage1Descriptor::from(entry).get(Stage1Descriptor::address);
  return pool_[(table - pool_physical_.value()) / base::kPageSize];
}

Result<Stage1Table*> Stage1Tables::next_level(std::uint64_t& entry) {
  if (is_valid(entry)) {
    if (!is_table(entry)) return Error::EEXIST;
    return &at(entry);
  }
  Stage1Table* table = TRY(take_page());
  const std::uint64_t index = static_cast<std::uint64_t>(table - pool_);
  entry = Stage1Descriptor::table(pool_physical_.value() + index * base::kPageSize).bits;
  return table;
}

Result<std::uint64_t*> Stage1Tables::table_for(base::VirtualAddress start) {
  if (start.value() >= kAddressLimit) return Error::EINVAL;
  Stage1Table* level2 = TRY(next_level(pool_[0].entry[index_at(start.value(), 1)]));
  Stage1Table* level3 = TRY(next_level(level2->entry[index_at(start.value(), 2)]));
  return level3->entry;
}

Result<void> Stage1Tables::map(base::VirtualAddress start, base::PhysicalAddress memory, std::uint64_t bytes,
                               regs::Stage1Permissions permissions) {
  if (!start.is_page_aligned() || !memory.is_page_aligned() || bytes % base::kPageSize != 0) return Error::EINVAL;
  if (start.value() > kAddressLimit || bytes > kAddressLimit - start.value()) return Error::EINVAL;
  if (memory.value() > kPhysicalLimit || bytes > kPhysicalLimit - memory.value()) return Error::EINVAL;
  if (permissions.writable && permissions.executable) return Error::EINVAL;
  std::uint64_t at_virtual = start.value();
  std::uint64_t at_physical = memory.value();
  const std::uint64_t end = at_virtual + bytes;
  while (at_virtual < end) {
    Stage1Table* level2 = TRY(next_level(pool_[0].entry[index_at(at_virtual, 1)]));
    std::uint64_t& entry = level2->entry[index_at(at_virtual, 2)];
    if ((at_virtual | at_physical) % kBlockSize == 0 && end - at_virtual >= kBlockSize) {
      const std::uint64_t wanted = Stage1Descriptor::block(at_physical, permissions).bits;
      if (is_valid(entry) && entry != wanted) return Error::EEXIST;
      entry = wanted;
      at_virtual += kBlockSize;
      at_physical += kBlockSize;
      continue;
    }
    Stage1Table* level3 = TRY(next_level(entry));
    // To the end of this level-3 table, or of the range.
    const std::uint32_t first = index_at(at_virtual, 3);
    const std::uint64_t left = (end - at_virtual) / base::kPageSize;
    const std::uint32_t count =
        left < kEntriesPerTable - first ? static_cast<std::uint32_t>(left) : kEntriesPerTable - first;
    std::uint64_t wanted = Stage1Descriptor::page(at_physical, permissions).bits;
    for (std::uint64_t* page = level3->entry + first; page != level3->entry + first + count; ++page) {
      if (*page != 0 && *page != wanted) return Error::EEXIST;
      *page = wanted;
      wanted += base::kPageSize;  // the address field, in place
    }
    at_virtual += count * base::kPageSize;
    at_physical += count * base::kPageSize;
  }
  return {};
}

std::uint64_t Stage1Tables::leaf(base::VirtualAddress address) const {
  if (address.value() >= kAddressLimit) return 0;
  const std::uint64_t level1 = pool_[0].entry[index_at(address.value(), 1)];
  if (!is_valid(level1)) return 0;
  const std::uint64_t level2 = at(level1).entry[index_at(address.value(), 2)];
  if (!is_valid(level2) || !is_table(level2)) return level2;
  const std::uint64_t level3 = at(level2).entry[index_at(address.value(), 3)];
  return is_valid(level3) ? level3 : 0;
}

}  // namespace hal
