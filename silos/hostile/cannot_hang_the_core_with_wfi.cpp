// SPDX-License-Identifier: Apache-2.0
//
// Executes wfi and wfe for ever. Expected: wfi is a yield, the core does not stop. Still busy at the end.
#include "hostile.hpp"

using namespace hostile;

int main() {
  for (;;) asm volatile("wfi\n\twfe");
}
