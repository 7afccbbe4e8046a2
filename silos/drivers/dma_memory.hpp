// SPDX-License-Identifier: Apache-2.0
//
// Memory that a device reads and writes: a region of the manifest with `dma`, mapped, and where it is. A driver that
// lacks it cannot work, so what is wrong ends the silo with a sentence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>

#include <granary/granary.hpp>

namespace drivers {

struct DmaMemory {
  std::span<std::byte> bytes;
  std::uint64_t physical = 0;

  static DmaMemory of(const granary::Region& region, std::size_t needed) {
    const std::span<std::byte> bytes = region.map(granary::read_write).value();
    granary_region_physical_result where{};
    const granary_status status = granary_region_physical(region.value(), 0, &where);
    if (status != GRANARY_OK || bytes.size() < needed || where.pages_in_a_row * granary::Region::kPageBytes < needed) {
      std::printf("the region for the device needs %zu bytes in a row, and `dma` in the manifest\n", needed);
      granary::exit_silo(1);
    }
    return {bytes, where.physical_address};
  }
};

}  // namespace drivers
