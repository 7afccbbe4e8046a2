// SPDX-License-Identifier: Apache-2.0
//
// Executes a breakpoint. Expected: stopped, breakpoint; the kernel does not mistake it for its own.
#include "hostile.hpp"

using namespace hostile;

int main() {
  asm volatile("brk #0xf000");
  return survived();
}
