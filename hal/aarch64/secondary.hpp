// SPDX-License-Identifier: Apache-2.0
//
// The other cores: each is released by the method its device-tree node names, programs its control registers and its
// interrupt interface, and then waits in WFI with interrupts masked for ever, counted. No silo runs there. A core that
// does not come is a sentence in the boot path, never a hang. Call order: stage1::activate, program_control_registers
// and initialize_interrupts on the boot core, then start_secondary.
#pragma once

#include <cstdint>
#include <span>

#include "kernel/base/address.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"

namespace hal {

enum class EnableMethod : std::uint8_t { None, PsciSmc, SpinTable };

/// One core as the device tree describes it.
struct CoreDescription {
  std::uint64_t affinity = 0;  ///< `reg`: MPIDR_EL1's affinity fields
  EnableMethod method = EnableMethod::None;
  base::PhysicalAddress release_address;  ///< spin table: `cpu-release-addr`
};

enum class SecondaryOutcome : std::uint8_t {
  Parked,           ///< it came, is programmed, and waits
  NotStarted,       ///< no enable method, or the firmware refused
  TimedOut,         ///< released, but not seen within a second
  CannotHostSilos,  ///< it came, but program_control_registers or its interrupt interface failed; it waits all the same
};

/// A word for each outcome, for the boot path's line.
const char* describe(SecondaryOutcome outcome);

/// Tells hal which cores there are: index = core number, `cores[0]` is the core that runs this. At most kMaximumCores.
/// Cleans what they read with their MMU off (C5). EINVAL if there are too many, or cores[0] is not this core.
base::Result<void> prepare_secondaries(std::span<const CoreDescription> cores);
/// Releases one and waits up to a second for it. Boot core, after prepare_secondaries.
SecondaryOutcome start_secondary(base::CoreId core);
/// The cores that can run silos, the boot core among them: bit n is core n. Those but the boot core wait for
/// port::start_other_cores.
std::uint64_t fit_cores();

/// Affinity fields of the running core (MPIDR_EL1), to find it among the device tree's cores.
std::uint64_t this_core_affinity();

}  // namespace hal
