// SPDX-License-Identifier: Apache-2.0
//
// A client of a disk whose sector 1000 cannot be read (test/qemu/rows.py), or of one that is not there.
#include <drivers/block_client.hpp>

#include "check.hpp"
#include "handles.hpp"

using namespace conformance;
using drivers::BlockStatus;
using drivers::Disk;

int main() {
  Result<Disk> opened = Disk::open(handles::disk);
  if (!opened) {
    handles::system.verdict(1).value();
    return 1;
  }
  Disk& disk = *opened;
  check_ok(disk.read(0, 128), "sectors before the broken one are read");
  check(!disk.read(990, 20) && disk.why() == BlockStatus::DeviceFailed,
        "with the broken one among them the device fails");
  check_ok(disk.read(1001, 100), "and those behind it are read");
  check(!disk.read(1000, 1) && disk.why() == BlockStatus::DeviceFailed, "by itself it fails, too");
  check_ok(disk.write(0, 128), "others are written");
  const int failed = finish();
  handles::system.verdict(static_cast<std::uint64_t>(failed)).value();
  return failed;
}
