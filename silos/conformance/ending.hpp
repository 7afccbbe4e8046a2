// SPDX-License-Identifier: Apache-2.0
//
// How a silo can end (ending.cpp plays it), and what an observer must see (observer.cpp).
#pragma once

#include <cstdint>

namespace conformance {

enum class Ending : std::uint64_t {
  Exit42 = 0,
  LastThreadEnds = 1,
  Abort = 2,
  UsesAFailedResult = 3,
  Read = 4,
  WriteText = 5,
  TaggedPointer = 6,
  Misaligned = 7,
  Undefined = 8,
  Trapped = 9,
  Breakpoint = 10,
  JumpsAway = 11,
};

}  // namespace conformance
