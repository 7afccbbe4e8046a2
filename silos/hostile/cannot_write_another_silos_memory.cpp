// SPDX-License-Identifier: Apache-2.0
//
// Writes to an address that is mapped in bystander_a (its heap) and not here. Expected: stopped, nothing is mapped
// there.
#include "hostile.hpp"

using namespace hostile;

int main() {
  write(kBystandersMemory, 0x6666);
  return survived();
}
