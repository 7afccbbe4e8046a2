// SPDX-License-Identifier: Apache-2.0
//
// Invalidates translations. Expected: stopped, undefined instruction.
#include "hostile.hpp"

using namespace hostile;

int main() {
  asm volatile("tlbi vmalle1");
  return survived();
}
