// SPDX-License-Identifier: Apache-2.0
//
// Masks interrupts for itself. Expected: stopped, a register that silos may not use.
#include "hostile.hpp"

using namespace hostile;

int main() {
  asm volatile("msr daifset, #0xf");
  return survived();
}
