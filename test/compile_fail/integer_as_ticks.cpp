// SPDX-License-Identifier: Apache-2.0
// expects: could not convert
// layer: kernel
//
// A plain number is not a time.
#include "kernel/base/ids.hpp"

base::Ticks later(base::Ticks now);
base::Ticks later(base::Ticks now) {
#ifdef COMPILES
  return now + base::Ticks(1000);
#else
  return 1000;
#endif
}
