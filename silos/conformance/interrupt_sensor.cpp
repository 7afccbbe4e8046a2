// SPDX-License-Identifier: Apache-2.0
//
// A silo with a period of a millisecond keeps it while another one, which is more urgent, has an interrupt that never
// stops. Manifest: the storming silo observed as `storm`.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

int main() {
  constexpr int kPeriods = 100;
  const Notification ticks = Notification::create().value();
  const Timer timer = Timer::create(ticks, 1).value();
  Clock::time_point due = Clock::now() + 1ms;
  timer.set(due, 1ms).value();
  Clock::duration latest{};
  int missed = 0, during = 0;
  for (int i = 0; i < kPeriods; ++i) {
    ticks.wait(1, 1s).value();
    const Clock::duration late = Clock::now() - due;
    if (late > latest) latest = late;
    while (due <= Clock::now()) {
      due += 1ms;
      ++missed;
    }
    --missed;
    if (handles::storm.status().value().running()) ++during;
  }
  check(during >= kPeriods / 2, "the other silo's interrupt storms");
  check_equal(static_cast<std::uint64_t>(missed), 0, "Q5 no period is missed");
  check(latest < 750us, "and none begins late");
  printf("# latest: %d us, while it stormed: %d of %d\n", static_cast<int>(latest / 1us), during, kPeriods);
  return finish();
}
