// SPDX-License-Identifier: Apache-2.0
//
// Handles themselves: duplicate, close, info; and the calls that ask the kernel about nothing but itself.
#include "kernel/blocking_call.hpp"
#include "kernel/link.hpp"
#include "kernel/objects.hpp"
#include "kernel/system_call.hpp"
#include "kernel/trace.hpp"

namespace kernel {

template <>
base::Result<Decision> handle<abi::SystemCall::NULL_CALL>(const Call& call) {
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::ABI_VERSION>(const Call& call) {
  call.results().succeed(std::uint64_t{abi::kVersionMajor} << 16 | abi::kVersionMinor);
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::HANDLE_DUPLICATE>(const Call& call) {
  const Arguments arguments = call.arguments();
  const std::uint64_t made =
      TRY(call.silo().capabilities.duplicate(call.held, arguments.handle(), arguments.rights_to_keep()));
  if (trace_is_on()) trace(abi::TraceEvent::CapabilityGrant, &call.thread, arguments.handle(), made);
  call.results().succeed(made);
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::HANDLE_CLOSE>(const Call& call) {
  if (trace_is_on()) trace(abi::TraceEvent::CapabilityClose, &call.thread, call.arguments().handle());
  TRY(close_handle(call.held, call.silo(), call.arguments().handle()));
  call.core().note_work(call.thread.effective_priority());
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::HANDLE_INFO>(const Call& call) {
  const Capability& capability = *call.capability;
  call.results().succeed(static_cast<std::uint64_t>(capability.object->type), capability.rights, capability.badge,
                         missed_deadlines(capability.link));
  return Decision::stay();
}

}  // namespace kernel
