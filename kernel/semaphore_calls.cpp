// SPDX-License-Identifier: Apache-2.0
//
// Semaphores: what lies between the registers and the semaphore's state machine.
#include "kernel/blocking_call.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

namespace {

base::Result<Decision> wait_for(const Call& call, const Wait& wait) {
  ipc::WakeList wakes;
  const ipc::Outcome outcome = semaphore_of(*call.capability).wait(call.thread, wait.blocking);
  return conclude(call, outcome, BlockedOn::Wait, wait, wakes);
}

}  // namespace

template <>
base::Result<Decision> handle<abi::SystemCall::SEMAPHORE_CREATE>(const Call& call) {
  call.results().succeed(TRY(create_semaphore(call.held, call.silo(), call.arguments().initial_count())));
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::SEMAPHORE_WAIT>(const Call& call) {
  return wait_for(call, Wait::until(call.arguments().deadline()));
}

template <>
base::Result<Decision> handle<abi::SystemCall::SEMAPHORE_TRY_WAIT>(const Call& call) {
  return wait_for(call, Wait::not_at_all());
}

template <>
base::Result<Decision> handle<abi::SystemCall::SEMAPHORE_POST>(const Call& call) {
  ipc::WakeList wakes;
  TRY(semaphore_of(*call.capability).post(wakes));
  wake_all(call, wakes);
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::SEMAPHORE_CLOSE>(const Call& call) {
  return handle<abi::SystemCall::HANDLE_CLOSE>(call);
}

}  // namespace kernel
