// SPDX-License-Identifier: Apache-2.0
// expects: attempt to use poisoned "asm"
// layer: kernel
//
// No assembly in kernel/: the word is poisoned there.
#include "kernel/base/ids.hpp"

void pause_here();
void pause_here() {
#ifndef COMPILES
  asm("yield");
#endif
}
