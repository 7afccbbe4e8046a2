// SPDX-License-Identifier: Apache-2.0
// expects: is private within this context
// layer: ipc
//
// Nobody can claim that interrupts are masked by making the token: only the token source at the kernel's edges can.
#include "kernel/base/tokens.hpp"

base::InterruptsMasked claim(base::InterruptsMasked given);
base::InterruptsMasked claim(base::InterruptsMasked given) {
#ifdef COMPILES
  return given;
#else
  static_cast<void>(given);
  return base::InterruptsMasked();
#endif
}
