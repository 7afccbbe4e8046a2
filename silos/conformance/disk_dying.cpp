// SPDX-License-Identifier: Apache-2.0
//
// A client of the disk that dies in the middle of a request: the second thread ends the silo while the first waits for
// the driver. `argument` says when; odd ones write, even ones read.
#include <atomic>

#include <drivers/block_client.hpp>

#include "disk_pattern.hpp"
#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;

namespace {
std::atomic<bool> calls = false;
/// Dies when the writer is quiet, so that the driver has taken its request and no other's.
constexpr std::uint64_t kAlone = 6;
}  // namespace

extern "C" void killer_main(std::uint64_t silo_argument) {
  if (silo_argument == kAlone) handles::alone.wait().value();
  sleep_for(silo_argument * 60ms + 40ms);
  while (!calls) sleep_for(50us);
  exit_silo(0);
}

int main() {
  sleep_for(argument() * 60ms);
  drivers::Disk disk = drivers::Disk::open(handles::disk).value();
  for (;;) {
    const std::uint64_t first = disk.sectors() - disk_pattern::kReserved;
    calls = true;
    (argument() % 2 != 0 ? disk.write(first, 128) : disk.read(first, 128)).value();
    calls = false;
  }
}
