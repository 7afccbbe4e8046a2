// SPDX-License-Identifier: Apache-2.0
//
// Computes for ever and never gives up the processor. Expected: others of the same priority have their share. Still
// busy at the end.
#include "hostile.hpp"

using namespace hostile;

int main() {
  for (volatile std::uint64_t count = 0;;) count = count + 1;
}
