// SPDX-License-Identifier: Apache-2.0
//
// Maps shared regions with handles that do not permit it, and with other handles. Expected: refused. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

namespace {

void try_all(granary_handle handle, granary_status wanted_read, granary_status wanted_write) {
  granary_region_map_result mapped;
  refused(granary_region_map(handle, GRANARY_REGION_ACCESS_READ, &mapped), wanted_read, "for reading");
  refused(granary_region_map(handle, GRANARY_REGION_ACCESS_READ_WRITE, &mapped), wanted_write, "for writing");
  for (const std::uint64_t access : {0, 3, 4, 5, 7, 15}) {
    const granary_status got = granary_region_map(handle, access, &mapped);
    holds(got == GRANARY_EINVAL || got == wanted_read, "for something else");
  }
}

}  // namespace

int main() {
  const Region region = Region::create(1).value();
  try_all(region.duplicate(GRANARY_RIGHT_REGION_READ).value().value(), GRANARY_OK, GRANARY_EPERM);
  try_all(region.duplicate(GRANARY_RIGHT_REGION_MOVE | GRANARY_RIGHT_GRANT).value().value(), GRANARY_EPERM,
          GRANARY_EPERM);
  try_all(region.duplicate(0).value().value(), GRANARY_EPERM, GRANARY_EPERM);
  try_all(handles::console.value(), GRANARY_EPERM, GRANARY_EPERM);
  try_all(0, GRANARY_EBADF, GRANARY_EBADF);
  try_all(region.value() + 1, GRANARY_EBADF, GRANARY_EBADF);
  try_all(region.value() + (std::uint64_t{1} << 32), GRANARY_EBADF, GRANARY_EBADF);
  const Region lent = region.duplicate(GRANARY_RIGHT_REGION_READ | GRANARY_RIGHT_DUPLICATE).value();
  granary_handle more;
  refused(granary_handle_duplicate(lent.value(), GRANARY_RIGHT_REGION_WRITE, &more), GRANARY_EPERM,
          "growing the right to write");
  return outcome();
}
