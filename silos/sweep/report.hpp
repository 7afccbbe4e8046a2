// SPDX-License-Identifier: Apache-2.0
//
// How the judges of these systems report: a TAP line for each check, the plan at the end, the number of failures.
#pragma once

#include <inttypes.h>

#include <cstdio>

#include "granary/granary.hpp"

namespace report {

inline int checks = 0, failures = 0;

inline void check(bool holds, const char* text) {
  ++checks;
  if (!holds) ++failures;
  printf("%s %d - %s\n", holds ? "ok" : "not ok", checks, text);
}
inline int finish() {
  printf("1..%d\n", checks);
  return failures;
}
/// Waits until `condition()` holds, ten seconds at most; says whether it does.
template <typename Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 5000; ++i) {
    if (condition()) return true;
    granary::sleep_for(std::chrono::milliseconds(2));
  }
  return condition();
}

}  // namespace report
