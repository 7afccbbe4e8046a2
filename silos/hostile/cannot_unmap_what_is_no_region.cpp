// SPDX-License-Identifier: Apache-2.0
//
// Unmaps its text, its stack, parts of a region, another region and everywhere else by the handle of a region.
// Expected: refused. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Region region = Region::create(4).value();
  const Region other = Region::create(1).value();
  const std::uint64_t start = address_of(region.map(read_write).value()[0]);
  const std::uint64_t foreign = address_of(other.map(read_write).value()[0]);
  std::uint64_t on_stack = 1;
  const std::uint64_t places[] = {0,
                                  1,
                                  kText,
                                  address_of(on_stack),
                                  address_of(on_stack) & ~std::uint64_t{0xfff},
                                  start + 1,
                                  start + 4096,
                                  start - 4096,
                                  start + 4 * 4096,
                                  foreign,
                                  kKernelVirtual + (std::uint64_t{1} << 30),
                                  ~std::uint64_t{0},
                                  ~std::uint64_t{0} << 12,
                                  start | std::uint64_t{1} << 56,
                                  start + (std::uint64_t{1} << 39)};
  for (const std::uint64_t place : places) {
    refused(granary_region_unmap(region.value(), place), GRANARY_EINVAL, "a place where this region does not begin");
  }
  std::uint64_t state = 1;
  for (int i = 0; i < 20'000; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    refused(granary_region_unmap(region.value(), (state >> 16) & ~std::uint64_t{0xfff}), GRANARY_EINVAL, "a guess");
  }
  write(start, 5);
  write(foreign, 6);
  holds(read(start) == 5 && read(foreign) == 6 && on_stack == 1, "something was unmapped or changed");
  refused(granary_region_unmap(region.value(), start), GRANARY_OK, "its own mapping");
  refused(granary_region_unmap(region.value(), start), GRANARY_EINVAL, "the same again");
  return outcome();
}
