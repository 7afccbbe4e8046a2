// SPDX-License-Identifier: Apache-2.0
//
// A silo with a watchdog, by its argument: 0 loops at once; 1 waits for a while, says when it stops doing so, and
// loops; 2 never waits, but kicks; 3 makes every call that does not wait, again and again; 4 waits for ever; 5 has a
// thread that waits for ever and one that loops.
#include "watched.hpp"
#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;

extern "C" void helper_main(std::uint64_t) {
  if (argument() != 5) return;
  sleep_until(forever);
}

int main() {
  switch (argument()) {
    case 1:
      for (int i = 0; i < 20; ++i) sleep_for(watched::kTime / 10);
      handles::news.send({watched::kLoops, {detail::counter_now()}}).value();
      break;
    case 2:
      for (;;) kick();
    case 3:
      for (;;) {
        yield();
        static_cast<void>(granary_null_call());
        static_cast<void>(granary_sleep_until(0));
        static_cast<void>(granary_sleep_until(1));
        static_cast<void>(handles::turns.try_wait());
        static_cast<void>(handles::turns.wait(Deadline::from_ticks(1)));
        static_cast<void>(handles::console.info());
        asm volatile("wfi");
      }
    case 4: sleep_until(forever); break;
    default: break;
  }
  for (;;) asm volatile("");
}
