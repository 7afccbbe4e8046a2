// SPDX-License-Identifier: Apache-2.0
//
// Reads the performance counters, through which others can be watched. Expected: stopped, a register that silos may
// not use.
#include "hostile.hpp"

using namespace hostile;

int main() {
  std::uint64_t cycles;
  asm volatile("mrs %0, pmccntr_el0" : "=r"(cycles));
  return survived();
}
