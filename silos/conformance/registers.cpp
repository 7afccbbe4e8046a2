// SPDX-License-Identifier: Apache-2.0
//
// Registers across a system call: what is kept, what is zero, and that nothing of the kernel or of another silo is in
// the rest. Every register is filled with a pattern before the call and looked at afterwards (raw_call.S).
// registers_peer does the same at the same time. Manifest: quota for a port, and the same program as registers_peer
// with argument = 1.
#include <string.h>

#include "check.hpp"
#include "handles.hpp"
#include "raw_call.h"

using namespace conformance;

namespace {

constexpr std::uint64_t kAllFlags = 0xf0000000;

std::uint64_t pattern(unsigned index) { return 0x5151000000000000 + argument() * 0x0000a5a500000000 + index; }

RawRegisters filled() {
  RawRegisters registers;
  for (unsigned i = 0; i < 31; ++i) registers.x[i] = pattern(i);
  for (unsigned i = 0; i < 64; ++i) registers.vector[i] = pattern(100 + i);
  registers.flags = kAllFlags;
  registers.stack = registers.thread = 0;
  registers.fpcr = 0x00c00000;  // round towards zero
  registers.fpsr = 0x0800001f;
  return registers;
}

std::uint64_t thread_pointer() {
  std::uint64_t pointer;
  asm volatile("mrs %0, tpidr_el0" : "=r"(pointer));
  return pointer;
}

struct Findings {
  bool kept = true, zero = true, flags = true, vectors = true, results = true;
  unsigned culprit = 0;  ///< a register that has something it must not have
  std::uint64_t value = 0;
};

/// Makes the call and looks at everything but X0-X12, of which only those in `results` may be anything but 0.
Findings look(RawRegisters registers, std::uint32_t results) {
  const RawRegisters before = registers;
  const std::uint64_t thread = thread_pointer();
  raw_call(&registers);
  Findings findings;
  for (unsigned i = 19; i < 31; ++i) findings.kept = findings.kept && registers.x[i] == before.x[i];
  findings.kept = findings.kept && registers.thread == thread;
  for (unsigned i = 13; i < 19; ++i) findings.zero = findings.zero && registers.x[i] == 0;
  for (unsigned i = 1; i < 13; ++i) {
    if (registers.x[i] == 0 || (results & 1u << i) != 0) continue;
    findings.results = false;
    findings.culprit = i;
    findings.value = registers.x[i];
  }
  findings.flags = registers.flags == 0;
  findings.vectors = memcmp(registers.vector, before.vector, sizeof before.vector) == 0 &&
                     registers.fpcr == before.fpcr && registers.fpsr == before.fpsr;
  return findings;
}

void report(const char* call, const Findings& found) {
  char text[96];
  const auto say = [&](bool holds, const char* what) {
    snprintf(text, sizeof text, "%s %s", call, what);
    check(holds, text);
  };
  say(found.kept, "keeps X19-X30, SP and TPIDR_EL0");
  say(found.zero, "leaves 0 in X13-X18");
  say(found.flags, "leaves 0 in the condition flags");
  say(found.vectors, "keeps V0-V31, FPCR and FPSR");
  say(found.results, "leaves 0 in X1-X12 but for its results");
  if (!found.results) printf("# X%u is %#" PRIx64 "\n", found.culprit, found.value);
}

RawRegisters call_of(std::uint64_t number, std::uint64_t x0, std::uint64_t x7) {
  RawRegisters registers = filled();
  registers.x[8] = number;
  registers.x[0] = x0;
  registers.x[2] = 0;
  registers.x[7] = x7;
  return registers;
}

constexpr std::uint32_t bits(unsigned first, unsigned last) { return (2u << last) - (1u << first); }

}  // namespace

int main() {
  const Port port = Port::create().value();
  constexpr std::uint32_t kNothing = 0, kMessage = bits(1, 6), kX3 = 1u << 3;

  report("NULL_CALL", look(call_of(GRANARY_SYS_NULL_CALL, 0, 0), kNothing));
  report("ABI_VERSION", look(call_of(GRANARY_SYS_ABI_VERSION, 0, 0), kX3));
  report("an unknown call", look(call_of(12345, 0, 0), kNothing));
  report("a bad handle", look(call_of(GRANARY_SYS_HANDLE_INFO, 12345, 0), kNothing));
  report("HANDLE_INFO", look(call_of(GRANARY_SYS_HANDLE_INFO, port.value(), 0), bits(3, 5)));
  report("YIELD", look(call_of(GRANARY_SYS_YIELD, 0, 0), kNothing));
  report("SLEEP_UNTIL", look(call_of(GRANARY_SYS_SLEEP_UNTIL, 0, Deadline(3ms).ticks()), kNothing));
  report("PORT_TRY_RECEIVE of nothing", look(call_of(GRANARY_SYS_PORT_TRY_RECEIVE, port.value(), 0), kNothing));
  report("PORT_RECEIVE that times out",
         look(call_of(GRANARY_SYS_PORT_RECEIVE, port.value(), Deadline(3ms).ticks()), kNothing));
  report("PORT_SEND", look(call_of(GRANARY_SYS_PORT_SEND, port.value(), 0), kNothing));
  report("PORT_RECEIVE", look(call_of(GRANARY_SYS_PORT_RECEIVE, port.value(), 0), kMessage));
  report("PORT_CALL that times out",
         look(call_of(GRANARY_SYS_PORT_CALL, port.value(), Deadline(3ms).ticks()), kNothing));
  report("PORT_STATS", look(call_of(GRANARY_SYS_PORT_STATS, port.value(), 0), bits(2, 6) | bits(9, 12)));

  RawRegisters registers = call_of(GRANARY_SYS_PORT_SEND, port.value(), 0);
  raw_call_general(&registers);
  registers = call_of(GRANARY_SYS_PORT_RECEIVE, port.value(), 0);
  raw_call_general(&registers);
  check(registers.x[3] == pattern(3) && registers.x[6] == pattern(6), "the four data words of a message arrive");
  check(registers.x[9] == 0 && registers.x[12] == 0, "and nothing of X9-X12, which the flags do not announce");
  check(registers.x[1] == pattern(1) && registers.x[2] == 0 && registers.x[8] == 0,
        "the opcode arrives; flags and token are 0");

  bool own = true;
  for (int i = 0; i < 200; ++i) {
    const Findings findings = look(call_of(GRANARY_SYS_SLEEP_UNTIL, 0, Deadline(200us).ticks()), kNothing);
    own = own && findings.kept && findings.zero && findings.flags && findings.vectors && findings.results;
  }
  check(own, "200 switches to another silo that fills every register too: each keeps its own, none sees the other's");
  port.close().value();
  return finish();
}
