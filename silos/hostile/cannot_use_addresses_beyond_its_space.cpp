// SPDX-License-Identifier: Apache-2.0
//
// Reads at 2^39, just beyond a silo's address space. Expected: stopped; cores differ in which of two faults they call
// it.
#include "hostile.hpp"

using namespace hostile;

int main() {
  read(std::uint64_t{1} << 39);
  return survived();
}
