// SPDX-License-Identifier: Apache-2.0
//
// PSCI function numbers and their calls (DEN0022 5.1).
#include "hal/aarch64/psci.hpp"

#include "hal/aarch64/smc.hpp"

namespace hal::psci {

namespace {

constexpr std::uint64_t kCpuOn = 0xc400'0003;
constexpr std::uint64_t kSystemOff = 0x8400'0008;
constexpr std::uint64_t kSystemReset = 0x8400'0009;

}  // namespace

Status start_core(std::uint64_t affinity, base::PhysicalAddress entry) {
  return static_cast<Status>(secure_monitor_call(kCpuOn, affinity, entry.value()));
}

void system_off() { secure_monitor_call(kSystemOff); }

void system_reset() { secure_monitor_call(kSystemReset); }

}  // namespace hal::psci
