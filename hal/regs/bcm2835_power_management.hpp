// SPDX-License-Identifier: Apache-2.0
//
// Power-management registers of the BCM2835 family that restart or halt the machine: PM_RSTC, PM_RSTS, PM_WDOG. No
// manual describes them; layout and the halt convention are those of Linux (drivers/watchdog/bcm2835_wdt.c) and of QEMU
// (hw/misc/bcm2835_powermgt.c).
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

inline constexpr std::uint64_t kPowerManagementPassword = 0x5a;

enum class WriteConfiguration : std::uint8_t { Off = 0, SetOnly = 1, FullReset = 2 };

// clang-format off
struct PmRstc : Register<PmRstc> {
  static constexpr Field<PmRstc, 31, 24> password{};
  static constexpr Field<PmRstc,  5,  4, WriteConfiguration> write_configuration{};

  static constexpr PmRstc full_reset() {
    return make().with(password, kPowerManagementPassword).with(write_configuration, WriteConfiguration::FullReset);
  }
};

/// The partition to boot next, one bit of its number in every other bit. 63 means: do not boot, halt.
struct PmRsts : Register<PmRsts> {
  static constexpr Field<PmRsts, 31, 24> password{};
  static constexpr Field<PmRsts, 11,  0> partition_bits{};

  static constexpr PmRsts halt() { return make().with(password, kPowerManagementPassword).with(partition_bits, 0x555); }
  /// Partition 0, from which the firmware has booted before.
  static constexpr PmRsts boot() { return make().with(password, kPowerManagementPassword).with(partition_bits, 0); }
};

struct PmWdog : Register<PmWdog> {
  static constexpr Field<PmWdog, 31, 24> password{};
  static constexpr Field<PmWdog, 19,  0> ticks{};   ///< of 1/65536 s

  static constexpr PmWdog soon() { return make().with(password, kPowerManagementPassword).with(ticks, 10); }
};
// clang-format on

static_assert(PmRstc::full_reset().bits == 0x5a00'0020);
static_assert(PmRsts::halt().bits == 0x5a00'0555);
static_assert(PmWdog::soon().bits == 0x5a00'000a);

}  // namespace hal::regs
