// SPDX-License-Identifier: Apache-2.0
//
// What an exit from EL0 keeps, what a switch must not let through, interrupts and time while EL0 runs, floating point
// between two contexts, and faults as reports. By hal's own vectors and kernel/port alone.
#include <cstddef>

#include "hal/regs/spsr_el2.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/port/interrupts.hpp"
#include "test/target/harness.hpp"

extern "C" {
extern const std::byte el0_programs[], el0_increment[], el0_collect[], el0_set_and_wait[], el0_flags_and_call[],
    el0_spin[], el0_wait_instructions[], el0_exclusive[], el0_fill_vectors[], el0_collect_vectors[], el0_load[],
    el0_store[], el0_branch[], el0_break[], el0_undefined[], el0_read_counter[], el0_current_level[];
}

namespace target {

namespace {

constexpr std::uint64_t kProgram = 0x10000;
constexpr std::uint64_t kData = 0x20000;
constexpr std::uint64_t kStack = kData + base::kPageSize;
constexpr std::uint64_t kAllFlags = 0xf000'0000;

constinit Space space;
constinit Page data_page{};

std::uint64_t address_of(const std::byte* program) {
  return kProgram + static_cast<std::uint64_t>(program - el0_programs);
}

port::ThreadContext fresh(const std::byte* program) {
  port::ThreadContext context;
  prepare(context, space.translation_base(), address_of(program), kStack);
  return context;
}

bool is_call(const Exit& exit) { return exit.kind == ExitKind::SystemCall; }

void test_registers() {
  port::ThreadContext context = fresh(el0_increment);
  for (unsigned i = 0; i < 31; ++i) context.general[i] = 0x1111'0000'0000'0000u * (i % 15) + 100 * i;
  const port::ThreadContext before = context;
  const Exit first = run(context);
  check(is_call(first), "svc is a system call");
  unsigned wrong = 0;
  for (unsigned i = 0; i < 31; ++i) wrong += context.general[i] != before.general[i] + 1;
  check_equal(wrong, 0, "all 31 registers reach EL0 and come back");
  check_equal(context.program_counter, address_of(el0_increment) + 32 * 4, "the program counter is behind the svc");
  check_equal(context.stack_pointer, kStack, "the stack pointer is kept");
  check_equal(context.processor_state, 0, "the state is EL0, AArch64, nothing masked");
  for (unsigned i = 0; i < 31; ++i) context.general[i] = ~before.general[i];
  run(context);
  for (unsigned i = 0; i < 31; ++i) wrong += context.general[i] != ~before.general[i] + 1;
  check_equal(wrong, 0, "what the kernel writes into a context is what the thread finds");
}

void test_nothing_leaks() {
  port::ThreadContext dirty = fresh(el0_set_and_wait);
  for (unsigned i = 0; i < 31; ++i) dirty.general[i] = 0xdead'beef'0000'0000 + i;
  dirty.general[1] = kAllFlags;
  run(dirty);
  port::ThreadContext clean = fresh(el0_collect);
  clean.stack_pointer = 0;
  run(clean);
  check_equal(clean.general[0], 0, "a fresh context finds zero in every register after a dirty one ran");
  check_equal(clean.general[1], 0, "and in its stack pointer");
  check_equal(clean.general[2], 0, "and in TPIDR_EL0");
  check_equal(clean.general[3], 0, "and in its flags");
  check_equal(dirty.thread_pointer, 0xdead'beef'0000'0000, "TPIDR_EL0 of the dirty one is kept in its context");
}

void test_flags_of_a_call() {
  port::ThreadContext context = fresh(el0_flags_and_call);
  run(context);
  run(context);
  check_equal(context.general[0], 0, "flags are 0 after a system call");
}

void test_state_is_masked() {
  port::ThreadContext context = fresh(el0_current_level);
  context.processor_state = ~std::uint64_t{0};  // EL2h, AArch32, everything masked, single step, illegal state
  const Exit exit = run(context);
  check(exit.kind == ExitKind::Fault && exit.fault.cause != port::FaultCause::Breakpoint,
        "a context with every state bit set runs at EL0 all the same: CurrentEL is refused");
  check_equal(context.processor_state & ~hal::regs::SpsrEl2::kOfThread, 0, "and came back with no bit it may not have");
}

/// Leaves the interrupt to be taken. On a busy host the deadline may pass before el0_set_and_wait is in its loop; then
/// once more.
bool run_until_interrupted_in_its_loop(port::ThreadContext& context, std::uint64_t length) {
  for (;;) {
    const std::uint64_t deadline = port::now().value() + length;
    port::arm_timer(base::Ticks(deadline));
    const bool in_time = run(context).kind == ExitKind::Interrupt && port::now().value() >= deadline;
    if (!in_time || context.general[3] != 0) return in_time;
    const port::Interrupt interrupt = port::take_interrupt();
    port::disarm_timer();
    port::finish_interrupt(interrupt);
  }
}

void test_timer() {
  port::disarm_timer();
  const std::uint64_t millisecond = port::clock_frequency() / 1000;
  port::ThreadContext context = fresh(el0_spin);
  context.general[0] = 50 * millisecond;
  check(is_call(run(context)), "with no timer armed, 50 ms at EL0 pass without an interrupt");

  for (unsigned round = 0; round < 3; ++round) {
    context = fresh(el0_set_and_wait);
    context.general[0] = 0x1234;
    context.general[1] = kAllFlags;
    const bool in_time = run_until_interrupted_in_its_loop(context, millisecond);
    check(in_time, "an armed timer interrupts EL0, not before its deadline");
    check_equal(context.processor_state, kAllFlags, "the interrupted thread's flags are kept");
    const port::Interrupt interrupt = port::take_interrupt();
    check(interrupt.kind == port::InterruptKind::Timer, "the controller names the timer");
    port::disarm_timer();
    port::finish_interrupt(interrupt);
    check(port::take_interrupt().kind == port::InterruptKind::None, "and then nothing more");
    context.general[2] = 1;
    run(context);
    check_equal(context.general[0], kAllFlags, "the thread goes on with its flags");
    check_equal(context.general[1], 0x1234, "and its TPIDR_EL0");
  }

  context = fresh(el0_set_and_wait);
  context.processor_state = ~std::uint64_t{0};
  port::arm_timer(base::Ticks(1));
  check(run(context).kind == ExitKind::Interrupt,
        "a deadline in the past interrupts at once, whatever mask bits a context holds");
  port::Interrupt interrupt = port::take_interrupt();
  port::disarm_timer();
  port::finish_interrupt(interrupt);

  port::arm_timer(base::Ticks(port::now().value() + millisecond));
  port::wait_for_interrupt();
  interrupt = port::take_interrupt();
  check(interrupt.kind == port::InterruptKind::Timer, "the kernel's own wait ends with the interrupt pending");
  port::disarm_timer();
  port::finish_interrupt(interrupt);
}

void test_wait_instructions() {
  port::ThreadContext context = fresh(el0_wait_instructions);
  check(run(context).kind == ExitKind::WaitInstruction, "wfi is an exit of its own");
  check_equal(context.program_counter, address_of(el0_wait_instructions) + 4, "with the program counter behind it");
  check(is_call(run(context)), "wfe is not");
}

void test_exclusive_monitor() {
  port::ThreadContext context = fresh(el0_exclusive);
  context.general[1] = kData;
  run(context);
  run(context);
  check_equal(context.general[0], 1, "an exit clears the exclusive monitor");
}

void test_floating_point() {
  static port::FloatingPointState zero, state_of_one, state_of_other;
  port::ThreadContext one = fresh(el0_fill_vectors);
  one.general[0] = 0x5a5a'0000'0000'0000;
  check(run(one).kind == ExitKind::FloatingPoint, "the first use of floating point is an exit of its own");
  check_equal(one.program_counter, address_of(el0_fill_vectors) + 4, "with the program counter at the instruction");
  port::floating_point_load(zero);
  port::set_floating_point_trap(one, false);
  check(is_call(run(one)), "with the trap open the instruction runs");
  check(is_call(run(one)), "and further ones without an exit");
  check_equal(one.general[0], 0, "across a call every vector register, FPSR and FPCR keep their values");

  one = fresh(el0_fill_vectors);
  one.general[0] = 0x5a5a'0000'0000'0000;
  port::set_floating_point_trap(one, false);
  run(one);
  port::ThreadContext other = fresh(el0_collect_vectors);
  check(run(other).kind == ExitKind::FloatingPoint,
        "another context cannot look at the registers: its trap is its own");
  port::floating_point_save(state_of_one);
  port::floating_point_load(zero);
  port::set_floating_point_trap(other, false);
  check(is_call(run(other)), "after the switch it can");
  check_equal(other.general[0], 0, "and finds nothing in 32 vector registers");
  check_equal(other.general[1] | other.general[2], 0, "nor in FPSR and FPCR");
  port::floating_point_save(state_of_other);
  port::floating_point_load(state_of_one);
  check(is_call(run(one)), "the first one goes on");
  check_equal(one.general[0], 0, "and finds every vector register, FPSR and FPCR as it left them");
  std::uint64_t found = state_of_other.control | state_of_other.status;
  for (const std::uint64_t word : state_of_other.vector) found |= word;
  check_equal(found, 0, "the other's saved state is zero");
}

Exit fault_of(const std::byte* program, std::uint64_t address) {
  static port::ThreadContext context;
  context = fresh(program);
  context.general[0] = address;
  context.general[21] = 0x77;
  return run(context);
}

void check_fault(const Exit& exit, port::FaultCause cause, port::FaultAccess access, std::uint64_t address,
                 std::string_view text) {
  const bool good = exit.kind == ExitKind::Fault && exit.fault.cause == cause && exit.fault.access == access &&
                    (!exit.fault.address_valid || exit.fault.address == address);
  if (!check(good, text)) {
    remark("kind {} cause {} access {} address {} syndrome {} {}", static_cast<unsigned>(exit.kind),
           static_cast<unsigned>(exit.fault.cause), static_cast<unsigned>(exit.fault.access),
           base::Hex{exit.fault.address}, base::Hex{exit.fault.syndrome}, exit.fault.syndrome_text);
  }
}

void test_faults() {
  using port::FaultAccess;
  using port::FaultCause;
  check(is_call(fault_of(el0_load, kData)) && is_call(fault_of(el0_store, kData)), "data can be read and written");
  const Exit unmapped = fault_of(el0_load, 0x30008);
  check_fault(unmapped, FaultCause::Translation, FaultAccess::Read, 0x30008,
              "an unmapped address is a fault, with its address");
  check_equal(unmapped.fault.size, 8, "and the size of the access");
  check_equal(unmapped.fault.transfer_register, 3, "and its register");
  check_equal(unmapped.fault.program_counter, address_of(el0_load), "and the instruction");
  const Exit text_write = fault_of(el0_store, kProgram + 0x10);
  check_fault(text_write, FaultCause::Permission, FaultAccess::Write, kProgram + 0x10, "text cannot be written");
  check_equal(text_write.fault.size * 256u + text_write.fault.transfer_register, 256 + 21, "one byte, from x21");
  check_fault(fault_of(el0_branch, kData), FaultCause::Permission, FaultAccess::Execute, kData,
              "data cannot be executed");
  check_fault(fault_of(el0_load, 0), FaultCause::Translation, FaultAccess::Read, 0, "page 0 is not there");
  check_fault(fault_of(el0_branch, 0), FaultCause::Translation, FaultAccess::Execute, 0, "nor to execute");
  check_fault(fault_of(el0_branch, kProgram + 2), FaultCause::Alignment, FaultAccess::Execute, kProgram + 2,
              "a misaligned branch is an alignment fault");
  const auto kernel_address = reinterpret_cast<std::uint64_t>(&space);
  check_fault(fault_of(el0_load, kernel_address), FaultCause::Translation, FaultAccess::Read, kernel_address,
              "the kernel's addresses mean nothing to a silo");
  check_fault(fault_of(el0_load, data_page.physical.value()), FaultCause::Translation, FaultAccess::Read,
              data_page.physical.value(), "nor do physical ones, even of its own memory");
  check_fault(fault_of(el0_load, kData | std::uint64_t{0xff} << 56), FaultCause::AddressSize, FaultAccess::Read,
              kData | std::uint64_t{0xff} << 56, "a tagged pointer is an address size fault");
  check_fault(fault_of(el0_load, std::uint64_t{1} << 39), FaultCause::Translation, FaultAccess::Read,
              std::uint64_t{1} << 39, "beyond 2^39 there is nothing");
  check_fault(fault_of(el0_break, 0), FaultCause::Breakpoint, FaultAccess::None, 0, "brk is a breakpoint");
  check_fault(fault_of(el0_undefined, 0), FaultCause::UndefinedInstruction, FaultAccess::None, 0,
              "an undefined instruction is one");
  check_fault(fault_of(el0_read_counter, 0), FaultCause::TrappedRegister, FaultAccess::Read, 0,
              "a register that silos may not read is trapped");
}

/// The harness uses the traced table, because it saves the whole frame of every exit; the plain one begins with the
/// fast path for system calls, which conformance_fast_path tests.
void test_the_plain_table() {
  const std::uint32_t traced = traced_exits;
  check(traced > 20, "with tracing on every exit goes through the traced table");
  port::use_traced_entries(false);
  check_fault(fault_of(el0_break, 0), port::FaultCause::Breakpoint, port::FaultAccess::None, 0,
              "brk is a breakpoint there, too");
  check_fault(fault_of(el0_undefined, 0), port::FaultCause::UndefinedInstruction, port::FaultAccess::None, 0,
              "and an undefined instruction is one");
  check_equal(traced_exits, traced, "and with tracing off none does, and all is as before");
  port::use_traced_entries(true);
}

}  // namespace

void run_test() {
  data_page = take_page();
  space.create(1);
  space.map(kProgram, physical_address_of(el0_programs), port::Access::ReadExecute);
  space.map(kData, data_page.physical, port::Access::ReadWrite);
  test_registers();
  test_nothing_leaks();
  test_flags_of_a_call();
  test_state_is_masked();
  test_timer();
  test_wait_instructions();
  test_exclusive_monitor();
  test_floating_point();
  test_faults();
  test_the_plain_table();
}

}  // namespace target
