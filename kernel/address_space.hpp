// SPDX-License-Identifier: Apache-2.0
//
// AddressSpace: what one silo can reach. Owns a VMID and the stage-2 tables, from create() to the last step of
// destroy(); does not own the memory behind the mappings.
//
// INVARIANT: page 0 is never mapped, nothing is mapped at or beyond port::kSiloAddressLimit, mappings do not overlap.
// INVARIANT: nothing is both writable and executable: port::Access cannot say it, and a value outside of it is refused.
// INVARIANT: the VMID goes back to the allocator last, after no TLB and no core holds anything of the space
// (design 2.3).
#pragma once

#include <cstdint>

#include "kernel/base/address.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"
#include "kernel/port/stage2.hpp"
#include "kernel/stage2_tables.hpp"

namespace kernel {

/// A stretch of silo addresses. Made by AddressRange::make alone, so it is whole pages, not empty, without page 0 and
/// below the limit.
class AddressRange {
 public:
  /// EINVAL if unaligned, empty, containing page 0, or reaching beyond port::kSiloAddressLimit. No sum overflows.
  static base::Result<AddressRange> make(base::SiloAddress start, base::PageCount size);

  constexpr AddressRange() = default;  ///< empty, overlaps nothing
  constexpr base::SiloAddress start() const { return start_; }
  constexpr base::PageCount size() const { return size_; }
  constexpr base::SiloAddress end() const { return start_ + size_.bytes(); }
  constexpr bool contains(base::SiloAddress address) const { return address >= start_ && address < end(); }
  constexpr bool overlaps(const AddressRange& other) const { return start_ < other.end() && other.start_ < end(); }

 private:
  constexpr AddressRange(base::SiloAddress start, base::PageCount size) : start_(start), size_(size) {}
  base::SiloAddress start_;
  base::PageCount size_;
};

class AddressSpace {
 public:
  /// EAGAIN if every VMID has an owner, ENOMEM.
  base::Result<void> create(Unlocked);
  bool is_live() const { return state_ == State::Live; }

  /// Maps the range to contiguous memory. Blocks of 2 MiB are used where `whole` says that the range is only ever
  /// changed as a whole and both addresses allow it; pages elsewhere. EINVAL (access out of its enum, memory
  /// unaligned), EEXIST (overlap), ENOMEM; nothing is mapped then. One step per page: for boot, or ranges of few pages.
  base::Result<void> map(Unlocked, AddressRange range, base::PhysicalAddress memory, port::Access access,
                         port::MemoryKind kind, bool whole);
  /// Unmaps what one map() call mapped, in the order of design 2.2. ENOENT if something in it is not mapped, EINVAL if
  /// it would split a block; what lies before that place is unmapped then.
  base::Result<void> unmap(AddressRange range);
  /// Makes the tables of a range that will be mapped by pages, so that mapping in it takes no memory. EINVAL, EEXIST if
  /// a block lies in it, ENOMEM; what was made stays. One step per 2 MiB: for boot.
  base::Result<void> prepare(Unlocked, AddressRange range);
  /// Unmaps a range that was mapped by pages, with one flush for all of it. ENOENT if something in it is not mapped,
  /// EINVAL if it is mapped by a block; what lies before that place is unmapped then. One step per page.
  base::Result<void> unmap_pages(AddressRange range);
  base::Result<Translation> translate(base::SiloAddress address) const { return tables_.translate(address); }

  /// VTTBR_EL2 value for threads of this space.
  std::uint64_t translation_base() const { return tables_.translation_base(); }
  base::Vmid vmid() const { return vmid_; }

  /// First step of the end: no thread of the space runs or will run on any core (the caller guarantees that). This core
  /// leaves it and the TLBs forget it.
  void retire();
  /// Further steps: one table page each, then the VMID. True when nothing is left. Only after retire().
  bool release_step(Unlocked);

 private:
  enum class State : std::uint8_t { Empty, Live, Retired };

  Granule granule_at(base::SiloAddress address, base::PhysicalAddress memory, std::uint64_t bytes_left,
                     bool whole) const;
  void unmap_first(base::SiloAddress start, std::uint64_t bytes);

  State state_ = State::Empty;
  base::Vmid vmid_;
  Stage2Tables tables_;
};

}  // namespace kernel
