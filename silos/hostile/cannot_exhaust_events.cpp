// SPDX-License-Identifier: Apache-2.0
//
// Makes notifications, semaphores and timers until there are no more, closes them, and begins anew. Expected: never
// more than its quota, and all of it comes back. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  for (int round = 0; round < 200; ++round) {
    Notification words[9];
    Semaphore gates[9];
    Timer timers[9];
    int made = 0;
    for (int i = 0; i < 9; ++i) {
      const Result<Notification> word = Notification::create();
      const Result<Semaphore> gate = Semaphore::create(1);
      if (word) words[i] = *word;
      if (gate) gates[i] = *gate;
      const Result<Timer> timer = Timer::create(words[0], 1);
      if (timer) timers[i] = *timer;
      made += word.ok() + gate.ok() + timer.ok();
      if (timer) timers[i].set(1ms, 50us).value();
    }
    holds(made == 24, "the quota is not what it was");
    if (round % 2 == 0) words[0].close().value();
    for (int i = 7; i >= 0; --i) {
      timers[i].close().value();
      gates[i].close().value();
      if (i != 0 || round % 2 != 0) words[i].close().value();
    }
    sleep_for(500us);
  }
  return outcome();
}
