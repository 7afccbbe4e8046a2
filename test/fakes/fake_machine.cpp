// SPDX-License-Identifier: Apache-2.0
//
// Implements kernel/port/{clock,console,cpu,interrupts}.hpp on the host. See fake_machine.hpp.
// The timer interrupt is level-triggered as on the machine: it is pending while the clock is at or past the armed
// deadline.
#include "test/fakes/fake_machine.hpp"

#include <deque>
#include <map>

#include <utility>

#include "kernel/port/clock.hpp"
#include "kernel/port/console.hpp"
#include "kernel/port/cpu.hpp"
#include "test/fakes/fake_memory.hpp"
#include "test/fakes/fake_stage2.hpp"

namespace fakes {
namespace {

struct Machine {
  std::uint64_t now = 1;
  std::uint64_t step = 0;
  base::Ticks armed = base::Ticks::forever();
  std::string console;
  std::uint64_t console_room = ~std::uint64_t{0};
  unsigned signals[8] = {};
  std::function<void()> before_interrupt;
  unsigned console_taken_back = 0;
  base::CoreId core;
  port::FloatingPointState floating_point = {};
  std::deque<port::Interrupt> pending;
  std::map<std::uint32_t, FakeLine> lines;
  unsigned unfinished = 0;
  unsigned sleeps = 0;
  bool traced = false;
};
Machine machine;

bool timer_is_due() { return !machine.armed.is_forever() && machine.armed.value() <= machine.now; }

}  // namespace

void reset() {
  machine = Machine{};
  reset_stage2();
  reset_memory();
}

void set_now(std::uint64_t ticks) { machine.now = ticks; }
void advance(std::uint64_t ticks) { machine.now += ticks; }
base::Ticks armed_timer() { return machine.armed; }
void set_clock_step(std::uint64_t ticks) { machine.step = ticks; }

std::string take_console() {
  std::string text;
  text.swap(machine.console);
  return text;
}
void set_console_room(std::uint64_t characters) { machine.console_room = characters; }

void set_current_core(base::CoreId core) { machine.core = core; }
unsigned take_signals(base::CoreId core) { return std::exchange(machine.signals[core.value()], 0); }
bool uses_traced_entries() { return machine.traced; }
port::FloatingPointState& floating_point_registers() { return machine.floating_point; }

unsigned console_taken_back() { return machine.console_taken_back; }
FakeLine line(base::InterruptId number) { return machine.lines[number.value()]; }
void before_next_interrupt(std::function<void()> action) { machine.before_interrupt = std::move(action); }
void raise_interrupt(port::Interrupt interrupt) { machine.pending.push_back(interrupt); }
unsigned unfinished_interrupts() { return machine.unfinished; }
unsigned sleeps() { return machine.sleeps; }

}  // namespace fakes

namespace port {

using fakes::machine;

base::Ticks now() {
  const base::Ticks result(machine.now);
  machine.now += machine.step;
  return result;
}
std::uint64_t clock_frequency() { return 62'500'000; }
void arm_timer(base::Ticks deadline) { machine.armed = deadline; }
void disarm_timer() { machine.armed = base::Ticks::forever(); }

bool console_ready() { return machine.console_room != 0; }
void console_transmit(char character) {
  machine.console.push_back(character);
  if (machine.console_room != ~std::uint64_t{0}) --machine.console_room;
}

void console_take_back() { ++machine.console_taken_back; }

base::CoreId current_core() { return machine.core; }
std::uint64_t kernel_stack_top(base::CoreId core) { return 0x4000000000 + 0x8000 * (core.value() + std::uint64_t{1}); }

void prepare_context(ThreadContext& context, std::uint64_t program_counter, std::uint64_t stack_pointer) {
  context = ThreadContext{};
  context.program_counter = program_counter;
  context.stack_pointer = stack_pointer;
  context.processor_state = fakes::kUserProcessorState;
  context.trap_control = fakes::kTrapFloatingPoint;
}
void use_traced_entries(bool traced) { machine.traced = traced; }
void start_other_cores() {}
void enter(ThreadContext& context) { throw fakes::Entered{&context}; }

void set_floating_point_trap(ThreadContext& context, bool trapped) {
  context.trap_control = trapped ? fakes::kTrapFloatingPoint : 0;
}
void floating_point_save(FloatingPointState& state) { state = machine.floating_point; }
void floating_point_load(const FloatingPointState& state) { machine.floating_point = state; }

void power_off() { throw fakes::PoweredOff{}; }
void restart_machine() { throw fakes::MachineRestarted{}; }
void halt() { throw fakes::Halted{}; }

Interrupt take_interrupt() {
  if (const auto action = std::exchange(machine.before_interrupt, nullptr)) action();
  if (!machine.pending.empty()) {
    const Interrupt first = machine.pending.front();
    machine.pending.pop_front();
    ++machine.unfinished;
    return first;
  }
  if (!fakes::timer_is_due()) return {InterruptKind::None, base::InterruptId(1023)};
  ++machine.unfinished;
  return {InterruptKind::Timer, base::InterruptId(26)};
}
void finish_interrupt(Interrupt) { --machine.unfinished; }
void drop_line(base::InterruptId line) {
  --machine.unfinished;
  machine.lines[line.value()].is_active = true;
}
std::uint32_t line_limit() { return 256; }
void enable_line(base::InterruptId line, Trigger trigger, base::CoreId core) {
  machine.lines[line.value()].is_enabled = true;
  machine.lines[line.value()].trigger = trigger;
  machine.lines[line.value()].core = core;
}
void disable_line(base::InterruptId line) { machine.lines[line.value()].is_enabled = false; }
void deactivate_line(base::InterruptId line) {
  if (!machine.lines[line.value()].is_active) throw fakes::Halted{};  // the kernel must know
  machine.lines[line.value()].is_active = false;
}

void signal_core(base::CoreId core) { ++machine.signals[core.value()]; }

void wait_for_interrupt() {
  ++machine.sleeps;
  if (!machine.pending.empty() || fakes::timer_is_due()) return;
  if (machine.armed.is_forever()) throw fakes::IdleForever{};
  machine.now = machine.armed.value();
}

}  // namespace port
