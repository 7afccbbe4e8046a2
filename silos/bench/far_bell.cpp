// SPDX-License-Identifier: Apache-2.0
//
// Waits for a notification from another core, and signals one back each time.
#include "granary/granary.hpp"
#include "handles.hpp"

int main() {
  std::uint64_t taken = 0;
  while (granary_notification_wait(handles::bell_there.value(), 1, GRANARY_DEADLINE_FOREVER, &taken) == GRANARY_OK) {
    if (granary_notification_signal(handles::bell_back.value(), 1) != GRANARY_OK) return 1;
  }
  return 1;
}
