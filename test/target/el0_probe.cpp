// SPDX-License-Identifier: Apache-2.0
//
// Runs the probes of el0_probe.S at EL0 and prints a line for each: "name|ok X0", "name|TRAP ESR_EL2", "name|WAIT". The
// lines are compared with test/golden/el0_CPU.txt (run_target.py), which come from a study of the same probes with the
// same control registers.
#include <cstddef>

#include "hal/regs/esr_el2.hpp"
#include "kernel/port/cpu.hpp"
#include "test/target/harness.hpp"

extern "C" {
extern const std::byte el0_probe[], el0_probe_end[];
extern const char probe_names[];
}

namespace target {

namespace {

constexpr std::uint64_t kProgram = 0x10000;
constexpr std::uint64_t kData = 0x8000;  // SILO_DATA of el0_probe.S
constexpr std::uint64_t kMarker = 1;

constinit Space space;

void print_line(std::string_view text) { kernel::console_write(text); }

template <typename... Arguments>
void line(std::string_view text, const Arguments&... arguments) {
  struct Sink {
    void write(std::string_view piece) { print_line(piece); }
  } sink;
  base::format(sink, text, arguments...);
}

struct Outcome {
  bool trapped;
  bool waited;
  std::uint64_t value;
};

/// One probe, from where the context stands to behind its marker.
Outcome probe(port::ThreadContext& context, unsigned& first_uses) {
  Outcome outcome{};
  context.general[0] = 0;
  context.general[8] = 0;
  for (;;) {
    const Exit exit = run(context);
    switch (exit.kind) {
      case ExitKind::SystemCall:
        if (context.general[8] == kMarker) {
          if (!outcome.trapped) outcome.value = context.general[0];
          return outcome;
        }
        outcome.trapped = true;  // a svc of the probe's own
        outcome.value = exit.syndrome;
        break;
      case ExitKind::Fault: {
        outcome.trapped = true;
        outcome.value = exit.syndrome;
        const bool has_next = !(exit.fault.access == port::FaultAccess::Execute);
        context.program_counter = has_next ? context.program_counter + 4 : context.general[21];
        break;
      }
      case ExitKind::FloatingPoint: {
        static const port::FloatingPointState zero{};
        ++first_uses;
        port::floating_point_load(zero);
        port::set_floating_point_trap(context, false);
        break;
      }
      case ExitKind::WaitInstruction: outcome.waited = true; break;
      case ExitKind::Interrupt: outcome.value = ~std::uint64_t{0}; return outcome;
    }
  }
}

}  // namespace

void run_test() {
  space.create(1);
  const auto bytes = static_cast<std::uint64_t>(el0_probe_end - el0_probe);
  for (std::uint64_t at = 0; at < bytes; at += base::kPageSize) {
    space.map(kProgram + at, physical_address_of(el0_probe + at), port::Access::ReadExecute);
  }
  space.map(kData, take_page().physical, port::Access::ReadWrite);
  port::ThreadContext context;
  prepare(context, space.translation_base(), kProgram, kData + 64);

  unsigned count = 0, first_uses = 0;
  for (std::string_view name = probe_names; !name.empty(); name = std::string_view(name.data() + name.size() + 1)) {
    const Outcome outcome = probe(context, first_uses);
    const bool varies = name.front() == '~';
    line("{}|", varies ? name.substr(1) : name);
    if (outcome.waited) {
      line("WAIT\n");
    } else if (varies && !outcome.trapped) {
      line("ok varies\n");
    } else {
      line("{} {}\n", outcome.trapped ? "TRAP" : "ok", base::Hex{outcome.value, 16});
    }
    ++count;
  }
  check_equal(count, 146, "all probes ran");
  check_equal(first_uses, 1, "floating point trapped once, at its first use");
}

}  // namespace target
