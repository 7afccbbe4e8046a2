// SPDX-License-Identifier: Apache-2.0
//
// A silo about itself (exit, yield, sleep), the console, other silos' state, and the verdict.
#include "kernel/blocking_call.hpp"
#include "kernel/console.hpp"
#include "kernel/direct_call.hpp"
#include "kernel/fault.hpp"
#include "kernel/objects.hpp"
#include "kernel/silo_stop.hpp"
#include "kernel/system_call.hpp"
#include "kernel/verdict.hpp"

namespace kernel {

template <>
base::Result<Decision> handle<abi::SystemCall::EXIT>(const Call& call) {
  return exit_silo(call.thread, call.arguments().exit_status());
}

template <>
base::Result<Decision> handle<abi::SystemCall::THREAD_EXIT>(const Call& call) {
  if (call.silo().live_threads() == 1) return exit_silo(call.thread, 0);
  call.core().end_thread(call.thread);
  static_cast<void>(call.silo().thread_ended());
  return Decision::leave();
}

template <>
base::Result<Decision> handle<abi::SystemCall::YIELD>(const Call& call) {
  call.results().succeed();
  return Decision::yield();
}

template <>
base::Result<Decision> handle<abi::SystemCall::SLEEP_UNTIL>(const Call& call) {
  const Wait wait = Wait::until(call.arguments().deadline());
  call.results().succeed();
  if (wait.blocking == ipc::Blocking::DoNotBlock) return Decision::stay();
  call.core().block(call.thread, BlockedOn::Sleep, wait.deadline);
  return Decision::leave();
}

template <>
base::Result<Decision> handle<abi::SystemCall::SILO_KICK>(const Call& call) {
  call.silo().watchdog.is_kicked = true;
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::CONSOLE_WRITE>(const Call& call) {
  const Arguments::ConsoleText text = TRY(call.arguments().console_text());
  Silo& silo = call.silo();
  const std::uint32_t taken =
      console_write_silo(silo.name.view(), silo.console_line, std::string_view(text.byte, text.length));
  call.core().note_console();
  if (taken == 0 && text.length != 0) return base::Error::EAGAIN;
  call.results().succeed(taken);
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::SILO_STATUS>(const Call& call) {
  const Silo& silo = silo_of(*call.capability);
  const SiloEnd end = end_of(silo);
  const DirectCallCounts direct = direct_call_counts(silo);
  call.results().succeed(Values{{static_cast<std::uint64_t>(silo.state()), end.why, end.address, silo.refused_calls,
                                 silo.messages_sent + direct.sent, silo.messages_received + direct.received,
                                 silo.live_threads(), end.program_counter}});
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::SYSTEM_VERDICT>(const Call& call) {
  const std::uint64_t status = call.arguments().verdict();
  if (status > kVerdictMaximum) return base::Error::EINVAL;
  give_verdict(status);
  call.core().note_console();
  call.results().succeed();
  return Decision::stay();
}

}  // namespace kernel
