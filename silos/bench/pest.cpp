// SPDX-License-Identifier: Apache-2.0
//
// From another core: calls a silo that has no time for it, gives up at once and comes again, as long as its bell has
// been rung an odd number of times.
#include "granary/granary.hpp"
#include "handles.hpp"

int main() {
  std::uint64_t taken = 0;
  for (;;) {
    if (granary_notification_wait(handles::pest_bell.value(), 1, GRANARY_DEADLINE_FOREVER, &taken) != GRANARY_OK)
      return 1;
    do {
      const auto result = handles::meek.call({0, {}}, granary::Clock::now() + std::chrono::nanoseconds(1));
      if (result.ok() || result.error() != granary::kTimedOut) return 2;
    } while (granary_notification_wait(handles::pest_bell.value(), 1, GRANARY_DEADLINE_DO_NOT_BLOCK, &taken) !=
             GRANARY_OK);
  }
}
