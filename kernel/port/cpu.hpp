// SPDX-License-Identifier: Apache-2.0
//
// The running core, floating-point registers, and how the machine ends.
#pragma once

#include "kernel/base/ids.hpp"
#include "kernel/port/thread_context.h"

namespace port {

base::CoreId current_core();
/// Top of this core's kernel stack, for ThreadContext::kernel_stack.
std::uint64_t kernel_stack_top(base::CoreId core);

/// Makes `context` start at EL0: AArch64, interrupts enabled, everything else zero. Floating point traps at first use.
void prepare_context(ThreadContext& context, std::uint64_t program_counter, std::uint64_t stack_pointer);
/// Inside a loop that waits for another core: a hint that this one has nothing better to do.
void spin_hint();
/// The cores that wait for it since boot, all that are fit for silos, call kernel_on_core_start (port/entry.hpp).
void start_other_cores();
/// Leaves the kernel for `context` on this core. Called once per core at the end of boot.
[[noreturn]] void enter(ThreadContext& context);

/// From the next exception on, this core calls the kernel's traced entries (port/entry.hpp), or the plain ones again.
void use_traced_entries(bool traced);

/// Opens or closes floating point for a thread that is not running, or for the one about to be resumed.
void set_floating_point_trap(ThreadContext& context, bool trapped);
/// Copies the registers out, or in; the kernel decides whose they are.
void floating_point_save(FloatingPointState& state);
void floating_point_load(const FloatingPointState& state);

/// Ends the machine if it can be ended (PSCI SYSTEM_OFF, Pi 4 power management), else waits for ever. Status is only
/// printed.
[[noreturn]] void power_off();
/// Starts the machine anew (PSCI SYSTEM_RESET, Pi 4 power management); ends it if that is not possible.
[[noreturn]] void restart_machine();
/// Stops this core for good, interrupts masked.
[[noreturn]] void halt();

}  // namespace port
