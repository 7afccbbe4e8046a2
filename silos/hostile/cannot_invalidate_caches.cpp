// SPDX-License-Identifier: Apache-2.0
//
// Cleans and invalidates a cache line, by which others can be watched. Expected: stopped, an instruction that silos
// may not use.
#include "hostile.hpp"

using namespace hostile;

int main() {
  std::uint64_t mine = 0;
  asm volatile("dc civac, %0" : : "r"(&mine) : "memory");
  return survived();
}
