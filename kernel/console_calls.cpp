// SPDX-License-Identifier: Apache-2.0
//
// The calls of the silo that has the console's transmitter, and how it learns that something was printed: the console
// is an object like others that can be waited for and bound to a notification (watching.cpp), readable while there is
// something that its owner has not read. Owns that watch point. Told at the kernel's exits (Core::resume), because text
// comes from everywhere and who is woken must be known before the next thread is chosen.
#include "kernel/console.hpp"

#include <new>

#include "kernel/blocking_call.hpp"
#include "kernel/console_readable.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/objects.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

namespace {

constinit ipc::WatchPoint readable;

/// SAFETY: the kernel's own mapping of a whole page, which lives as long as its thread; bytes of it are only written.
std::span<char> bytes_of(abi::MessagePage& page) {
  static_assert(abi::kConsoleReadMaximum <= base::kPageSize && sizeof page <= base::kPageSize);
  return {static_cast<char*>(static_cast<void*>(&page)), abi::kConsoleReadMaximum};
}

}  // namespace

ipc::WatchPoint& console_readable() { return readable; }

void reset_console_owner() {
  ::new (&readable) ipc::WatchPoint;  // nobody of an earlier boot waits
  console_forget_owner();
}

void Core::tell_console_owner() {
  console_owner_told();
  ipc::WakeList wakes;
  readable.raise(wakes);
  wake(wakes);
  if (ipc::raising_is_pending()) note_work(base::Priority(0));
}

template <>
base::Result<Decision> handle<abi::SystemCall::CONSOLE_TAKE>(const Call& call) {
  const Arguments arguments = call.arguments();
  Capability& signaller =
      *TRY(call.silo().capabilities.lookup(arguments.notification(), abi::Right::NotificationSignal));
  if (arguments.bits() == 0) return base::Error::EINVAL;
  TRY(check_bits(signaller, arguments.bits()));
  const std::optional<base::SiloId> owner = console_owner();
  if (owner && *owner != call.silo().id) return base::Error::EBUSY;
  ipc::WakeList wakes;
  TRY(bind(call.held, call.silo(), *call.capability, static_cast<std::uint64_t>(abi::Event::Readable), signaller,
           arguments.bits(), wakes));
  console_give_to(call.silo().id);
  wake_all(call, wakes);
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::CONSOLE_READ>(const Call& call) {
  if (console_owner() != call.silo().id) return base::Error::EPIPE;
  const ConsoleText read = TRY(console_read(call.arguments().console_position(), bytes_of(call.thread.message_page())));
  call.results().succeed(read.bytes, read.position, read.lines_lost);
  return Decision::stay();
}

}  // namespace kernel
