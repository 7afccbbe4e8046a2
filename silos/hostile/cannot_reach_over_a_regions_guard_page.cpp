// SPDX-License-Identifier: Apache-2.0
//
// Walks out of a shared region into the next one, byte by byte. Expected: stopped between them, nothing is mapped
// there.
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Region first = Region::create(2).value();
  const Region second = Region::create(2).value();
  const std::uint64_t start = address_of(first.map(read_write).value()[0]);
  const std::uint64_t next = address_of(second.map(read_write).value()[0]);
  for (std::uint64_t address = start; address < next + 8; ++address) *pointer<std::uint8_t>(address) = 1;
  return survived();
}
