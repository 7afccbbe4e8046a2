// SPDX-License-Identifier: Apache-2.0
//
// A sensor that must run each millisecond, while the other silos of its core do what they can against it. It measures
// how late it is, and gives the verdict: whether that was ever later than docs/timing.md derives. Argument: for how
// many periods.
//
// The bound is in instructions, so the machine must count them (QEMU -icount shift=5: 32 ns for each).
#include <inttypes.h>
#include <stdio.h>

#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;

namespace {

constexpr Clock::duration kPeriod = 1ms;
constexpr std::uint64_t kNanosecondsPerInstruction = 32;
/// docs/timing.md: twice the kernel's longest stretch without a look for interrupts, and the sensor's own way.
constexpr std::uint64_t kLongestStretch = 14'600, kOwnWay = 100;
constexpr std::uint64_t kBound = 2 * kLongestStretch + kOwnWay;

std::uint64_t in_instructions(std::uint64_t ticks) {
  return static_cast<std::uint64_t>(Clock::from_ticks(ticks).time_since_epoch().count()) / kNanosecondsPerInstruction;
}

}  // namespace

int main() {
  const std::uint64_t period = Clock::to_ticks(kPeriod);
  std::uint64_t worst = 0, worst_at = 0, sum = 0;
  std::uint64_t next = detail::counter_now() + 20 * period;
  for (std::uint64_t number = 0; number < argument(); ++number, next += period) {
    sleep_until(Clock::from_ticks(next));
    const std::uint64_t late = detail::counter_now() - next;
    sum += late;
    if (late <= worst) continue;
    worst = late;
    worst_at = number;
  }
  const bool holds = in_instructions(worst) <= kBound;
  printf("%" PRIu64 " periods, at worst %" PRIu64 " ticks late (%" PRIu64 " instructions, in period %" PRIu64
         "), %" PRIu64 " on average; the bound is %" PRIu64 " instructions\n",
         argument(), worst, in_instructions(worst), worst_at, sum / argument(), kBound);
  printf("%s 1 - the sensor was never later than the bound\n1..1\n", holds ? "ok" : "not ok");
  handles::system.verdict(holds ? 0 : 1).ignore();
  return holds ? 0 : 1;
}
