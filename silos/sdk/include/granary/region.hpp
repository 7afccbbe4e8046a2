// SPDX-License-Identifier: Apache-2.0
//
// Region: memory that silos share. Whole pages of 4 KiB, zero when it is made, mapped by whoever holds a capability,
// for reading or for reading and writing, never executable. Where it is mapped is the kernel's choice, with an unmapped
// page before and behind it. A mapping stays until it is unmapped or the handle that it was made by is closed; touching
// it after that stops the silo.
//
//   const Region region = Region::create(4).value();            // quota = { regions = 1, region_pages = 4,
//   mapped_pages = 4 } const std::span<std::byte> bytes = region.map(read_write).value();
//
// What another silo writes can change at any moment, also between two reads of the same word: read once, then check.
#pragma once

#include <cstddef>
#include <span>

#include "granary/objects.hpp"

namespace granary {

/// What a region is mapped for.
enum class RegionAccess : std::uint64_t { read = 1, read_write = 2 };
inline constexpr RegionAccess read_only = RegionAccess::read;
inline constexpr RegionAccess read_write = RegionAccess::read_write;

struct RegionInfo {
  std::uint64_t bytes = 0;
  std::uint64_t mappings = 0;       ///< in all silos
  std::uint64_t mappings_here = 0;  ///< in this silo
};

class Region : public Handle {
 public:
  using Handle::Handle;
  static constexpr std::size_t kPageBytes = 4096;

  /// `pages` of zeroed memory, charged to this silo until nobody names the region any more. kQuotaExceeded, kNoMemory
  /// (this silo's other regions leave no gap that is wide enough), kTableFull, kInvalidArgument.
  static Result<Region> create(std::uint64_t pages) {
    granary_handle handle;
    const granary_status status = granary_region_create(pages, &handle);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::REGION_CREATE);
    return Region(handle);
  }
  /// A handle with the same or fewer rights; with `lendable_rights` alone it can be mapped for reading only.
  Result<Region> duplicate() const { return duplicate_as<Region>(); }
  Result<Region> duplicate(std::uint64_t rights) const { return duplicate_as<Region>(rights); }
  static constexpr std::uint64_t lendable_rights = GRANARY_RIGHT_REGION_READ | GRANARY_RIGHT_GRANT;

  /// All of it, at an address of the kernel's choice. kNotPermitted, kQuotaExceeded (mapped_pages), kTableFull (32
  /// mappings are there), kNoMemory (they leave no gap that is wide enough), kPeerGone (the handle was closed
  /// meanwhile).
  Result<std::span<std::byte>> map(RegionAccess access) const {
    granary_region_map_result mapped;
    const granary_status status = granary_region_map(value(), static_cast<std::uint64_t>(access), &mapped);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::REGION_MAP);
    // SAFETY: the kernel has mapped that many bytes there for this silo.
    return std::span(reinterpret_cast<std::byte*>(mapped.address), mapped.bytes);
  }
  /// Ends that mapping: what map() returned. kInvalidArgument if it is none of this region's, kBusy.
  Result<void> unmap(std::span<const std::byte> bytes) const {
    // SAFETY: only the number is looked at.
    return detail::checked(granary_region_unmap(value(), reinterpret_cast<std::uint64_t>(bytes.data())),
                           SystemCall::REGION_UNMAP);
  }
  Result<RegionInfo> info() const {
    granary_region_info_result info;
    const granary_status status = granary_region_info(value(), &info);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::REGION_INFO);
    return RegionInfo{info.bytes, info.mappings, info.mappings_of_this_silo};
  }
  /// What the handle is (rights, badge).
  Result<HandleInfo> handle_info() const { return Handle::info(); }
};

}  // namespace granary
