// SPDX-License-Identifier: Apache-2.0
//
// Makes and maps shared regions without end. Expected: it is told where its limits are, again and again, and what it
// was given before stays. Ends with 0. Manifest: quota = { regions = 40, region_pages = 40, mapped_pages = 70 }
#include "hostile.hpp"

using namespace hostile;

int main() {
  for (int round = 0; round < 3; ++round) {
    granary_handle handle;
    refused(granary_region_create(41, &handle), GRANARY_EDQUOT, "more pages than the quota");
    refused(granary_region_create(0, &handle), GRANARY_EINVAL, "no pages");
    refused(granary_region_create(~std::uint64_t{0}, &handle), GRANARY_EINVAL, "all pages there can be");
    const Region large = Region::create(36).value();
    const Region small = Region::create(1).value();
    large.map(read_write).value();
    granary_region_map_result mapped;
    refused(granary_region_map(large.value(), GRANARY_REGION_ACCESS_READ, &mapped), GRANARY_EDQUOT,
            "a mapping beyond the quota");
    for (int i = 1; i < 32; ++i) small.map(read_only).value();
    refused(granary_region_map(small.value(), GRANARY_REGION_ACCESS_READ, &mapped), GRANARY_ENOSPC, "the 33rd mapping");
    int more = 0;
    while (more < 50 && Region::create(1)) ++more;
    holds(more == (round == 0 ? 3 : 0), "regions beyond the quota");
    large.close().value();
    small.close().value();
  }
  return outcome();
}
