// SPDX-License-Identifier: Apache-2.0
//
// The CPU interface of a GICv3 as system registers of the running core (IHI 0069H 12.2): the part of hal::GicV3 that a
// host test replaces.
#pragma once

#include "hal/aarch64/barrier.hpp"
#include "hal/aarch64/sysreg.hpp"

namespace hal {

struct GicV3SystemRegisters {
  /// Group 1 on, nothing masked, EOImode 1, no priority active. False if the system-register interface cannot be had.
  static bool enable() {
    sysreg::IccSreEl2::write(regs::IccSreEl2::for_kernel());
    barrier::isb();  // SRE decides whether the registers below exist
    if (!sysreg::IccSreEl2::read().get(regs::IccSreEl2::sre)) return false;
    sysreg::IccIgrpen1El1::write(regs::IccIgrpen1El1::make());
    sysreg::IccPmrEl1::write(regs::PlainRegister::from(0xff));
    sysreg::IccBpr1El1::write(regs::PlainRegister::from(0));
    sysreg::IccCtlrEl1::write(regs::IccCtlrEl1::make().with(regs::IccCtlrEl1::eoi_mode, true));
    sysreg::IccAp1r0El1::write(
        regs::PlainRegister::make());  // an interrupt that a loader never ended would mask ours for ever
    sysreg::IccIgrpen1El1::write(regs::IccIgrpen1El1::make().with(regs::IccIgrpen1El1::enable, true));
    barrier::isb();  // the interface is as written before the core waits for its first interrupt
    return true;
  }
  static regs::IccIarEl1 acknowledge() {
    const regs::IccIarEl1 value = sysreg::IccIar1El1::read();
    barrier::dsb_sy();  // the effects of the acknowledgement are complete (IHI 0069H 12.1.6)
    return value;
  }
  static void drop_priority(regs::IccIarEl1 acknowledged) {
    sysreg::IccEoir1El1::write(acknowledged);
    barrier::isb();  // dropped before a further acknowledgement or deactivation
  }
  static void signal(regs::IccSgi1rEl1 target) {
    sysreg::IccSgi1rEl1::write(target);
    barrier::isb();  // on its way before this core waits for anything
  }
  static void deactivate(regs::IccIarEl1 acknowledged) {
    sysreg::IccDirEl1::write(acknowledged);
    barrier::isb();  // inactive before the core looks for the next interrupt
  }
};

}  // namespace hal
