// SPDX-License-Identifier: Apache-2.0
//
// Uses SVE, whose state the kernel does not keep per thread. Expected: stopped; a core without SVE calls it
// undefined, one with it a trap.
#include "hostile.hpp"

using namespace hostile;

int main() {
  asm volatile(".inst 0x04e0e3e0");  // cntd x0
  return survived();
}
