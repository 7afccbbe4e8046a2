// SPDX-License-Identifier: Apache-2.0
//
// Fills its share of the audit with denials, is refused once in another way, and covers that with as many again.
// Expected: the auditor can account for every single one. Ends with 0.
#include "denials.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  for (std::uint64_t i = 0; i < kCovers; ++i) refused(call_number(kCoverCall + i % 2), GRANARY_ENOSYS, "a call");
  refused(call_number(kHiddenCall), GRANARY_ENOSYS, "the hidden call");
  for (std::uint64_t i = 0; i < kCovers; ++i) refused(call_number(kCoverCall + i % 2), GRANARY_ENOSYS, "a call");
  return outcome();
}
