// SPDX-License-Identifier: Apache-2.0
//
// The C++ interface of Granary. A program includes this (or only the generated "handles.hpp", which includes it) and
// writes main().
//
//   granary::Result<T>      a value or an Error with name() and message(); ignoring one is a warning
//   granary::Port, Channel  send, call, receive ... with deadlines: `port.call({.opcode = 1}, 100ms)`
//   granary::AsyncChannel   never waits to send; granary::Batch: 16 messages in one crossing
//   granary::Notification, Semaphore, Timer, WaitSet   events: to set, count, time and wait for
//   granary::Region         memory that silos share
//   granary::Owned, Mapping   handles and mapped memory that are given up when they go out of scope
//   granary::publish, connect, pledge, handle.revoke(), port.send_with()   capabilities passed on and taken back
//   granary::Clock          a std::chrono clock on the counter that the kernel uses
//   granary::sleep_for ...  below
// By their own headers: Executor (executor.hpp), Log (log.hpp), testing (testing.hpp), streams (stream.hpp).
// The same in words, with examples: docs/sdk.md.
#pragma once

#include <cstdint>

#include "granary/async_channel.hpp"
#include "granary/audit.hpp"
#include "granary/batch.hpp"
#include "granary/capability.hpp"
#include "granary/clock.hpp"
#include "granary/console_owner.hpp"
#include "granary/granary.h"
#include "granary/interrupt.hpp"
#include "granary/message.hpp"
#include "granary/notification.hpp"
#include "granary/objects.hpp"
#include "granary/observe.hpp"
#include "granary/owned.hpp"
#include "granary/region.hpp"
#include "granary/result.hpp"
#include "granary/semaphore.hpp"
#include "granary/system.hpp"
#include "granary/timer.hpp"
#include "granary/trace.hpp"
#include "granary/wait.hpp"

namespace granary {

/// Waits, at least until then.
inline void sleep_until(Deadline deadline) { granary_sleep_until(deadline.ticks()); }
/// Waits, at least so long.
template <typename Rep, typename Period>
void sleep_for(std::chrono::duration<Rep, Period> time) {
  sleep_until(Deadline(time));
}
/// Lets another thread of the same priority run.
inline void yield() { granary_yield(); }

/// The number that the manifest gives this silo (`argument = 3`), 0 if none.
std::uint64_t argument();
/// Ends the silo at once with that status, all its threads; what printf holds of the calling thread's last line is
/// printed.
[[noreturn]] void exit_silo(int status);
/// Ends the calling thread; the last one ends the silo with status 0.
[[noreturn]] void exit_thread();

}  // namespace granary
