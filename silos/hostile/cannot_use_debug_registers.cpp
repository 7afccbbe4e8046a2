// SPDX-License-Identifier: Apache-2.0
//
// Uses the debugger's channel. Expected: stopped, a register that silos may not use.
#include "hostile.hpp"

using namespace hostile;

int main() {
  std::uint64_t value;
  asm volatile("mrs %0, mdccsr_el0" : "=r"(value));
  return survived();
}
