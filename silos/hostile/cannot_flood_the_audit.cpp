// SPDX-License-Identifier: Apache-2.0
//
// Is refused thousands of times, two kinds in turn so that none is a repeat of the one before. Expected: the auditor
// still finds the denials of others. Ends with 0.
#include "denials.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  for (std::uint64_t i = 0; i < kFloods; ++i) refused(call_number(kFloodCall + i % 2), GRANARY_ENOSYS, "a call");
  return outcome();
}
