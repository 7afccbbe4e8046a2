// SPDX-License-Identifier: Apache-2.0
//
// More urgent than the measuring silo: told to begin, it sets a periodic timer and waits for it again and again, so
// that each of its interrupts takes the processor away from the other.
#include "timer_waiter.hpp"

#include "granary/granary.hpp"
#include "handles.hpp"

using namespace granary;

int main() {
  const Notification ticks = Notification::create().value();
  const Timer timer = Timer::create(ticks, 1).value();
  handles::start_timer.wait().value();
  timer.set(bench::kTimerPeriod, bench::kTimerPeriod).value();
  for (std::uint64_t i = 0; i < bench::kTimerWakeUps; ++i) ticks.wait().value();
  timer.cancel().value();
  handles::timer_done.signal(1).value();
  return 0;
}
