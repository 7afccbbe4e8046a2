// SPDX-License-Identifier: Apache-2.0
//
// What an operator and a supervisor do: start and restart a silo, and ask what has become of one. Stopping is in
// observer_calls.cpp. A silo is started on its own core.
#include "kernel/blocking_call.hpp"
#include "kernel/message_registers.hpp"
#include "kernel/silo.hpp"
#include "kernel/silo_restart.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

namespace {

base::Result<Silo*> named_silo(const Call& call) { return silo_of_number(call.arguments().observed_silo()); }
bool is_elsewhere(const Call& call, const Silo& silo) { return silo.core() != call.core().id(); }

Decision visit(const Call& call, Silo& silo) {
  return core_of(silo.core()).visit(call.thread, silo, BlockedOn::Kernel, base::Ticks::forever());
}

/// It takes as many steps as the silo has pages and capabilities.
base::Result<Decision> wait_for_kernel(const Call& call, Silo& silo, ipc::PartyQueue& place) {
  ipc::WakeList nobody;
  const ipc::Outcome outcome = ipc::wait_for_kernel(call.thread, place, silo);
  call.core().note_work(call.thread.effective_priority());
  const Wait wait{base::Ticks::forever(), ipc::Blocking::MayBlock};
  return conclude(call, outcome, BlockedOn::Kernel, wait, nobody);
}

}  // namespace

template <>
base::Result<Decision> handle<abi::SystemCall::SYSTEM_START>(const Call& call) {
  Silo& silo = *TRY(named_silo(call));
  if (is_elsewhere(call, silo)) return visit(call, silo);
  TRY(start_again(call.core(), silo));
  return wait_for_kernel(call, silo, silo.starters);
}

template <>
base::Result<Decision> handle<abi::SystemCall::SYSTEM_RESTART>(const Call& call) {
  Silo& silo = *TRY(named_silo(call));
  if (is_elsewhere(call, silo)) return visit(call, silo);
  restart_silo(call.thread, silo);
  if (&silo == &call.silo()) return Decision::leave();
  return wait_for_kernel(call, silo, silo.starters);
}

template <>
base::Result<Decision> handle<abi::SystemCall::SYSTEM_REPLACE>(const Call& call) {
  Silo& silo = *TRY(named_silo(call));
  if (is_elsewhere(call, silo)) return visit(call, silo);
  TRY(request_image(silo, call.arguments().wanted_image(), call.silo().id));
  call.core().expect(silo, base::Ticks());
  return wait_for_kernel(call, silo, silo.images.replacers);
}

template <>
base::Result<Decision> handle<abi::SystemCall::SYSTEM_LIFE>(const Call& call) {
  const Silo& silo = *TRY(named_silo(call));
  const SiloLife& life = silo.life;
  call.results().succeed(
      Values{{life.restarts, life.comes_back ? 1u : 0u, life.started.value(), static_cast<std::uint64_t>(life.last_end),
              life.last_why, silo.images.current, image_count(silo)}});
  return Decision::stay();
}

}  // namespace kernel
