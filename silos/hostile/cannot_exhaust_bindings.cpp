// SPDX-License-Identifier: Apache-2.0
//
// Binds as much as it can, again and again, in every order of closing. Expected: never more than its quota, nobody else
// runs short, and all of it comes back. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Notification word = Notification::create().value();
  for (int round = 0; round < 300; ++round) {
    Semaphore gates[20];
    int bound = 0;
    for (Semaphore& gate : gates) {
      gate = Semaphore::create(0).value();
      const Result<void> result = word.bind(gate, 1);
      if (result)
        ++bound;
      else
        holds(result.error() == kQuotaExceeded, "a binding too many ends in another way");
    }
    holds(bound == 16, "the quota of bindings is not what it was");
    refused(granary_bind(gates[0].value(), word.value(), 1, 1), GRANARY_EEXIST, "a second binding of the same");
    if (round % 2 == 0) {
      for (int i = 0; i < 16; ++i) holds(word.unbind(gates[i]).ok(), "a binding that was made is not there");
      refused(granary_unbind(gates[0].value(), word.value()), GRANARY_ENOENT, "unbinding twice");
    }
    for (const Semaphore& gate : gates) gate.close().value();
    // What is closed is given back in steps of the kernel's.
    if (round % 8 == 0) sleep_for(1ms);
  }
  return outcome();
}
