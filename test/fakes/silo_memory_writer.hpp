// SPDX-License-Identifier: Apache-2.0
//
// What a silo would have written into its own memory.
#pragma once

#include <cstring>

#include "kernel/silo.hpp"
#include "test/fakes/fake_memory.hpp"

namespace fakes {

inline void poke(const kernel::Silo& silo, std::uint64_t address, std::uint64_t value) {
  const kernel::Region* const region = silo.region_at(base::SiloAddress(address));
  ASSERT_NE(region, nullptr);
  const std::uint64_t offset = base::SiloAddress(address) - region->range.start();
  std::memcpy(memory(region->frames.start + offset, sizeof value).data(), &value, sizeof value);
}

}  // namespace fakes
