// SPDX-License-Identifier: Apache-2.0
//
// Executes an instruction that belongs to the kernel; the manifest's argument says which. Expected: stopped,
// undefined instruction.
#include "hostile.hpp"

using namespace hostile;

int main() {
  switch (argument()) {
    case 0: asm volatile("hvc #0"); break;
    case 1: asm volatile("smc #0"); break;
    case 2: asm volatile("eret"); break;
    case 3: asm volatile("msr vbar_el2, xzr"); break;
    case 4: asm volatile("msr sctlr_el1, xzr"); break;
    case 5: asm volatile("at s1e1r, xzr"); break;
    default: asm volatile("msr spsel, #1"); break;
  }
  return survived();
}
