// SPDX-License-Identifier: Apache-2.0
//
// ESR_EL2 to kernel/port/entry.hpp. "It was a system call" is EC 0x15 and nothing else: an AArch32 svc would be EC
// 0x11, at another vector (el0-controls.md section 1). What no silo can cause ends the kernel; everything else is the
// silo's fault.
#include "hal/aarch64/exit.hpp"

#include "hal/aarch64/epitaph.hpp"
#include "hal/aarch64/fault_decode.hpp"
#include "hal/aarch64/sysreg.hpp"
#include "kernel/port/entry.hpp"

namespace {

using hal::regs::EsrEl2;
using hal::regs::ExceptionClass;
using port::ThreadContext;

/// Vectors that no silo can reach: FIQ (nothing is configured to be one), AArch32 (SPSR_EL2.M[4] is always 0), and
/// SError. A silo with a device could cause one; whose it was, the processor does not say (docs/invariants.md).
[[noreturn]] void die_of_silo_vector(const ThreadContext& running, std::uint64_t vector) {
  hal::DeathFrame frame{};
  for (unsigned i = 0; i < 31; ++i) frame.general[i] = running.general[i];
  frame.stack_pointer = running.stack_pointer;
  frame.program_counter = running.program_counter;
  frame.processor_state = running.processor_state;
  frame.syndrome = hal::sysreg::EsrEl2::read().bits;
  frame.fault_address = hal::sysreg::FarEl2::read().bits;
  frame.vector = vector;
  hal::die_of_vector(frame);
}

bool is_wait_for_interrupt(EsrEl2 syndrome) {
  const hal::regs::WaitKind kind = syndrome.get(EsrEl2::ti);
  return syndrome.exception_class() == ExceptionClass::WaitInstruction &&
         (kind == hal::regs::WaitKind::Wfi || kind == hal::regs::WaitKind::Wfit);
}

/// Which functions of the kernel an exit leads to.
struct Entries {
  ThreadContext* (*on_system_call)(ThreadContext*);
  ThreadContext* (*on_fault)(ThreadContext*, const port::FaultReport*);
  ThreadContext* (*on_interrupt)(ThreadContext*);
  ThreadContext* (*on_floating_point)(ThreadContext*);
  ThreadContext* (*on_wait_instruction)(ThreadContext*);
};
constexpr Entries kPlain = {port::kernel_on_system_call, port::kernel_on_fault, port::kernel_on_interrupt,
                            port::kernel_on_floating_point, port::kernel_on_wait_instruction};
constexpr Entries kTraced = {port::kernel_on_system_call_traced, port::kernel_on_fault_traced,
                             port::kernel_on_interrupt_traced, port::kernel_on_floating_point_traced,
                             port::kernel_on_wait_instruction_traced};

template <const Entries& kEntries>
ThreadContext* on_synchronous(ThreadContext* running) {
  const EsrEl2 syndrome = hal::sysreg::EsrEl2::read();
  if (syndrome.exception_class() == ExceptionClass::SupervisorCall64) {
    // The ABI's result of a call: flags, DIT and SSBS are 0 (design 6).
    running->processor_state = 0;
    return kEntries.on_system_call(running);
  }
  if (syndrome.exception_class() == ExceptionClass::FloatingPoint) return kEntries.on_floating_point(running);
  if (is_wait_for_interrupt(syndrome)) {
    running->program_counter += 4;  // a trapped instruction is not behind itself, as svc is
    return kEntries.on_wait_instruction(running);
  }
  const port::FaultReport report =
      hal::decode_fault(syndrome, hal::sysreg::FarEl2::read().bits, running->program_counter);
  return kEntries.on_fault(running, &report);
}

template <const Entries& kEntries>
ThreadContext* exit_from_silo(ThreadContext* running, std::uint64_t vector) {
  if (vector == hal::kVectorSiloSynchronous) return on_synchronous<kEntries>(running);
  if (vector == hal::kVectorSiloInterrupt) return kEntries.on_interrupt(running);
  die_of_silo_vector(*running, vector);
}

}  // namespace

extern "C" ThreadContext* granary_exit_from_silo(ThreadContext* running, std::uint64_t vector) {
  return exit_from_silo<kPlain>(running, vector);
}

extern "C" ThreadContext* granary_exit_from_silo_traced(ThreadContext* running, std::uint64_t vector) {
  return exit_from_silo<kTraced>(running, vector);
}
