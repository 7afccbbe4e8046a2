// SPDX-License-Identifier: Apache-2.0
//
// What those who attack the audit and the auditor that judges them have agreed on: numbers of calls that are none, and
// how often each is made.
#pragma once

#include <cstdint>

namespace hostile {

inline constexpr std::uint64_t kFloodCall = 7001, kCoverCall = 7011, kHiddenCall = 7100, kHonestCall = 7200;
inline constexpr std::uint64_t kFloods = 6000;  ///< by cannot_flood_the_audit, two kinds in turn
inline constexpr std::uint64_t kCovers = 2000;  ///< by cannot_hide_a_denial, before and behind the hidden one

inline std::int64_t call_number(std::uint64_t number) {
  register std::uint64_t x0 __asm__("x0") = 0;
  register std::uint64_t x8 __asm__("x8") = number;
  __asm__ __volatile__("svc #0"
                       : "+r"(x0), "+r"(x8)
                       :
                       : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
                         "x16", "x17", "x18", "cc", "memory");
  return static_cast<std::int64_t>(x0);
}

}  // namespace hostile
