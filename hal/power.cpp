// SPDX-License-Identifier: Apache-2.0
//
// The end of the machine. Owns what the boot path found to end it with; written during boot only. Without anything:
// halted for ever.
#include "hal/power.hpp"

#include "hal/aarch64/barrier.hpp"
#include "hal/aarch64/interrupt_mask.hpp"
#include "hal/aarch64/psci.hpp"
#include "hal/aarch64/stage1.hpp"
#include "hal/bcm2835_watchdog.hpp"
#include "kernel/port/cpu.hpp"

namespace hal {

namespace {

constinit bool has_psci = false;
constinit std::uint64_t watchdog_registers = 0;  ///< 0: none

}  // namespace

base::Result<void> initialize_power(const PowerDescription& description) {
  has_psci = description.psci_smc;
  if (description.watchdog.bytes < sizeof(Bcm2835WatchdogBlock)) return {};
  watchdog_registers = TRY(stage1::map_device(description.watchdog.start, sizeof(Bcm2835WatchdogBlock))).value();
  return {};
}

}  // namespace hal

namespace port {

void power_off() {
  if (hal::has_psci) hal::psci::system_off();
  if (hal::watchdog_registers != 0) hal::Bcm2835Watchdog<>(hal::watchdog_registers).halt_machine();
  halt();
}

void restart_machine() {
  if (hal::has_psci) hal::psci::system_reset();
  if (hal::watchdog_registers != 0) hal::Bcm2835Watchdog<>(hal::watchdog_registers).restart_machine();
  power_off();
}

void halt() {
  hal::mask_interrupts();
  for (;;) hal::barrier::wait_for_interrupt();  // a pending masked interrupt ends the wait; then it waits again
}

}  // namespace port
