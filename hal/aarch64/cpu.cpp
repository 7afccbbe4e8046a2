// SPDX-License-Identifier: Apache-2.0
//
// The running core, contexts, and the way into EL0: kernel/port/cpu.hpp apart from floating point (floating_point.cpp)
// and the end of the machine (hal/power.cpp).
#include "kernel/port/cpu.hpp"

#include "hal/aarch64/barrier.hpp"
#include "hal/aarch64/exit.hpp"
#include "hal/aarch64/kernel_layout.hpp"
#include "hal/aarch64/sysreg.hpp"
#include "kernel/port/stage2.hpp"

namespace port {

base::CoreId current_core() {
  // boot/start.S put the number there before the first C++ instruction of each core; EL0 cannot reach it.
  return base::CoreId(static_cast<std::uint32_t>(hal::sysreg::TpidrEl2::read().bits));
}

std::uint64_t kernel_stack_top(base::CoreId core) {
  // SAFETY: an address as a number; the slot exists because core numbers are below kMaximumCores (boot/handoff).
  return reinterpret_cast<std::uint64_t>(hal::kernel_stacks) + (std::uint64_t{core.value()} + 1) * KERNEL_STACK_SLOT;
}

void prepare_context(ThreadContext& context, std::uint64_t program_counter, std::uint64_t stack_pointer) {
  context = ThreadContext{};
  context.program_counter = program_counter;
  context.stack_pointer = stack_pointer;
  context.translation_base = stage2_empty_translation_base();  // until the kernel says which space
  context.kernel_stack = kernel_stack_top(current_core());
  set_floating_point_trap(context, true);
}

void use_traced_entries(bool traced) {
  // SAFETY: an address as a number: a table of vectors.S, 2 KiB aligned, with what a kernel's own exceptions need in
  // either.
  const auto table = reinterpret_cast<std::uint64_t>(traced ? traced_exception_vectors : exception_vectors);
  hal::sysreg::VbarEl2::write(hal::regs::PlainRegister::from(table));
  hal::barrier::isb();  // the table is in force for whatever this core takes from here on
}

void spin_hint() { hal::barrier::spin_hint(); }

void enter(ThreadContext& context) { enter_context(&context); }

}  // namespace port
