// SPDX-License-Identifier: Apache-2.0
//
// Arms a timer of the processor, to raise interrupts. Expected: stopped, a register that silos may not use.
#include "hostile.hpp"

using namespace hostile;

int main() {
  asm volatile("msr cntv_tval_el0, %0\n\tmsr cntv_ctl_el0, %1" : : "r"(std::uint64_t{100}), "r"(std::uint64_t{1}));
  return survived();
}
