// SPDX-License-Identifier: Apache-2.0
//
// Sleeps for one tick of the counter, for ever, and gives up the processor between. Expected: others go on. Still
// busy at the end.
#include "hostile.hpp"

using namespace hostile;

int main() {
  for (;;) {
    granary_sleep_until(granary_now() + 1);
    yield();
  }
}
