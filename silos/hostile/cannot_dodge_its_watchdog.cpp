// SPDX-License-Identifier: Apache-2.0
//
// Never waits, and makes every call that looks like it: gives way, sleeps until a time that has passed, waits by
// instructions. (To kick is no dodge: who does so says that it is
// well, and who watches must believe it.) Expected: stopped by its watchdog.
#include "hostile.hpp"

using namespace hostile;

int main() {
  for (;;) {
    yield();
    static_cast<void>(granary_null_call());
    static_cast<void>(granary_sleep_until(0));
    static_cast<void>(granary_sleep_until(1));
    asm volatile("wfi");
    asm volatile("wfe");
  }
}
