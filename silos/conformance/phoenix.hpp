// SPDX-License-Identifier: Apache-2.0
//
// What phoenixes and their referee have agreed on: requests by opcode, and what one that begins says of itself.
#pragma once

#include <cstdint>

namespace phoenix {

/// Of requests at a phoenix's port.
enum Request : std::uint64_t {
  kEcho = 1,    ///< answers with the words
  kCrash = 2,   ///< takes the call and faults
  kExit = 3,    ///< takes the call and ends with status 0
  kCrashIn = 4  ///< answers, and faults so many milliseconds later (word 0)
};

/// The opcode by which the newer image of a phoenix answers an echo (successor.cpp).
inline constexpr std::uint64_t kEchoOfSuccessor = 77;

/// Word 0 of what it says when it begins.
enum Fresh : std::uint64_t {
  kDataIsFresh = 1,
  kBssIsZero = 2,
  kHeapIsZero = 4,
  kStackIsZero = 8,
  kPageIsZero = 16,
  kAllIsFresh = 31
};

}  // namespace phoenix
