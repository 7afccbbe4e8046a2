// SPDX-License-Identifier: Apache-2.0
//
// Starting the other cores, and what they do. Owns one state word per core; the core itself moves it from Absent to
// Parked or Unfit, once, and never touches anything else afterwards.
#include "hal/aarch64/secondary.hpp"

#include <atomic>

#include "hal/aarch64/barrier.hpp"
#include "hal/aarch64/cache.hpp"
#include "hal/aarch64/control_registers.hpp"
#include "hal/aarch64/psci.hpp"
#include "hal/aarch64/secondary_startup.h"
#include "hal/aarch64/stage1.hpp"
#include "hal/aarch64/sysreg.hpp"
#include "hal/gic/gic.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/port/entry.hpp"

namespace hal {

using base::Error;

namespace {

enum class State : std::uint32_t { Absent, Parked, Unfit };

// ORDERING: release by the core, acquire by who waits for it: what the core programmed is done when its state says so.
constinit std::atomic<State> states[kMaximumCores] = {};
/// Set once, when there is something to run.
constinit std::atomic<bool> has_started{false};

constinit CoreDescription descriptions[kMaximumCores] = {};
constinit std::uint32_t core_count = 0;

/// A core that the firmware releases is here within microseconds; one that is not after this long never comes.
base::Ticks patience() { return base::Ticks(port::clock_frequency()); }

/// Writes the entry where the core of a spin table looks. Its page is nobody's memory (page 0 of the Pi, reserved by
/// the tree), so it is mapped as a device: the waiting core has its caches off and must see the word in memory at once.
base::Result<void> release_from_spin_table(base::PhysicalAddress release_address, base::PhysicalAddress entry) {
  if (release_address.value() % sizeof(std::uint64_t) != 0) return Error::EINVAL;
  const base::VirtualAddress slot = TRY(stage1::map_device(release_address, sizeof(std::uint64_t)));
  // SAFETY: mapped just above for exactly this word, aligned; only the waiting core reads it.
  *reinterpret_cast<volatile std::uint64_t*>(slot.value()) = entry.value();
  barrier::dsb_sy();  // the word is in memory before the event that makes the core look
  barrier::send_event();
  return {};
}

bool release(const CoreDescription& core) {
  const base::PhysicalAddress entry = stage1::physical_address_of(secondary_entry);
  switch (core.method) {
    case EnableMethod::None: return false;
    case EnableMethod::PsciSmc: {
      const psci::Status status = psci::start_core(core.affinity, entry);
      return status == psci::Status::Success || status == psci::Status::OnPending;
    }
    case EnableMethod::SpinTable: return release_from_spin_table(core.release_address, entry).ok();
  }
  return false;
}

}  // namespace

const char* describe(SecondaryOutcome outcome) {
  switch (outcome) {
    case SecondaryOutcome::Parked: return "parked";
    case SecondaryOutcome::NotStarted: return "not started: no enable method, or the firmware refuses";
    case SecondaryOutcome::TimedOut: return "released, but it did not come within a second";
    case SecondaryOutcome::CannotHostSilos: return "parked, but it cannot host silos";
  }
  return "";
}

std::uint64_t this_core_affinity() { return sysreg::MpidrEl1::read().affinity(); }

base::Result<void> prepare_secondaries(std::span<const CoreDescription> cores) {
  if (cores.empty() || cores.size() > kMaximumCores || cores[0].affinity != this_core_affinity()) return Error::EINVAL;
  for (std::size_t i = 0; i < cores.size(); ++i) {
    descriptions[i] = cores[i];
    secondary_startup.affinity[i] = cores[i].affinity;
  }
  core_count = static_cast<std::uint32_t>(cores.size());
  secondary_startup.translation_base = stage1::translation_base().value();
  secondary_startup.core_count = core_count;
  // C5: a released core runs start.S and reads secondary_startup and the start-up tables with its MMU off. The tables
  // were written with the MMU off; the image's code came through the loader's caches; secondary_startup was written
  // just now.
  cache::clean_to_coherency(kernel_image_start, static_cast<std::uint64_t>(kernel_rodata_end - kernel_image_start));
  cache::clean_to_coherency(&secondary_startup, sizeof secondary_startup);
  barrier::dsb_sy();  // all of it is in memory before the first core is released
  return {};
}

SecondaryOutcome start_secondary(base::CoreId core) {
  if (core.value() == 0 || core.value() >= core_count) return SecondaryOutcome::NotStarted;
  const std::atomic<State>& state = states[core.value()];
  if (!release(descriptions[core.value()])) return SecondaryOutcome::NotStarted;
  const std::uint64_t limit = (port::now() + patience()).value();
  while (state.load(std::memory_order_acquire) == State::Absent && port::now().value() < limit) barrier::spin_hint();
  switch (state.load(std::memory_order_acquire)) {
    case State::Absent: return SecondaryOutcome::TimedOut;
    case State::Parked: return SecondaryOutcome::Parked;
    case State::Unfit: return SecondaryOutcome::CannotHostSilos;
  }
  return SecondaryOutcome::TimedOut;
}

std::uint64_t fit_cores() {
  std::uint64_t fit = 1;
  for (std::uint32_t core = 1; core < core_count; ++core) {
    if (states[core].load(std::memory_order_acquire) == State::Parked) fit |= std::uint64_t{1} << core;
  }
  return fit;
}

extern "C" void secondary_main(std::uint64_t core) {
  const bool is_fit = program_control_registers().ok() && initialize_interrupts_of_this_core().ok();
  states[core].store(is_fit ? State::Parked : State::Unfit, std::memory_order_release);
  if (!is_fit) port::halt();
  // ORDERING: acquire, with the release of start_other_cores: all that boot has written is there.
  while (!has_started.load(std::memory_order_acquire)) barrier::wait_for_event();
  port::kernel_on_core_start();
}

}  // namespace hal

namespace port {

void start_other_cores() {
  hal::has_started.store(true, std::memory_order_release);
  hal::barrier::dsb_sy();  // the word is there before the event that makes them look
  hal::barrier::send_event();
}

}  // namespace port
