// SPDX-License-Identifier: Apache-2.0
//
// Waits for its notification and semaphore by handles that may only signal and post, and signals by one that may only
// wait; then tries to get the right back. Expected: refused. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Notification word = Notification::create().value();
  const Semaphore gate = Semaphore::create(1).value();
  const Notification signaller = word.duplicate(GRANARY_RIGHT_NOTIFICATION_SIGNAL | GRANARY_RIGHT_DUPLICATE).value();
  const Notification waiter = word.duplicate(GRANARY_RIGHT_NOTIFICATION_WAIT).value();
  const Semaphore poster = gate.duplicate(GRANARY_RIGHT_SEMAPHORE_POST).value();
  signaller.signal(1).value();
  std::uint64_t got = 0;
  refused(granary_notification_wait(signaller.value(), 1, 0, &got), GRANARY_EPERM, "a wait by a signalling handle");
  refused(granary_notification_signal(waiter.value(), 2), GRANARY_EPERM, "a signal by a waiting handle");
  refused(granary_semaphore_wait(poster.value(), 0), GRANARY_EPERM, "a wait by a posting handle");
  refused(granary_semaphore_try_wait(poster.value()), GRANARY_EPERM, "a try by a posting handle");
  granary_handle more;
  refused(granary_handle_duplicate(signaller.value(), GRANARY_RIGHT_NOTIFICATION_WAIT, &more), GRANARY_EPERM,
          "the right to wait out of nothing");
  refused(granary_timer_create(waiter.value(), 1, &more), GRANARY_EPERM, "a timer that signals for a waiting handle");
  for (const Handle& each : {Handle(signaller), Handle(poster)}) {
    std::uint64_t set[8] = {each.value() | GRANARY_EVENT_READABLE};
    refused(granary_wait_any(1, set, 0, &got), GRANARY_EPERM, "watching without the right");
  }
  holds(waiter.try_wait().value() == 1, "nothing of it has touched the bits");
  return outcome();
}
