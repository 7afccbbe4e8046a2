// SPDX-License-Identifier: Apache-2.0
//
// How a silo can be stopped by a shared region (regions_peer.cpp plays it, by the manifest's `argument`), which
// regions.cpp observes.
#pragma once

#include <cstdint>

namespace conformance {

enum class RegionMistake : std::uint64_t {
  WritesReadOnly = 0,
  Executes = 1,
  TouchesUnmapped = 2,
  TouchesClosed = 3,
  Overruns = 4,
  Underruns = 5,
  ClosesInUse = 6,
};

}  // namespace conformance
