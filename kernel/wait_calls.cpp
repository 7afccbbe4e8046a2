// SPDX-License-Identifier: Apache-2.0
//
// Waiting for any of several things, and binding things to a notification. Everything is checked before anything is
// done; WAIT_ANY tests every condition and blocks only if none holds, and takes nothing.
#include "kernel/blocking_call.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/system_call.hpp"
#include "kernel/watching.hpp"

namespace kernel {

namespace {

constexpr abi::Event kEvents[ipc::kEvents] = {abi::Event::Readable, abi::Event::Writable};

}  // namespace

template <>
base::Result<Decision> handle<abi::SystemCall::WAIT_ANY>(const Call& call) {
  const Arguments::WaitSet named = TRY(call.arguments().wait_set());
  ipc::WatchSet set;
  std::uint64_t ready = 0;
  for (unsigned place = 0; place < named.count; ++place) {
    const Capability& capability = *TRY(call.silo().capabilities.lookup(named.place[place].handle));
    for (unsigned i = 0; i < ipc::kEvents; ++i) {
      if ((named.place[place].events & static_cast<std::uint64_t>(kEvents[i])) == 0) continue;
      const Watched found = TRY(watched(call.held, capability, kEvents[i]));
      set.point[place * ipc::kEvents + i] = found.point;
      if (found.is_ready) ready |= std::uint64_t{1} << place;
    }
  }
  if (ready != 0) {
    call.results().succeed(ready);
    return Decision::stay();
  }
  const Wait wait = Wait::until(call.arguments().deadline());
  if (wait.blocking == ipc::Blocking::DoNotBlock)
    return wait.deadline.value() == abi::kDeadlineDoNotBlock ? base::Error::EAGAIN : base::Error::ETIMEDOUT;
  ipc::WakeList nobody;
  return conclude(call, ipc::wait_for_any(call.thread, set), BlockedOn::Wait, wait, nobody);
}

template <>
base::Result<Decision> handle<abi::SystemCall::BIND>(const Call& call) {
  const Arguments arguments = call.arguments();
  Capability& signaller =
      *TRY(call.silo().capabilities.lookup(arguments.notification(), abi::Right::NotificationSignal));
  if (arguments.bits() == 0) return base::Error::EINVAL;
  TRY(check_bits(signaller, arguments.bits()));
  ipc::WakeList wakes;
  TRY(bind(call.held, call.silo(), *call.capability, arguments.bound_events(), signaller, arguments.bits(), wakes));
  wake_all(call, wakes);
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::UNBIND>(const Call& call) {
  const Capability& notification =
      *TRY(call.silo().capabilities.lookup(call.arguments().notification(), abi::ObjectType::Notification));
  TRY(unbind(call.silo(), *call.capability, notification_of(notification)));
  // It may have been the last that could signal the notification.
  if (reap_pending(call.core())) call.core().note_work(call.thread.effective_priority());
  call.results().succeed();
  return Decision::stay();
}

}  // namespace kernel
