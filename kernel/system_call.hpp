// SPDX-License-Identifier: Apache-2.0
//
// System calls: one handler for each line of ipc/abi/syscalls.def, declared here from that table, defined in
// *_calls.cpp. A line without a handler does not link. The dispatcher has looked the handle up and checked type and
// right before a handler runs.
#pragma once

#include "kernel/base/result.hpp"
#include "kernel/core.hpp"
#include "kernel/message_registers.hpp"
#include "kernel/silo.hpp"

namespace kernel {

/// One system call on its way.
struct Call {
  Unlocked held;
  Thread& thread;
  Capability*
      capability;  ///< what X0 names, of the type and with the right of the table; null if the table asks for no handle
  /// The thread is blocked, and its call is done on its behalf (inbox.cpp), on another core than its own most of the
  /// time. Its results in registers are the handler's to write as ever; what its own core counts is not.
  bool is_on_behalf = false;

  Arguments arguments() const { return Arguments(thread.context()); }
  Results results() const { return Results(thread.context()); }
  Silo& silo() const { return thread.silo(); }
  /// That does the call.
  Core& core() const { return this_core(); }
  void count_sent(std::uint32_t messages = 1) const {
    (is_on_behalf ? thread.messages_sent_abroad : silo().messages_sent) += messages;
  }
};

/// A handler: an error becomes the status in X0, all else zero; otherwise the handler has written the results, unless
/// the thread is blocked.
template <abi::SystemCall kNumber>
base::Result<Decision> handle(const Call& call);

#define SYSTEM_CALL(number, name, object, right, in, out, errors, text) \
  template <>                                                           \
  base::Result<Decision> handle<abi::SystemCall::name>(const Call& call);
#include "ipc/abi/syscalls.def"
#undef SYSTEM_CALL

/// Whether the call is refused to silos that have given something up (ipc/abi/pledges.def).
constexpr bool needs_a_pledge(abi::SystemCall number) {
#define PLEDGED_CALL(call, name) \
  if (number == abi::SystemCall::call) return true;
#include "ipc/abi/pledges.def"
#undef PLEDGED_CALL
  return false;
}

/// Whether there is a call of this number and its X0 is a handle.
bool takes_handle(std::uint64_t number);

/// The call that the running thread has made, from its registers to its results.
Decision dispatch_system_call(Unlocked held, Thread& thread);
/// The call that a blocked thread has made; it waits for nothing meanwhile. Its thread is posted when it is done.
void do_system_call_of(Unlocked held, Thread& thread);

}  // namespace kernel
