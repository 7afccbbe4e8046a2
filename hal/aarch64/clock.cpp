// SPDX-License-Identifier: Apache-2.0
//
// kernel/port/clock.hpp: the counter and the hypervisor's physical timer (CNTHP). CNTVOFF_EL2 is 0 on every core
// (control_registers.cpp), so the virtual counter that silos read and the physical one that CNTHP compares are equal.
#include "kernel/port/clock.hpp"

#include "hal/aarch64/barrier.hpp"
#include "hal/aarch64/sysreg.hpp"

namespace port {

using hal::regs::CnthpCtlEl2;
using hal::regs::PlainRegister;

base::Ticks now() {
  hal::barrier::isb();  // the counter is not read ahead of what the caller did before (Arm ARM D11.2.2)
  return base::Ticks(hal::sysreg::CntvctEl0::read().bits);
}

std::uint64_t clock_frequency() { return hal::sysreg::CntfrqEl0::read().bits; }

void arm_timer(base::Ticks deadline) {
  hal::sysreg::CnthpCvalEl2::write(PlainRegister::from(deadline.value()));
  hal::sysreg::CnthpCtlEl2::write(CnthpCtlEl2::armed());
  hal::barrier::isb();  // an earlier deadline's interrupt is withdrawn before the controller is asked again
}

void disarm_timer() {
  hal::sysreg::CnthpCtlEl2::write(CnthpCtlEl2::off());
  hal::barrier::isb();  // the same
}

}  // namespace port
