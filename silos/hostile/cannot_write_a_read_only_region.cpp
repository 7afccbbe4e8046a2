// SPDX-License-Identifier: Apache-2.0
//
// Writes a shared region that it has mapped for reading only, although it has another mapping that it may write.
// Expected: stopped, no permission.
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Region region = Region::create(1).value();
  region.map(read_write).value()[0] = std::byte{1};
  const std::span<std::byte> bytes = region.map(read_only).value();
  write(address_of(bytes[0]), 2);
  return survived();
}
