// SPDX-License-Identifier: Apache-2.0
//
// Looks for what was in a shared region before: its own earlier ones, of every size, in every place of what it may
// have. Expected: all zero. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  for (std::uint64_t pages = 1; pages <= 64; pages += 7) {
    const Region region = Region::create(pages).value();
    const std::span<std::byte> bytes = region.map(read_write).value();
    holds(bytes.size() == pages * 4096, "another size than was asked for");
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      holds(read(address_of(bytes[at])) == 0, "a region is not zero");
      write(address_of(bytes[at]), ~std::uint64_t{0});
    }
    region.close().value();
  }
  return outcome();
}
