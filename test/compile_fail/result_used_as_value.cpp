// SPDX-License-Identifier: Apache-2.0
// expects: cannot convert
// layer: kernel
//
// The value of a Result is taken out by TRY or by value(), never by accident.
#include "kernel/base/result.hpp"

base::Result<int> attempt();
base::Result<int> caller();
base::Result<int> caller() {
#ifdef COMPILES
  const int value = TRY(attempt());
#else
  const int value = attempt();
#endif
  return value + 1;
}
