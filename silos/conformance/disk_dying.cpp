// SPDX-License-Identifier: Apache-2.0
//
// A client of the disk that dies in the middle of a request, when it is its turn: the second thread ends the silo while
// the first waits for the driver. An odd `argument` writes, an even one reads.
#include <atomic>

#include <drivers/block_client.hpp>

#include "disk_pattern.hpp"
#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;

namespace {
std::atomic<bool> calls = false;

/// Somebody's request is with the driver, and none waits for it: this silo's, if there is no other client.
bool is_taken() {
  const PortStatistics stats = handles::disk.stats().value();
  return calls && stats.queued == 0 && stats.calls > stats.replies + stats.replies_lost;
}

}  // namespace

extern "C" void killer_main(std::uint64_t) {
  while (!calls) sleep_for(1ms);
  sleep_for(100ms);                                              // the disk lets some requests pass before it is slow
  for (int i = 0; i < 400 && !is_taken(); ++i) sleep_for(50us);  // with others it may never be seen
  while (!calls) sleep_for(50us);
  exit_silo(0);
}

int main() {
  handles::turn.wait().value();
  drivers::Disk disk = drivers::Disk::open(handles::disk).value();
  for (;;) {
    const std::uint64_t first = disk.sectors() - disk_pattern::kReserved;
    calls = true;
    (argument() % 2 != 0 ? disk.write(first, 128) : disk.read(first, 128)).value();
    calls = false;
  }
}
