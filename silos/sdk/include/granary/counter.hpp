// SPDX-License-Identifier: Apache-2.0
//
// The counter that kernel and silos share (CNTVCT_EL0): what Clock and Deadline stand on. The only assembly under
// them: a program for another machine (the host's tests) supplies the two functions itself.
#pragma once

#include <cstdint>

namespace granary::detail {

#if defined(__aarch64__)
/// Arm ARM D11.2.1: without the ISB the read may be taken early, before what stands before it in the program.
inline std::uint64_t counter_now() {
  std::uint64_t ticks;
  asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
  return ticks;
}
/// In Hz; 62.5 MHz in QEMU, 1 GHz with -cpu max, 54 MHz on a Raspberry Pi 4.
inline std::uint64_t counter_frequency() {
  std::uint64_t frequency;
  asm("mrs %0, cntfrq_el0" : "=r"(frequency));
  return frequency;
}
#else
std::uint64_t counter_now();
std::uint64_t counter_frequency();
#endif

}  // namespace granary::detail
