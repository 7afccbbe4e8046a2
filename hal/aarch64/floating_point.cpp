// SPDX-License-Identifier: Apache-2.0
//
// Floating point of kernel/port/cpu.hpp. Whose the registers are is the kernel's to know. CPTR_EL2.TFP traps EL2 as
// well, so it is opened first; it stays open until enter_context writes the resumed thread's own value, and no kernel
// code in between can touch the registers (-mgeneral-regs-only).
#include <cstddef>

#include "hal/aarch64/barrier.hpp"
#include "hal/aarch64/sysreg.hpp"
#include "kernel/port/cpu.hpp"

extern "C" {
void fp_state_save(port::FloatingPointState* state);        // hal/aarch64/floating_point.S
void fp_state_load(const port::FloatingPointState* state);  // hal/aarch64/floating_point.S
}

static_assert(offsetof(port::FloatingPointState, control) == 0 && offsetof(port::FloatingPointState, status) == 8 &&
              offsetof(port::FloatingPointState, vector) == 16);

namespace port {

namespace {

void open() {
  hal::sysreg::CptrEl2::write(hal::regs::CptrEl2::floating_point_open());
  hal::barrier::isb();  // the trap is off before the next instruction of this core touches a vector register
}

}  // namespace

void set_floating_point_trap(ThreadContext& context, bool trapped) {
  context.trap_control =
      trapped ? hal::regs::CptrEl2::floating_point_trapped().bits : hal::regs::CptrEl2::floating_point_open().bits;
}

void floating_point_save(FloatingPointState& state) {
  open();
  fp_state_save(&state);
}

void floating_point_load(const FloatingPointState& state) {
  open();
  fp_state_load(&state);
}

}  // namespace port
