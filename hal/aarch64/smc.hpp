// SPDX-License-Identifier: Apache-2.0
//
// SMC: a call to the firmware at EL3 (SMC Calling Convention, DEN0028). On a machine without firmware it never returns
// (seen on raspi4b): callers have seen a psci node with method "smc", or have entered at EL3 themselves.
#pragma once

#include <cstdint>

namespace hal {

/// X0 of the answer. X1-X17 are the firmware's to change (SMCCC 1.0), X18-X30 are kept.
inline std::uint64_t secure_monitor_call(std::uint64_t function, std::uint64_t first = 0, std::uint64_t second = 0,
                                         std::uint64_t third = 0, std::uint64_t fourth = 0) {
  register std::uint64_t x0 asm("x0") = function;
  register std::uint64_t x1 asm("x1") = first;
  register std::uint64_t x2 asm("x2") = second;
  register std::uint64_t x3 asm("x3") = third;
  register std::uint64_t x4 asm("x4") = fourth;
  // SAFETY: the firmware may read and write any memory and the registers listed; all else is kept by the convention.
  asm volatile("smc #0"
               : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4)
               :
               : "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
  return x0;
}

}  // namespace hal
