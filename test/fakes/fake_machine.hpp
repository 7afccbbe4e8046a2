// SPDX-License-Identifier: Apache-2.0
//
// The fakes of kernel/port for host tests: a clock that stands still unless told, a console that captures, one core, a
// queue of interrupts. Owns all of that state; reset() makes it as new and every test that uses it calls it first. What
// never returns on a machine (power_off, halt, enter) leaves by an exception that the test catches.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "kernel/base/ids.hpp"
#include "kernel/port/interrupts.hpp"
#include "kernel/port/thread_context.h"

namespace fakes {

/// Clock, console, core, interrupts, stage 2 and memory as after power-on.
void reset();

// Clock.
void set_now(std::uint64_t ticks);
void advance(std::uint64_t ticks);
/// The deadline that is armed, or Ticks::forever() if none is.
base::Ticks armed_timer();
/// Each read of the clock moves it on by this much (0 after reset), for code that polls.
void set_clock_step(std::uint64_t ticks);

// Console.
/// Everything transmitted since the last call.
std::string take_console();
/// The transmitter takes this many characters and then says "no room" until told again; all ones is without limit
/// (reset).
void set_console_room(std::uint64_t characters);
/// How often port::console_take_back was called.
unsigned console_taken_back();

// Core.
void set_current_core(base::CoreId core);
/// How often the core was signalled since the last call.
unsigned take_signals(base::CoreId core);
struct PoweredOff {};
struct MachineRestarted {};
struct Halted {};
/// port::enter was called.
struct Entered {
  port::ThreadContext* context;
};
/// port::wait_for_interrupt with nothing pending and no timer armed: the machine would sleep for ever.
struct IdleForever {};
/// What port::use_traced_entries said last.
bool uses_traced_entries();
// Threads of the host as cores (parallel_cores.hpp).
/// The calling thread is this core from now on, beside the threads of other cores: signals come of themselves, and
/// port::wait_for_interrupt waits for one, or for the timer while the clock goes on. Of another core than the first:
/// returns when that one has started the others.
void play_core(base::CoreId core);
bool interrupt_is_due();
/// Whoever sleeps wakes, and leaves by an exception.
void end_machine();
struct MachineIsOver {};
/// Values that prepare_context and set_floating_point_trap leave in a context.
inline constexpr std::uint64_t kUserProcessorState = 0;
inline constexpr std::uint64_t kTrapFloatingPoint = std::uint64_t{1} << 10;
/// The registers that floating_point_save and _load move.
port::FloatingPointState& floating_point_registers();

// Interrupts.
struct FakeLine {
  bool is_enabled = false;
  bool is_active = false;  ///< dropped and not deactivated
  port::Trigger trigger = port::Trigger::Level;
  base::CoreId core{0};
};
FakeLine line(base::InterruptId number);
void raise_interrupt(port::Interrupt interrupt);
/// Called once, when the core looks for an interrupt next: as if another core had just done that.
void before_next_interrupt(std::function<void()> action);
unsigned unfinished_interrupts();
/// How often the core slept; each sleep moves the clock to the armed timer if nothing was pending.
unsigned sleeps();
/// A sleep more is as one for ever: of a machine that only goes from one timer to the next.
void set_sleeps_at_most(unsigned count);

}  // namespace fakes
