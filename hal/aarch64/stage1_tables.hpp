// SPDX-License-Identifier: Apache-2.0
//
// The tables of EL2's own map as plain memory: three levels from a pool of pages that the caller owns. No registers, no
// maintenance: entries only go from invalid to valid, which needs none but a DSB (the caller's). Runs on the host in
// tests. INVARIANTS: an entry once valid is never changed; a table page is used once; nothing is both writable and
// executable.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/regs/stage1_descriptor.hpp"
#include "kernel/base/address.hpp"
#include "kernel/base/result.hpp"

namespace hal {

inline constexpr std::uint64_t kBlockSize = std::uint64_t{2} << 20;
inline constexpr std::uint32_t kEntriesPerTable = 512;

struct alignas(base::kPageSize) Stage1Table {
  std::uint64_t entry[kEntriesPerTable];
};

class Stage1Tables {
 public:
  constexpr Stage1Tables() = default;
  /// `pool` (any content) lies at `pool_physical`. The first page becomes the root. `pages` at least 1.
  Stage1Tables(Stage1Table* pool, base::PhysicalAddress pool_physical, std::uint32_t pages);

  /// Maps whole pages: `start`, `memory` and `bytes` page-aligned, below 2^39. Blocks of 2 MiB where both addresses
  /// allow it. EINVAL for bad arguments or writable and executable; EEXIST if something is mapped there already to
  /// another place or in another way (the same again is fine); ENOMEM if the pool is empty. After an error part of the
  /// range may be mapped.
  base::Result<void> map(base::VirtualAddress start, base::PhysicalAddress memory, std::uint64_t bytes,
                         regs::Stage1Permissions permissions);
  /// The level-3 table for the 2 MiB at `start`, made if absent. EEXIST if a block is there.
  base::Result<std::uint64_t*> table_for(base::VirtualAddress start);

  /// The leaf entry that translates `address`, 0 if none.
  std::uint64_t leaf(base::VirtualAddress address) const;
  base::PhysicalAddress root() const { return pool_physical_; }
  std::uint32_t pages_used() const { return used_; }

 private:
  Stage1Table& at(std::uint64_t entry) const;
  base::Result<Stage1Table*> next_level(std::uint64_t& entry);
  base::Result<Stage1Table*> take_page();

  Stage1Table* pool_ = nullptr;
  base::PhysicalAddress pool_physical_;
  std::uint32_t pages_ = 0;
  std::uint32_t used_ = 0;
};

}  // namespace hal
