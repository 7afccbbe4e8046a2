// SPDX-License-Identifier: Apache-2.0
//
// Notifications, semaphores, timers, waiting for several objects; and the interrupt of a timer that takes the processor
// away from this silo for a more urgent one.
#include "parts.hpp"
#include "timer_waiter.hpp"

namespace bench {

namespace {

void measure_notification() {
  measure(Row::NotifyUrgentWaiter, kRounds, "a notification is signalled",
          [] { return granary_notification_signal(handles::bell.value(), 1); });
  // The waiter answers with how often it woke: it is more urgent, so it has taken each signal before the next.
  const Result<Message> woken = handles::bell_count.call({}, 1s);
  expect(woken.ok() && woken->words[0] == kRounds + kWarmUp, "the waiter took each signal by itself");
}

void measure_semaphore() {
  const Semaphore semaphore = Semaphore::create(0).value();
  measure(
      Row::SemaphorePostWait, kRounds, "a semaphore counts up and down", [&]() __attribute__((always_inline)) {
        const granary_status status = granary_semaphore_post(semaphore.value());
        return status == GRANARY_OK ? granary_semaphore_wait(semaphore.value(), GRANARY_DEADLINE_FOREVER) : status;
      });
  semaphore.close().value();
}

void measure_timer_set() {
  const Notification notification = Notification::create().value();
  const Timer timer = Timer::create(notification, 1).value();
  std::uint64_t when = Deadline(1h).ticks();
  measure(
      Row::TimerSet, kRounds,
      "a timer is set", [&]() __attribute__((always_inline)) { return granary_timer_set(timer.value(), ++when, 0); });
  expect(timer.cancel().value(), "the timer was running");
  timer.close().value();
  notification.close().value();
}

void measure_wait_any() {
  Notification objects[GRANARY_WAIT_ANY_MAXIMUM];
  WaitSet set;
  std::uint64_t places[GRANARY_WAIT_ANY_MAXIMUM];
  for (unsigned i = 0; i < GRANARY_WAIT_ANY_MAXIMUM; ++i) {
    objects[i] = Notification::create().value();
    places[i] = objects[i].value() | GRANARY_EVENT_READABLE;
  }
  objects[GRANARY_WAIT_ANY_MAXIMUM - 1].signal(1).value();
  std::uint64_t ready = 0;
  measure(
      Row::WaitAny, kRounds, "one of eight objects is ready", [&]() __attribute__((always_inline)) {
        return granary_wait_any(GRANARY_WAIT_ANY_MAXIMUM, places, GRANARY_DEADLINE_FOREVER, &ready);
      });
  expect(ready == 1u << (GRANARY_WAIT_ANY_MAXIMUM - 1), "it is the last one");
  for (const Notification& object : objects) object.close().value();
}

void measure_sleep() {
  measure(Row::SleepUntil, kRounds / 10, "a sleep ends", [] {
    const std::uint64_t until = detail::counter_now() + 2000;
    granary_sleep_until(until);
    return detail::counter_now() >= until ? GRANARY_OK : GRANARY_ETIMEDOUT;
  });
}

}  // namespace

void measure_events() {
  measure_notification();
  measure_semaphore();
  measure_timer_set();
  measure_wait_any();
  measure_sleep();
}

void measure_timer_wake_up() {
  const std::uint64_t period = detail::counter_frequency() / 1'000'000 * kTimerPeriod.count();
  handles::start_timer.signal(1).value();
  const std::uint64_t end = detail::counter_now() + (kTimerWakeUps + 2) * period;
  open_window(Row::TimerWakeUp, kTimerWakeUps);
  while (detail::counter_now() < end) {
  }
  close_window();
  expect(handles::timer_done.wait(1, 1s).ok(), "the silo that waits for the timer woke as often as it should");
}

/// The driver's silo measures it itself.
void measure_device_interrupt() {
  handles::start_driver.signal(1).value();
  expect(handles::driver_done.wait(1, 20s).ok(), "the driver has done its rounds");
}

}  // namespace bench
