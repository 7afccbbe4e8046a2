// SPDX-License-Identifier: Apache-2.0
//
// Capabilities passed on and taken back: grant, revoke, names, and what a silo gives up itself.
#include "kernel/blocking_call.hpp"
#include "kernel/core.hpp"
#include "kernel/flow_policy.hpp"
#include "kernel/objects.hpp"
#include "kernel/published_names.hpp"
#include "kernel/revoke.hpp"
#include "kernel/system_call.hpp"
#include "kernel/trace.hpp"

namespace kernel {

template <>
base::Result<Decision> handle<abi::SystemCall::HANDLE_GRANT>(const Call& call) {
  const Arguments arguments = call.arguments();
  const Capability* const target = TRY(call.silo().capabilities.lookup(arguments.target_silo(), abi::Right::SiloGrant));
  Silo& receiver = silo_of(*target);
  if (receiver.core() != call.core().id()) {
    become_shared(*call.capability->object);  // before anybody over there can use it
    return core_of(receiver.core()).visit(call.thread, receiver, BlockedOn::Kernel, base::Ticks::forever());
  }
  const std::uint64_t rights = arguments.rights_to_give();
  Capability& source = *call.capability;
  if ((rights & ~source.rights) != 0) return base::Error::EPERM;
  if (receiver.has_stopped()) return base::Error::EPIPE;
  if (!flow_permits(receiver, *source.object, rights)) return base::Error::EACCES;
  const Grant grant{source.object, rights, source.badge, source.end};
  const std::uint64_t made = TRY(receiver.capabilities.insert_derived(call.held, source, grant));
  if (trace_is_on()) trace(abi::TraceEvent::CapabilityGrant, &call.thread, arguments.handle(), made);
  call.results().succeed(made);
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::HANDLE_REVOKE>(const Call& call) {
  if (call.capability->object->is_revoking) return base::Error::EBUSY;
  if (trace_is_on()) trace(abi::TraceEvent::CapabilityRevoke, &call.thread, call.arguments().handle());
  begin_revoke(call.thread, *call.capability);
  call.thread.waiting = ipc::Waiting::Kernel;
  call.core().block(call.thread, BlockedOn::Kernel, base::Ticks::forever());
  call.core().note_work(call.thread.effective_priority());
  return Decision::leave();
}

template <>
base::Result<Decision> handle<abi::SystemCall::NAME_PUBLISH>(const Call& call) {
  const NameArgument name = TRY(NameArgument::parse(call.arguments().all_words()));
  TRY(publish(call.held, call.silo(), *call.capability, name));
  call.core().note_work(call.thread.effective_priority());
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::NAME_UNPUBLISH>(const Call& call) {
  const NameArgument name = TRY(NameArgument::parse(call.arguments().all_words()));
  TRY(unpublish(call.held, call.silo(), name.view()));
  call.core().note_work(call.thread.effective_priority());
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::NAME_CONNECT>(const Call& call) {
  const NameArgument name = TRY(NameArgument::parse(call.arguments().all_words()));
  const Wait wait = Wait::until(call.arguments().deadline());
  const auto handle = connect(call.held, call.thread, name);
  if (handle.ok()) {
    call.results().succeed(handle.value());
    return Decision::stay();
  }
  if (handle.error() != base::Error::EAGAIN) return handle.error();
  if (wait.blocking == ipc::Blocking::DoNotBlock)
    return wait.deadline.value() == abi::kDeadlineDoNotBlock ? base::Error::EAGAIN : base::Error::ETIMEDOUT;
  ipc::WakeList wakes;
  return conclude(call, wait_for_name(call.thread, name.view()), BlockedOn::Wait, wait, wakes);
}

template <>
base::Result<Decision> handle<abi::SystemCall::SILO_PLEDGE>(const Call& call) {
  TRY(call.silo().pledge(call.arguments().classes_to_keep()));
  call.results().succeed(call.silo().pledges());
  return Decision::stay();
}

}  // namespace kernel
