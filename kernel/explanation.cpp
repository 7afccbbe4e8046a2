// SPDX-License-Identifier: Apache-2.0
//
// See explanation.hpp. Each phase is a function that prints at most one line, and says when it is over.
#include "kernel/explanation.hpp"

#include "kernel/backtrace.hpp"
#include "kernel/core_file.hpp"
#include "kernel/fault_report.hpp"
#include "kernel/last_events.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/silo_stop.hpp"

namespace kernel {

namespace {

constexpr std::uint32_t kRoomForALine = 512;
/// A console that takes nothing for so long is not waited for: what holds up the end of a silo must end itself.
constexpr std::uint64_t kPatienceSeconds = 1;
constexpr std::uint64_t kSecondsBetween = 1;
constexpr unsigned kRegistersInALine = 4;
constexpr unsigned kSilosInAStep = 8;
constexpr unsigned kOthersNamed = 4;
constexpr unsigned kLinkRegister = 30;

enum class Phase : std::uint8_t { Events, Image, Others, Registers, State, Callers, Threads, Told, CoreFile, End };

struct Explanation {
  base::IntrusiveList<Silo, &Silo::explanation_node> waiting;  ///< the first is the one that is being explained
  Phase phase = Phase::Events;
  std::uint32_t index = 0;  ///< in the phase
  std::uint32_t found = 0;
  StackWalk walk;
  LastEvents events;
  CoreFileWriter core_file;
  base::Ticks last_progress;
};
constinit Explanation explanations[kCoresMaximum];
/// Of all core files since boot.
constinit std::uint32_t core_files_begun = 0;

Explanation& of(const Core& core) { return explanations[core.id().value()]; }

const Thread& faulting_thread(const Silo& silo) {
  for (const Thread* const thread : silo.threads()) {
    if (thread->name() == silo.fault_record().thread.view()) return *thread;
  }
  return *silo.threads().front();  // whoever faults has a thread
}

void add_code_place(ReportLine& line, const Silo& silo, std::uint64_t address) {
  line.add("{}, ", base::Hex{address});
  add_place(line, silo, base::SiloAddress(address));
}

/// Not in anything of the silo's, nor where every silo must find nothing.
bool is_somewhere_else(Place::Kind kind) {
  return kind == Place::Kind::BelowRegion || kind == Place::Kind::BehindRegion || kind == Place::Kind::Nowhere;
}

/// Which other silos have something where this one has nothing.
bool say_others(Explanation& state, const Silo& silo) {
  const port::FaultReport& report = silo.fault_record().report;
  const base::SiloAddress address(report.address);
  if (!report.address_valid || !is_somewhere_else(place_of(silo, address).kind)) return false;
  for (unsigned count = 0; count < kSilosInAStep; ++count) {
    if (state.index == silos().size() || state.found == kOthersNamed) return false;
    const Silo& other = *silos()[state.index++];
    const Region* const region = &other == &silo ? nullptr : other.region_at(address);
    if (region == nullptr) continue;
    ++state.found;
    ReportLine line(silo.name.view());
    line.add("{} is in region {} of silo {}: not its own", base::Hex{report.address}, region->name.view(),
             other.name.view());
    return true;
  }
  return true;
}

bool say_registers(Explanation& state, const Silo& silo, const Thread& thread) {
  ReportLine line(silo.name.view());
  for (unsigned count = 0; count < kRegistersInALine; ++count, ++state.index) {
    const bool is_general = state.index < 31;
    if (is_general) {
      line.add(state.index < 10 ? "  x{} {}" : " x{} {}", state.index, base::Hex{thread.general[state.index], 16});
    } else {
      line.add("  sp {}", base::Hex{thread.stack_pointer, 16});
    }
  }
  return state.index < 32;
}

void say_state(const Silo& silo, const Thread& thread) {
  ReportLine line(silo.name.view());
  line.add("  pc {} pstate {} tpidr {} esr {}", base::Hex{thread.program_counter, 16},
           base::Hex{thread.processor_state}, base::Hex{thread.thread_pointer},
           base::Hex{silo.fault_record().report.syndrome});
}

/// Frame 0 is where it was; what is behind it by the link register is right only if that function keeps no frame, so it
/// has no number.
bool say_callers(Explanation& state, const Silo& silo, const Thread& thread) {
  const std::uint32_t line_number = state.index++;
  if (line_number == 0) {
    ReportLine line(silo.name.view());
    line.write("#0 ");
    add_code_place(line, silo, thread.program_counter);
    state.walk = StackWalk(silo, thread);
    return true;
  }
  if (line_number == 1) {
    ReportLine line(silo.name.view());
    line.write("lr ");
    add_code_place(line, silo, thread.general[kLinkRegister]);
    return true;
  }
  const auto caller = state.walk.next();
  ReportLine line(silo.name.view());
  if (caller) {
    line.add("#{} ", line_number - 1);
    add_code_place(line, silo, *caller);
    return true;
  }
  line.add("end of the calls: {}", state.walk.end_in_words());
  return false;
}

bool say_other_threads(Explanation& state, const Silo& silo, const Thread& thread) {
  while (state.index < silo.threads().size()) {
    const Thread& other = *silo.threads()[state.index++];
    if (&other == &thread) continue;
    ReportLine line(silo.name.view());
    line.add("thread {} was at ", other.name());
    add_code_place(line, silo, other.program_counter);
    return true;
  }
  return false;
}

void say_end(const Silo& silo) { ReportLine(silo.name.view()).write("end of the report"); }

/// True: the phase goes on.
bool phase_step(Explanation& state, const Core& core, const Silo& silo) {
  const Thread& thread = faulting_thread(silo);
  switch (state.phase) {
    case Phase::Events:
      if (state.index++ == 0) state.events.begin(core.id().value(), silo.id);
      return state.events.find_more();
    case Phase::Image:
      if (const std::string_view image = image_name(silo); !image.empty())
        ReportLine(silo.name.view()).add("its image is {}", image);
      return false;
    case Phase::Others: return say_others(state, silo);
    case Phase::Registers: return say_registers(state, silo, thread);
    case Phase::State: say_state(silo, thread); return false;
    case Phase::Callers: return say_callers(state, silo, thread);
    case Phase::Threads: return say_other_threads(state, silo, thread);
    case Phase::Told: return state.events.say_next(silo);
    case Phase::CoreFile:
      if (!core_files_are_on()) return false;
      if (state.index++ == 0) state.core_file.begin(silo, core_files_begun++);
      return state.core_file.step();
    case Phase::End: say_end(silo); return false;
  }
  return false;
}

void next_silo(Explanation& state, Core& core) {
  Silo& silo = *state.waiting.pop_front();
  state.phase = Phase::Events;
  state.index = 0;
  state.found = 0;
  silo.last_explained = port::now();
  if (silo.coming_node.is_linked()) core.expect(silo, base::Ticks());  // it waits for this
}

/// One of these was not long ago.
bool is_too_often(const Silo& silo) {
  return silo.last_explained != base::Ticks() &&
         port::now().value() - silo.last_explained.value() < kSecondsBetween * port::clock_frequency();
}

void step(Explanation& state, Core& core) {
  state.last_progress = port::now();
  if (phase_step(state, core, *state.waiting.front())) return;
  if (state.phase == Phase::End) {
    next_silo(state, core);
    return;
  }
  state.index = 0;
  state.found = 0;
  state.phase = static_cast<Phase>(static_cast<std::uint8_t>(state.phase) + 1);
}

}  // namespace

void begin_explanation(Core& core, Silo& silo) {
  Explanation& state = of(core);
  if (silo.explanation_node.is_linked() || silo.threads().empty()) return;
  if (is_too_often(silo)) {
    ReportLine(silo.name.view()).write("end of the report: the last one was less than a second ago");
    return;
  }
  if (state.waiting.is_empty()) state.last_progress = port::now();
  state.waiting.push_back(silo);
  silo.holdings.begin();
  // A thread that ends leaves what it has in the registers behind; the core file is to have it.
  if (!core_files_are_on()) return;
  port::ThreadContext* const owner = core.words().floating_point_owner;
  for (Thread* const thread : silo.threads()) {
    if (owner == &thread->context()) port::floating_point_save(owner->floating_point);
  }
}

bool explain_holdings(Unlocked held, Silo& silo) { return silo.holdings.say_next(held, silo); }

ExplanationStep explain_next(Core& core) {
  Explanation& state = of(core);
  if (state.waiting.is_empty()) return ExplanationStep::Done;
  if (console_room() < kRoomForALine) {
    if (port::now().value() - state.last_progress.value() < kPatienceSeconds * port::clock_frequency())
      return ExplanationStep::NoRoom;
    next_silo(state, core);
    state.last_progress = port::now();
    return ExplanationStep::More;
  }
  step(state, core);
  return state.waiting.is_empty() ? ExplanationStep::Done : ExplanationStep::More;
}

bool explanation_is_pending(const Core& core) { return !of(core).waiting.is_empty(); }

bool explanation_is_waited_for(const Core& core) {
  const Silo* const silo = of(core).waiting.front();
  return silo != nullptr && silo->coming_node.is_linked();
}

bool is_being_explained(const Silo& silo) { return silo.explanation_node.is_linked(); }

void finish_explanations(Unlocked held) {
  for (std::uint32_t id = 0; id < kCoresMaximum; ++id) {
    Explanation& state = explanations[id];
    while (!state.waiting.is_empty()) {
      Silo& silo = *state.waiting.front();
      while (explain_holdings(held, silo)) {
      }
      step(state, core_of(base::CoreId(id)));
    }
  }
}

void explain_before_the_end(Core& core, Silo& silo) {
  if (silo.state() != abi::SiloState::Faulted) return;
  report_fault(silo, faulting_thread(silo), silo.fault_record().report);
  begin_explanation(core, silo);
  finish_explanations(base::hold_nothing(base::TokenSource::interrupts_masked()));
}

void forget_explanations() {
  core_files_begun = 0;
  for (Explanation& state : explanations) {
    while (state.waiting.pop_front() != nullptr) {
    }
    state.phase = Phase::Events;
    state.index = 0;
    state.found = 0;
  }
}

}  // namespace kernel
