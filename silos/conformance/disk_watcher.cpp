// SPDX-License-Identifier: Apache-2.0
//
// Looks on until the disk's client that is ended again and again has written all of the disk and read it back.
#include "check.hpp"
#include "disk_progress.hpp"
#include "handles.hpp"

using namespace conformance;

int main() {
  const std::span<std::byte> memory = handles::progress.map(RegionAccess::read).value();
  const auto* const progress = reinterpret_cast<const volatile disk_progress::Progress*>(memory.data());
  for (int i = 0; i < 100'000 && progress->is_done == 0; ++i) sleep_for(5ms);
  check(progress->is_done != 0, "all of the disk was written and read back");
  check_equal(progress->mistakes, 0, "every sector holds what was written");
  check(progress->lives >= 8, "though the client was ended again and again");
  printf("# %" PRIu64 " lives, %" PRIu64 " KiB\n", progress->lives, progress->read / 2);
  const int failed = finish();
  handles::system.verdict(static_cast<std::uint64_t>(failed)).value();
  return failed;
}
