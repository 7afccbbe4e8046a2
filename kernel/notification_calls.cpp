// SPDX-License-Identifier: Apache-2.0
//
// Notifications: what lies between the registers and the notification's state machine. A badge limits what its
// capability can set.
#include "kernel/blocking_call.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/interrupt_objects.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

template <>
base::Result<Decision> handle<abi::SystemCall::NOTIFICATION_CREATE>(const Call& call) {
  call.results().succeed(TRY(create_notification(call.held, call.silo())));
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::NOTIFICATION_SIGNAL>(const Call& call) {
  const std::uint64_t bits = call.arguments().signalled_bits();
  TRY(check_bits(*call.capability, bits));
  ipc::WakeList wakes;
  notification_of(*call.capability).signal(bits, wakes);
  wake_all(call, wakes);
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::NOTIFICATION_WAIT>(const Call& call) {
  const Wait wait = Wait::until(call.arguments().deadline());
  finish_awaited_lines(notification_of(*call.capability), call.arguments().awaited_bits());
  ipc::WakeList wakes;
  const ipc::Outcome outcome =
      notification_of(*call.capability).wait(call.thread, call.arguments().awaited_bits(), wait.blocking);
  return conclude(call, outcome, BlockedOn::Wait, wait, wakes);
}

}  // namespace kernel
