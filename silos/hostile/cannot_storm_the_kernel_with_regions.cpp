// SPDX-License-Identifier: Apache-2.0
//
// Makes, maps, unmaps and closes a large shared region without end. Expected: still busy, and the bystanders go on.
#include "hostile.hpp"

using namespace hostile;

int main() {
  for (;;) {
    const Region region = Region::create(512).value();
    const std::span<std::byte> bytes = region.map(read_write).value();
    write(address_of(bytes[bytes.size() - 8]), 1);
    region.unmap(bytes).value();
    region.map(read_only).value();
    region.close().value();
  }
}
