// SPDX-License-Identifier: Apache-2.0
//
// Two threads. The more urgent one takes a notification whenever it is signalled; the other tells who asks how often
// that was.
#include <atomic>

#include "granary/granary.hpp"
#include "handles.hpp"

using namespace granary;

namespace {
constinit std::atomic<std::uint64_t> woken = 0;
}

extern "C" void bell_main(std::uint64_t) {
  const granary_handle bell = handles::bell.value();
  std::uint64_t taken = 0, count = 0;
  while (granary_notification_wait(bell, 1, GRANARY_DEADLINE_FOREVER, &taken) == GRANARY_OK && taken == 1) {
    // ORDERING: relaxed; both threads are on one core, and the value is asked for when no signal comes any more.
    woken.store(++count, std::memory_order_relaxed);
  }
  exit_silo(1);
}

int main() {
  for (;;) {
    Request request = handles::bell_count.receive().value();
    Port::reply(std::move(request.token), {0, {woken.load(std::memory_order_relaxed)}}).value();
  }
}
