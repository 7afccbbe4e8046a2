// SPDX-License-Identifier: Apache-2.0
//
// A client of a disk that is too slow for its driver: the driver says so, begins the device again, and gives up when
// that is of no use.
#include <drivers/block_client.hpp>

#include "check.hpp"
#include "handles.hpp"

using namespace conformance;
using drivers::BlockStatus;
using drivers::Disk;

int main() {
  Disk disk = Disk::open(handles::disk).value();
  unsigned done = 0, stuck = 0;
  Result<void> result;
  for (int i = 0; i < 50; ++i) {
    result = disk.read(0, 128);
    if (result) ++done;
    if (!result && result.error() == kPeerGone) break;
    if (!result && disk.why() == BlockStatus::DeviceIsStuck) ++stuck;
  }
  printf("# %u done, %u stuck\n", done, stuck);
  check(stuck >= 3, "a request that the device does not answer in time fails");
  check_error(result, kPeerGone, "after some in a row the driver ends, and its clients are told");
  const int failed = finish();
  handles::system.verdict(static_cast<std::uint64_t>(failed)).value();
  return failed;
}
