// SPDX-License-Identifier: Apache-2.0
//
// Implements kernel/port/{clock,console,cpu,interrupts}.hpp on the host. See fake_machine.hpp.
// What is a core's own belongs to the thread of the host that plays it: one thread for all of them, or one for each.
// The timer interrupt is level-triggered as on the machine: it is pending while the clock is at or past the armed
// deadline.
#include "test/fakes/fake_machine.hpp"

#include <atomic>
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

/// ORDERING: relaxed, all of it. A signal and the clock order nothing by themselves: what a core writes for another is
/// seen there because of the kernel, and so ThreadSanitizer can tell whether it is.
constexpr auto kRelaxed = std::memory_order_relaxed;

struct Machine {
  std::atomic<std::uint64_t> now{1};
  std::uint64_t step = 0;
  std::string console;
  std::uint64_t console_room = ~std::uint64_t{0};
  std::atomic<unsigned> signals[8] = {};
  unsigned console_taken_back = 0;
  std::map<std::uint32_t, FakeLine> lines;
  std::atomic<bool> others_may_start{false}, is_over{false};
};
Machine machine;

struct Core {
  base::CoreId number;
  /// Others are beside it: signals come of themselves, and it sleeps for real.
  bool is_parallel = false;
  base::Ticks armed = base::Ticks::forever();
  std::function<void()> before_interrupt;
  port::FloatingPointState floating_point = {};
  std::deque<port::Interrupt> pending;
  unsigned unfinished = 0;
  unsigned sleeps = 0, sleeps_at_most = ~0u;
  bool traced = false;
};
thread_local Core here;

bool timer_is_due() { return !here.armed.is_forever() && here.armed.value() <= machine.now.load(kRelaxed); }
std::atomic<unsigned>& signals_here() { return machine.signals[here.number.value()]; }

void sleep_beside_others() {
  constexpr std::uint64_t kTicksOfALook = 20;
  while (signals_here().load(kRelaxed) == 0 && !timer_is_due()) {
    if (machine.is_over.load(kRelaxed)) throw MachineIsOver{};
    machine.now.fetch_add(kTicksOfALook, kRelaxed);
    port::spin_hint();
  }
}

}  // namespace

void reset() {
  machine.now.store(1, kRelaxed);
  machine.step = 0;
  machine.console.clear();
  machine.console_room = ~std::uint64_t{0};
  for (auto& count : machine.signals) count.store(0, kRelaxed);
  machine.console_taken_back = 0;
  machine.lines.clear();
  machine.others_may_start.store(false, kRelaxed);
  machine.is_over.store(false, kRelaxed);
  here = Core{};
  reset_stage2();
  reset_memory();
}

void set_now(std::uint64_t ticks) { machine.now.store(ticks, kRelaxed); }
void advance(std::uint64_t ticks) { machine.now.fetch_add(ticks, kRelaxed); }
base::Ticks armed_timer() { return here.armed; }
void set_clock_step(std::uint64_t ticks) { machine.step = ticks; }

std::string take_console() {
  std::string text;
  text.swap(machine.console);
  return text;
}
void set_console_room(std::uint64_t characters) { machine.console_room = characters; }

void set_current_core(base::CoreId core) { here.number = core; }
unsigned take_signals(base::CoreId core) { return machine.signals[core.value()].exchange(0, kRelaxed); }
bool uses_traced_entries() { return here.traced; }
port::FloatingPointState& floating_point_registers() { return here.floating_point; }

unsigned console_taken_back() { return machine.console_taken_back; }
FakeLine line(base::InterruptId number) { return machine.lines[number.value()]; }
void before_next_interrupt(std::function<void()> action) { here.before_interrupt = std::move(action); }
void raise_interrupt(port::Interrupt interrupt) { here.pending.push_back(interrupt); }
unsigned unfinished_interrupts() { return here.unfinished; }
unsigned sleeps() { return here.sleeps; }
void set_sleeps_at_most(unsigned count) { here.sleeps_at_most = count; }

