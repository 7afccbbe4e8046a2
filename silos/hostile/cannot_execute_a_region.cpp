// SPDX-License-Identifier: Apache-2.0
//
// Writes an instruction into a shared region and jumps there, by the mapping that it may not write.
// Expected: stopped, no permission.
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Region region = Region::create(1).value();
  const std::span<std::byte> writable = region.map(read_write).value();
  const std::span<std::byte> readable = region.map(read_only).value();
  write(address_of(writable[0]), kReturnInstruction);
  jump(address_of(readable[0]));
  return survived();
}
