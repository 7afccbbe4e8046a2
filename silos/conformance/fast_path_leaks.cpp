// SPDX-License-Identifier: Apache-2.0
//
// Registers of one silo in another, across direct calls, calls by C++, preemption and switches: every register that a
// silo can write is full of canaries that say whose they are, and none of anybody else's is ever found. Manifest: the
// caller (argument 1), its server (2), which owns the port `leaks`, and one that interrupts both (3).
#include <string.h>

#include "fast_path.hpp"
#include "handles.hpp"

using namespace conformance;

namespace {

constexpr std::uint64_t kCanary = 0xc5;
constexpr std::uint64_t kKernel = 0x4000000000;  // boot/kernel.ld: 4 GiB from here are the kernel's own addresses
// What can be found, as bits.
constexpr std::uint64_t kForeign = 1;   // a canary of another silo
constexpr std::uint64_t kOfKernel = 2;  // an address of the kernel
constexpr std::uint64_t kLost = 4;      // what must be kept is not
constexpr std::uint64_t kNotZero = 8;   // what must be 0 is not
constexpr std::uint64_t kThread = 16;   // TPIDR_EL0, or anything in TPIDRRO_EL0
constexpr std::uint64_t kFailed = 32;   // a call

std::uint64_t canary(unsigned index) { return kCanary << 56 | argument() << 48 | pattern_serial << 12 | index; }
RawRegisters full() {
  ++pattern_serial;
  RawRegisters registers;
  for (unsigned i = 0; i < 31; ++i) registers.x[i] = canary(i);
  for (unsigned i = 0; i < 64; ++i) registers.vector[i] = canary(100 + i);
  registers.flags = 0xf0000000;
  registers.fpcr = ((pattern_serial + argument()) & 3) << 22;  // rounding
  registers.fpsr = (pattern_serial * 3 + argument()) & 0x1f;   // cumulative exceptions
  return registers;
}
/// A word that may be in a message register of the other's is none of these.
std::uint64_t leak_in(std::uint64_t value) {
  if (value >> 56 == kCanary && (value >> 48 & 0xff) != argument()) return kForeign;
  return value >> 32 == kKernel >> 32 ? kOfKernel : 0;
}

std::uint64_t look(RawRegisters& registers, void (*call)(RawRegisters*)) {
  const RawRegisters before = registers;
  const std::uint64_t thread = own_thread_pointer(), mark = canary(99);
  set_thread_pointer(mark);
  call(&registers);
  set_thread_pointer(thread);
  std::uint64_t found = registers.thread == mark ? 0 : kThread;
  std::uint64_t read_only;
  asm volatile("mrs %0, tpidrro_el0" : "=r"(read_only));
  if (read_only != 0) found |= kThread;
  for (const std::uint64_t value : registers.x) found |= leak_in(value);
  for (const std::uint64_t value : registers.vector) found |= leak_in(value);
  if (memcmp(&registers.x[19], &before.x[19], 12 * 8) != 0 ||
      memcmp(registers.vector, before.vector, sizeof before.vector) != 0 || registers.fpcr != before.fpcr ||
      registers.fpsr != before.fpsr)
    found |= kLost;
  for (unsigned i = 9; i < 19; ++i) {
    if (i != 14 && registers.x[i] != 0) found |= kNotZero;
  }
  if (registers.flags != 0) found |= kNotZero;
  return found;
}

void set(RawRegisters& registers, std::uint64_t number, std::uint64_t handle, std::uint64_t opcode,
         std::uint64_t deadline) {
  registers.x[0] = handle;
  registers.x[1] = opcode;
  registers.x[2] = 0;
  for (unsigned i = 3; i < 7; ++i) registers.x[i] = opcode;  // a message that is no canary
  registers.x[7] = deadline;
  registers.x[8] = number;
}

/// Opcodes: 0 answer; 1 sleep first; 2 tell what was found.
[[noreturn]] void serve() {
  std::uint64_t found = 0;
  RawRegisters registers = full();
  set(registers, GRANARY_SYS_PORT_RECEIVE, handles::leaks.value(), 0, GRANARY_DEADLINE_FOREVER);
  for (;;) {
    found |= look(registers, raw_call);
    const std::uint64_t opcode = registers.x[1], token = registers.x[8];
    if (opcode == 1) {
      RawRegisters sleep = full();
      set(sleep, GRANARY_SYS_SLEEP_UNTIL, 0, 0, ticks_from_now(50us));
      found |= look(sleep, raw_call);
    }
    registers = full();
    set(registers, token == 0 ? GRANARY_SYS_PORT_RECEIVE : GRANARY_SYS_PORT_REPLY_AND_RECEIVE, handles::leaks.value(),
        0, GRANARY_DEADLINE_FOREVER);
    registers.x[13] = token;
    if (opcode == 2) registers.x[3] = found;
  }
}

int interrupt() {
  std::uint64_t found = 0;
  for (int i = 0; i < 1000; ++i) {
    RawRegisters registers = full();
    set(registers, GRANARY_SYS_SLEEP_UNTIL, 0, 0, ticks_from_now(37us));
    found |= look(registers, i % 3 == 0 ? raw_call_general : raw_call);
  }
  check_equal(found, 0, "E2 a silo that interrupts the two finds nothing of theirs");
  return finish();
}

std::uint64_t call(std::uint64_t number, std::uint64_t opcode, std::uint64_t deadline, void (*way)(RawRegisters*)) {
  std::uint64_t found = 0;
  for (int i = 0; i < 200; ++i) {
    RawRegisters registers = full();
    set(registers, number, handles::leaks.value(), opcode, deadline);
    found |= look(registers, way);
    if (registers.x[0] != 0) found |= kFailed;
  }
  return found;
}

void exchange_messages() {
  constexpr std::uint64_t kForever = GRANARY_DEADLINE_FOREVER;
  check_equal(call(GRANARY_SYS_PORT_CALL, 0, kForever, raw_call_general), 0,
              "E2 direct calls: nothing of another silo");
  check_equal(call(GRANARY_SYS_PORT_CALL, 0, kForever, raw_call), 0, "E2 both use floating point");
  check_equal(call(GRANARY_SYS_PORT_CALL, 0, kForever, raw_call_twice), 0,
              "E2 only the server does, in the second call");
  check_equal(call(GRANARY_SYS_PORT_CALL, 0, kForever - 1, raw_call), 0, "E2 calls with a deadline");
  check_equal(call(GRANARY_SYS_PORT_CALL, 1, kForever, raw_call_twice), 0, "E2 the server sleeps before it answers");
  check_equal(call(GRANARY_SYS_PORT_SEND, 0, kForever, raw_call), 0, "E2 sent messages");
  check_equal(call(GRANARY_SYS_NULL_CALL, 0, kForever, raw_call_twice), 0, "E2 null calls");
  RawRegisters registers = full();
  set(registers, GRANARY_SYS_PORT_CALL, handles::leaks.value(), 2, kForever);
  static_cast<void>(look(registers, raw_call));
  check_equal(registers.x[3], 0, "E2 its server has found nothing either");
}

}  // namespace

int main() {
  if (argument() == 2) serve();
  if (argument() == 3) return interrupt();
  exchange_messages();
  // Whoever was served was interrupted, so most replies went the long way. Once more when the third silo has ended.
  sleep_for(1s);
  exchange_messages();
  return finish();
}
