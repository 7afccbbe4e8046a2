// SPDX-License-Identifier: Apache-2.0
//
// Reads its own memory by a pointer with a tag in the top byte. Expected: stopped, no such address.
#include "hostile.hpp"

using namespace hostile;

int main() {
  std::uint64_t mine = 0;
  read(address_of(mine) | std::uint64_t{0x42} << 56);
  return survived();
}
