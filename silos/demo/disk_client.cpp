// SPDX-License-Identifier: Apache-2.0
//
// A client of a disk: counts, in its first sector, how often the machine has been started. Manifest: a client of the
// block driver's port `disk`, quota = { mapped_pages = 16 }.
#include <stdio.h>
#include <string.h>

#include <drivers/block_client.hpp>

#include "handles.hpp"

using namespace granary;

int main() {
  drivers::Disk disk = drivers::Disk::open(handles::disk).value();
  disk.read(0, 1).value();  // sector 0 is at the beginning of disk.window() now
  std::uint64_t starts = 0;
  memcpy(&starts, disk.window().data(), sizeof starts);
  ++starts;
  memcpy(disk.window().data(), &starts, sizeof starts);
  disk.write(0, 1).value();
  disk.flush().value();
  printf("%d sectors, start number %d\n", static_cast<int>(disk.sectors()), static_cast<int>(starts));
  handles::system.verdict(0).value();
}