void play_core(base::CoreId core) {
  here = Core{};
  here.number = core;
  here.is_parallel = true;
  while (core.value() != 0 && !machine.others_may_start.load(std::memory_order_acquire)) port::spin_hint();
}
bool interrupt_is_due() { return signals_here().load(kRelaxed) != 0 || timer_is_due(); }
void end_machine() { machine.is_over.store(true, kRelaxed); }

}  // namespace fakes

namespace port {

using fakes::here;
using fakes::machine;

base::Ticks now() {
  if (machine.step == 0) return base::Ticks(machine.now.load(fakes::kRelaxed));
  return base::Ticks(machine.now.fetch_add(machine.step, fakes::kRelaxed));
}
std::uint64_t clock_frequency() { return 62'500'000; }
void arm_timer(base::Ticks deadline) { here.armed = deadline; }
void disarm_timer() { here.armed = base::Ticks::forever(); }

bool console_ready() { return machine.console_room != 0; }
void console_transmit(char character) {
  machine.console.push_back(character);
  if (machine.console_room != ~std::uint64_t{0}) --machine.console_room;
}

void console_take_back() { ++machine.console_taken_back; }

base::CoreId current_core() { return here.number; }
std::uint64_t kernel_stack_top(base::CoreId core) { return 0x4000000000 + 0x8000 * (core.value() + std::uint64_t{1}); }

void prepare_context(ThreadContext& context, std::uint64_t program_counter, std::uint64_t stack_pointer) {
  context = ThreadContext{};
  context.program_counter = program_counter;
  context.stack_pointer = stack_pointer;
  context.processor_state = fakes::kUserProcessorState;
  context.trap_control = fakes::kTrapFloatingPoint;
}
void use_traced_entries(bool traced) { here.traced = traced; }
void start_other_cores() { machine.others_may_start.store(true, std::memory_order_release); }
void enter(ThreadContext& context) { throw fakes::Entered{&context}; }

void set_floating_point_trap(ThreadContext& context, bool trapped) {
  context.trap_control = trapped ? fakes::kTrapFloatingPoint : 0;
}
void floating_point_save(FloatingPointState& state) { state = here.floating_point; }
void floating_point_load(const FloatingPointState& state) { here.floating_point = state; }

void power_off() { throw fakes::PoweredOff{}; }
void restart_machine() { throw fakes::MachineRestarted{}; }
void halt() { throw fakes::Halted{}; }

Interrupt take_interrupt() {
  if (const auto action = std::exchange(here.before_interrupt, nullptr)) action();
  if (!here.pending.empty()) {
    const Interrupt first = here.pending.front();
    here.pending.pop_front();
    ++here.unfinished;
    return first;
  }
  if (here.is_parallel && fakes::signals_here().exchange(0, fakes::kRelaxed) != 0) {
    ++here.unfinished;
    return {InterruptKind::Signal, base::InterruptId(0)};
  }
  if (!fakes::timer_is_due()) return {InterruptKind::None, base::InterruptId(1023)};
  ++here.unfinished;
  return {InterruptKind::Timer, base::InterruptId(26)};
}
void finish_interrupt(Interrupt) { --here.unfinished; }
void drop_line(base::InterruptId line) {
  --here.unfinished;
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

void signal_core(base::CoreId core) { machine.signals[core.value()].fetch_add(1, fakes::kRelaxed); }

void wait_for_interrupt() {
  if (++here.sleeps > here.sleeps_at_most) throw fakes::IdleForever{};
  if (here.is_parallel) return fakes::sleep_beside_others();
  if (!here.pending.empty() || fakes::timer_is_due()) return;
  if (here.armed.is_forever()) throw fakes::IdleForever{};
  machine.now.store(here.armed.value(), fakes::kRelaxed);
}

}  // namespace port
