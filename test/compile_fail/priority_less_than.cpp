// SPDX-License-Identifier: Apache-2.0
// expects: no match for 'operator<'
// layer: kernel
//
// Priorities have no <: which of two is more urgent is said in words.
#include "kernel/base/ids.hpp"

bool goes_first(base::Priority one, base::Priority other);
bool goes_first(base::Priority one, base::Priority other) {
#ifdef COMPILES
  return one.is_more_urgent_than(other);
#else
  return other < one;
#endif
}
