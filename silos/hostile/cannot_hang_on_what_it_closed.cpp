// SPDX-License-Identifier: Apache-2.0
//
// One thread waits for several things for ever, the other closes one of them, in many ways. Expected: every wait ends.
// Ends with 0.
#include <atomic>

#include "hostile.hpp"

using namespace hostile;

namespace {

std::atomic<std::uint64_t> set[3] = {0, 0, 0};
std::atomic<int> begun = 0, ended = 0;

}  // namespace

extern "C" void waiter_main(std::uint64_t) {
  for (;;) {
    while (begun == ended) sleep_for(100us);
    std::uint64_t got = 0;
    const std::uint64_t places[8] = {set[0] | 1, set[1] | 1, set[2] | 1};
    granary_wait_any(3, places, GRANARY_DEADLINE_FOREVER, &got);
    ended = begun.load();
  }
}

int main() {
  for (int round = 0; round < 60; ++round) {
    const Notification word = Notification::create().value();
    const Semaphore gate = Semaphore::create(0).value();
    const Port port = Port::create().value();
    const Handle all[3] = {word, gate, port};
    for (int i = 0; i < 3; ++i) set[i] = all[(i + round) % 3].value();
    ++begun;
    if (round % 2 == 0) sleep_for(1ms);
    all[round % 3].close().value();
    for (int patience = 0; patience < 2000 && ended != begun; ++patience) sleep_for(1ms);
    holds(ended == begun, "a wait for something that is closed goes on");
    if (ended != begun) break;
    for (int i = 1; i < 3; ++i) all[(round + i) % 3].close().value();
    sleep_for(300us);
  }
  return outcome();
}
