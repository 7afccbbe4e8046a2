// SPDX-License-Identifier: Apache-2.0
//
// Timers: what lies between the registers and the timer.
#include "kernel/blocking_call.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

template <>
base::Result<Decision> handle<abi::SystemCall::TIMER_CREATE>(const Call& call) {
  const Arguments arguments = call.arguments();
  Capability* const signaller =
      TRY(call.silo().capabilities.lookup(arguments.notification(), abi::Right::NotificationSignal));
  call.results().succeed(TRY(create_timer(call.held, call.silo(), *signaller, arguments.bits())));
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::TIMER_SET>(const Call& call) {
  const std::uint64_t period = call.arguments().timer_period();
  const std::uint64_t minimum = port::clock_frequency() * abi::kTimerPeriodMinimum / 1'000'000;
  if (period != 0 && period < minimum) return base::Error::EINVAL;
  TRY(set_timer(timer_of(*call.capability), call.arguments().first_expiry(), period));
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::TIMER_CANCEL>(const Call& call) {
  const bool was_running = cancel_timer(timer_of(*call.capability));
  call.results().succeed(was_running ? 1 : 0);
  return Decision::stay();
}

}  // namespace kernel
