// SPDX-License-Identifier: Apache-2.0
//
// Twelve threads wait for one semaphore, which is posted and taken at once, so that each wakes for nothing and waits
// again. Expected: the kernel comes to an end with each waking; it is still busy at the end, and the bystanders talk
// on.
#include <atomic>

#include "hostile.hpp"

using namespace hostile;

namespace {

std::atomic<std::uint64_t> watched = 0;

}  // namespace

extern "C" void watcher_main(std::uint64_t) {
  while (watched == 0) sleep_for(1ms);
  std::uint64_t got = 0;
  std::uint64_t set[8];
  for (std::uint64_t& place : set) place = watched | GRANARY_EVENT_READABLE;
  for (;;) granary_wait_any(GRANARY_WAIT_ANY_MAXIMUM, set, GRANARY_DEADLINE_FOREVER, &got);
}

int main() {
  const Semaphore gate = Semaphore::create(0).value();
  watched = gate.value();
  for (;;) {
    gate.post().value();
    gate.try_wait().ok();
    sleep_for(100us);
  }
}
