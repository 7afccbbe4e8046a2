// SPDX-License-Identifier: Apache-2.0
// expects: ignoring returned value of type
// layer: kernel
//
// A Result cannot be dropped: an error that nobody looks at does not compile.
#include "kernel/base/result.hpp"

base::Result<int> attempt();
base::Result<void> caller();
base::Result<void> caller() {
#ifdef COMPILES
  TRY(attempt());
#else
  attempt();
#endif
  return {};
}
