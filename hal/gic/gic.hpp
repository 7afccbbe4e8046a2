// SPDX-License-Identifier: Apache-2.0
//
// The interrupt controller as the boot path brings it up. What the device tree says comes in as GicDescription; the
// driver for its version is chosen once (hal/interrupts.cpp) and serves kernel/port/interrupts.hpp from then on.
// INVARIANT: of the private interrupts only the timer's and the SGI of cores (kCoreSignal) are enabled, of the others
// the lines that silos have bound.
#pragma once

#include <array>
#include <cstdint>

#include "kernel/base/address.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"

namespace hal {

enum class GicVersion : std::uint8_t { V2, V3 };

/// Registers of one device, as the device tree gives them.
struct PhysicalRegion {
  base::PhysicalAddress start;
  std::uint64_t bytes = 0;
};

inline constexpr std::size_t kMaximumRedistributorRegions = 4;

struct GicDescription {
  GicVersion version = GicVersion::V2;
  PhysicalRegion distributor;
  PhysicalRegion cpu_interface;                                               ///< GICv2 only
  std::array<PhysicalRegion, kMaximumRedistributorRegions> redistributors{};  ///< GICv3 only
  std::uint32_t redistributor_regions = 0;
  std::uint64_t redistributor_stride = 0;  ///< 0: as GICR_TYPER says
  base::InterruptId timer{26};             ///< CNTHP's private interrupt: PPI number + 16
};

/// Maps the controller's registers, silences everything, enables this (the boot) core's interface and its timer
/// interrupt. Boot phase, boot core, once. ENOTSUP: the controller has no system registers or no redistributor for this
/// core; ENOMEM: no room to map it; EIO: the controller does not answer; EINVAL: the description cannot be (timer not a
/// PPI, missing region).
base::Result<void> initialize_interrupts(const GicDescription& description);
/// The same for a further core's own interface, on that core, after initialize_interrupts. Errors as above.
base::Result<void> initialize_interrupts_of_this_core();

}  // namespace hal
