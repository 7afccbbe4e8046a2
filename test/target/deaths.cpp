// SPDX-License-Identifier: Apache-2.0
//
// Each variant (`test=` in the boot arguments) makes the kernel die in its own way. run_target.py expects the words on
// the console and reads the epitaph out of the machine's memory. Whoever survives says so and fails.
#include <cstddef>

#include "hal/aarch64/exit.hpp"
#include "hal/aarch64/stage1.hpp"
#include "hal/aarch64/sysreg.hpp"
#include "hal/console.hpp"
#include "hal/uart/pl011.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/port/die.hpp"
#include "test/target/harness.hpp"

extern "C" {
[[noreturn]] void jump_to(std::uint64_t address, std::uint64_t stack_pointer);  // deaths.S
[[noreturn]] void break_on_stack_pointer_of_el0();
void unmask_interrupts();

// What the variants touch; the check finds their addresses by name.
extern const std::uint64_t death_read_only_word;
extern std::uint32_t death_code_in_data[2];
const std::uint64_t death_read_only_word = 1;
std::uint32_t death_code_in_data[2] = {0xd65f03c0, 0xd65f03c0};  // ret
}

namespace target {

namespace {

constexpr std::uint64_t kUnmapped = 0x7f'0000'0000;
constexpr std::uint64_t kConsole = 0x900'0000;  // of QEMU's virt

constinit port::ThreadContext context{};
constinit base::VirtualAddress console_registers;

std::uint64_t address_of(const void* thing) { return reinterpret_cast<std::uint64_t>(thing); }

void write_to(std::uint64_t address) { *reinterpret_cast<volatile std::uint64_t*>(address) = 0; }
std::uint64_t read_from(std::uint64_t address) { return *reinterpret_cast<volatile std::uint64_t*>(address); }

// Deep enough for any stack.
[[gnu::noinline]] std::uint64_t descend(volatile std::uint64_t* depth) {
  volatile std::uint64_t room[16] = {*depth};
  if (*depth == 0) return room[0];
  *depth = *depth - 1;
  return descend(depth) + room[0];
}

void fall_asleep_in_an_interrupt() {
  port::arm_timer(base::Ticks(1));
  unmask_interrupts();
}

/// While the kernel dies, its console makes it fault: once, then it works.
void console_that_faults_once() {
  hal::attach_console(hal::UartKind::Pl011, console_registers);
  write_to(kUnmapped);
}

/// While the kernel dies, each word that it tries to say makes it fault.
void console_that_always_faults() {
  hal::set_console_of_last_resort(console_that_always_faults);
  write_to(kUnmapped);
}

void die_with(void (*console)()) {
  console_registers = hal::stage1::map_device(base::PhysicalAddress(kConsole), base::kPageSize).value();
  hal::attach_console(hal::UartKind::None, base::VirtualAddress(0));
  hal::set_console_of_last_resort(console);
  port::die("the first of several deaths");
}

[[noreturn]] void take_vector(const std::byte* table, unsigned number) {
  prepare(context, port::stage2_empty_translation_base(), 0x1234'0000, 0x5678'0000);
  const bool from_silo = number >= 8;
  const std::uint64_t stack = from_silo ? address_of(&context) : port::kernel_stack_top(port::current_core());
  jump_to(address_of(table) + number * 0x80, stack);
}

unsigned number_behind(std::string_view text, std::size_t at) {
  unsigned number = 0;
  for (; at < text.size(); ++at) number = number * 10 + static_cast<unsigned>(text[at] - '0');
  return number;
}

void die_as(std::string_view how) {
  if (how == "die") port::die("a test asked for it");
  if (how == "write_rodata") write_to(address_of(&death_read_only_word));
  if (how == "write_text") write_to(address_of(exception_vectors));
  if (how == "execute_data") jump_to(address_of(death_code_in_data), port::kernel_stack_top(port::current_core()));
  if (how == "stack_overflow") {
    volatile std::uint64_t depth = 1'000'000;
    remark("{}", descend(&depth));
  }
  if (how == "null_read") remark("{}", read_from(0));
  if (how == "null_call") jump_to(0, port::kernel_stack_top(port::current_core()));
  if (how == "trap") __builtin_trap();
  if (how == "interrupt") fall_asleep_in_an_interrupt();
  if (how == "wrong_stack_pointer") break_on_stack_pointer_of_el0();
  if (how == "no_emergency_stack") {
    hal::sysreg::TpidrEl2::write(hal::regs::PlainRegister::from(0x100));  // a core that has no stacks
    write_to(kUnmapped);
  }
  if (how == "second_fault") die_with(console_that_faults_once);
  if (how == "third_fault") die_with(console_that_always_faults);
  if (how.starts_with("vector_")) take_vector(exception_vectors, number_behind(how, 7));
  if (how.starts_with("traced_vector_")) {
    port::use_traced_entries(true);
    take_vector(traced_exception_vectors, number_behind(how, 14));
  }
  if (how == "traced_null_read") {
    port::use_traced_entries(true);
    remark("{}", read_from(0));
  }
}

}  // namespace

void run_test() {
  remark("dying as {}", variant());
  die_as(variant());
  check(false, "this kernel was to die");
}

}  // namespace target
