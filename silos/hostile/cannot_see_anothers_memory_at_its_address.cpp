// SPDX-License-Identifier: Apache-2.0
//
// Has a heap at the very addresses where bystander_a has its own, full of secrets. Expected: what it finds there is
// its own and zero, and what it writes there harms nobody. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  for (std::uint64_t address = kBystandersMemory; address < kBystandersMemory + 0x10000; address += 8) {
    holds(read(address) == 0, "another silo's memory can be seen");
    write(address, 0x6666666666666666);
  }
  return outcome();
}
