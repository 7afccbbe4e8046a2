// SPDX-License-Identifier: Apache-2.0
//
// The watchdog of "brcm,bcm2835-pm", used for one thing: to halt the machine. The firmware that the reset leads to
// reads partition 63 and stays off; QEMU's raspi4b shuts down.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/mmio.hpp"
#include "hal/regs/bcm2835_power_management.hpp"

namespace hal {

struct Bcm2835WatchdogBlock {
  Reserved<0x1c> gap;
  ReadWrite<std::uint32_t> reset_control;  ///< PM_RSTC
  ReadWrite<std::uint32_t> reset_status;   ///< PM_RSTS
  ReadWrite<std::uint32_t> watchdog;       ///< PM_WDOG
};
static_assert(offsetof(Bcm2835WatchdogBlock, reset_control) == 0x1c && sizeof(Bcm2835WatchdogBlock) == 0x28);

template <typename Io = HardwareIo>
class Bcm2835Watchdog {
 public:
  explicit constexpr Bcm2835Watchdog(std::uint64_t registers, Io io = Io()) : registers_(registers, io) {}

  /// Returns; the reset comes a moment later.
  void halt_machine() const { reset_with(regs::PmRsts::halt()); }
  /// The same: and then the firmware boots partition 0 again.
  void restart_machine() const { reset_with(regs::PmRsts::boot()); }

 private:
  void reset_with(regs::PmRsts status) const {
    registers_.write(&Bcm2835WatchdogBlock::reset_status, static_cast<std::uint32_t>(status.bits));
    registers_.write(&Bcm2835WatchdogBlock::watchdog, static_cast<std::uint32_t>(regs::PmWdog::soon().bits));
    registers_.write(&Bcm2835WatchdogBlock::reset_control, static_cast<std::uint32_t>(regs::PmRstc::full_reset().bits));
  }

  Registers<Bcm2835WatchdogBlock, Io> registers_;
};

}  // namespace hal
