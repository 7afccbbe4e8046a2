// SPDX-License-Identifier: Apache-2.0
//
// What all calls have in common that may block: what their deadline means, and what follows from the outcome of an IPC
// operation. Owns nothing.
#pragma once

#include "kernel/system_call.hpp"

namespace kernel {

/// The rest of admit_message(), for a silo that has a limit.
base::Result<void> admit_limited_message(Silo& silo, const ipc::Message& message);

/// The deadline of a call (design 6): 0 does not block, all ones waits for ever, and one that has passed behaves like 0
/// but is told as ETIMEDOUT: so what can complete at once does, whatever the deadline.
struct Wait {
  base::Ticks deadline;
  ipc::Blocking blocking;

  static Wait until(base::Ticks deadline);
  /// What an operation that ended with this error is told: EAGAIN is ETIMEDOUT if there was a deadline.
  base::Error error_of(base::Error error) const;
  static Wait not_at_all() { return {base::Ticks(abi::kDeadlineDoNotBlock), ipc::Blocking::DoNotBlock}; }
};

/// Every message that a silo sends passes here before anything is done with it: sends and calls of any kind, each
/// message of a batch; not replies, which their callers have paid for. ENOBUFS if it is more than the silo's rate
/// permits. An admitted message counts, whether its send then succeeds or not.
inline base::Result<void> admit_message(const Call& call, const ipc::Message& message) {
  if (!call.silo().rate.is_limited()) return {};
  return admit_limited_message(call.silo(), message);
}

/// The end of a handler: results into the registers of a completed operation, or the thread blocks; whoever was woken
/// becomes ready.
base::Result<Decision> conclude(const Call& call, ipc::Outcome outcome, BlockedOn operation, const Wait& wait,
                                ipc::WakeList& wakes);

/// Whoever an operation has completed becomes ready, and what it left to do is noted.
void wake_all(const Call& call, ipc::WakeList& wakes);

/// The same for an operation that has blocked its thread (Core::block was called) and passed the core on: to the first
/// of `wakes`.
Decision hand_over(const Call& call, ipc::WakeList& wakes);

/// A capability of the silo is about to end: operations of its threads that are blocked through it end with this error:
/// EPIPE if it is closed, ECANCELED if it is revoked. At most kThreadsPerSilo.
void end_operations_through(Silo& silo, std::uint64_t handle, base::Error error);
/// Whether the thread is blocked in an operation that it began through this handle.
bool is_blocked_through(const Thread& thread, std::uint64_t handle);

}  // namespace kernel
