// SPDX-License-Identifier: Apache-2.0
//
// What the auditor and those that it observes have agreed on: places in the manifest, and numbers of calls that are
// none.
#pragma once

#include <cstdint>

#include "ipc/abi/abi.hpp"

namespace audit {

inline constexpr std::uint32_t kAuditor = 0, kOffender = 1, kVictim = 2, kSilos = 10;
inline constexpr std::uint64_t kFlood = 7001;  ///< and the next
inline constexpr std::uint64_t kHidden = 7100;
inline constexpr std::uint64_t kFloodCalls = 4000;
inline constexpr std::uint64_t kExitStatus = 42;

/// A call of this number.
inline std::int64_t call(std::uint64_t number) {
  register std::uint64_t x0 __asm__("x0") = 0;
  register std::uint64_t x8 __asm__("x8") = number;
  __asm__ __volatile__("svc #0"
                       : "+r"(x0), "+r"(x8)
                       :
                       : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
                         "x16", "x17", "x18", "cc", "memory");
  return static_cast<std::int64_t>(x0);
}

}  // namespace audit
