// SPDX-License-Identifier: Apache-2.0
//
// The programs of conformance_fast_path: a scripted server (fast_path_server.cpp) and those that call it. Every
// register is dirty before a system call, with a pattern that is new each time. Nothing here may touch an FP register
// between a call and its reply: the trap would enter the kernel, and the reply would take the long way.
#pragma once

#include "check.hpp"
#include "fast_path.h"

namespace conformance {

/// Opcodes for a scripted server. The answer is X1 = opcode + kAnswered. Words: X3, X4, ...
enum OrderOf : std::uint64_t {
  kEcho = 1,  ///< answers with each word inverted, and with the flags of the call
  kTell,      ///< answers with eight registers of the last kEcho as they came, from number X3 on
  kFindings,  ///< answers with what was wrong in registers so far: bits of Findings; with the number of receives
  kAttempt,   ///< tries a PORT_REPLY_AND_RECEIVE with words, number and arguments changed; answers with its status
  kFloat,     ///< answers, and uses floating point from now on in each service
  kTouched,   ///< answers with how many ticks its first use of floating point took in this service
  kClaim,     ///< enters the kernel, then makes the floating-point registers its own, then answers
  kSpin,      ///< answers at the time X3, without entering the kernel
  kEnter,     ///< enters the kernel by the call number X3 (a console write, a null call in C++ ...), then answers
  kWait,      ///< executes wfi, then answers; X3 is what was wrong in registers afterwards
  kExit,      ///< the silo ends
  kFault,     ///< the silo is stopped
  kTimed,     ///< answers, then serves ORDER_TIME until something else comes
  kRepeat,    ///< of a plain send: replies to the call before once more; by its own handle, or by X3 = 1: 0, 2: another
  kRepeated,  ///< answers with the status of that
  kStatistics,  ///< answers with PORT_STATS of its port
  kMeasure,     ///< PORT_CALL_STATS of its port: count, shortest, longest, sum
  kBack,        ///< calls the port `back` with kEcho; answers with the status
  kForward,     ///< calls the next server with X4 as opcode if X3 is 1, else kForward and X3 - 1
};
inline constexpr std::uint64_t kAnswered = 0x4000;
inline constexpr std::uint64_t kAttempted = 0x8000;  ///< opcode of a reply that must not arrive

/// What a register check found wrong, as bits.
enum Finding : std::uint64_t {
  kLostRegister = 1,   ///< X19-X30
  kLostThread = 2,     ///< TPIDR_EL0
  kDirtyScratch = 4,   ///< X13, X15-X18
  kDirtyFlags = 8,     ///< NZCV
  kDirtyMessage = 16,  ///< X9-X12 of a message that has four words
};

#pragma GCC push_options
#pragma GCC target("general-regs-only")

/// The front of RawRegisters: all that raw_call_general touches. Copied word by word, not by FP registers.
struct General {
  std::uint64_t x[31], flags, stack, thread;
  General() {}
  General(const General& other) { *this = other; }
  General& operator=(const General& other) {
    for (unsigned i = 0; i < 31; ++i) {
      x[i] = other.x[i];
      asm volatile("" ::: "memory");
    }
    flags = other.flags;
    return *this;
  }
  /// SAFETY: raw_call_general, raw_wfi and serve_timed go no further than `thread`.
  RawRegisters* raw() { return reinterpret_cast<RawRegisters*>(this); }
};
static_assert(offsetof(General, flags) == RAW_FLAGS && offsetof(General, thread) == RAW_THREAD);

inline std::uint64_t own_thread_pointer() {
  std::uint64_t pointer;
  asm volatile("mrs %0, tpidr_el0" : "=r"(pointer));
  return pointer;
}
inline void set_thread_pointer(std::uint64_t pointer) { asm volatile("msr tpidr_el0, %0" ::"r"(pointer) : "memory"); }

inline const std::uint64_t pattern_base = 0x5100000000000000 + (argument() << 48);
inline std::uint64_t pattern_serial = 0;
inline std::uint64_t pattern_of(unsigned index) { return pattern_base + (pattern_serial << 8) + index; }

/// Every register with a new pattern, and no FP register.
// Not inline: a caller that may use FP registers would use them for the copies in here.
#define GRANARY_GENERAL_ONLY __attribute__((noinline)) inline

inline void make_dirty(General& registers) {
  ++pattern_serial;
  const std::uint64_t pattern = pattern_of(0);
  for (unsigned i = 0; i < 31; ++i) {
    registers.x[i] = pattern + i;
    asm volatile("" ::: "memory");
  }
  registers.flags = 0xf0000000;
}

/// The system call in `registers`, of which X19-X30 and the flags are looked at; what is wrong with them and with those
/// that the kernel must leave zero.
GRANARY_GENERAL_ONLY std::uint64_t call_and_look(General& registers) {
  const std::uint64_t thread = own_thread_pointer(), mark = pattern_of(99), pattern = registers.x[19] - 19;
  set_thread_pointer(mark);
  raw_call_general(registers.raw());
  set_thread_pointer(thread);
  std::uint64_t found = 0;
  if (registers.thread != mark) found |= kLostThread;
  for (unsigned i = 19; i < 31; ++i) {
    if (registers.x[i] != pattern + i) found |= kLostRegister;
  }
  if ((registers.x[13] | registers.x[15] | registers.x[16] | registers.x[17] | registers.x[18]) != 0)
    found |= kDirtyScratch;
  if (registers.flags != 0) found |= kDirtyFlags;
  if ((registers.x[2] & 1) == 0 && (registers.x[9] | registers.x[10] | registers.x[11] | registers.x[12]) != 0)
    found |= kDirtyMessage;
  return found;
}

/// A PORT_CALL as it shall be; fields that a test changes. The rest of the registers is dirt.
struct RawCall {
  std::uint64_t handle = 0;
  std::uint64_t opcode = kEcho;
  std::uint64_t flags = 0;
  std::uint64_t word0 = 0, word1 = 0, word2 = 0, word3 = 0;
  std::uint64_t deadline = GRANARY_DEADLINE_FOREVER;
  std::uint64_t number = GRANARY_SYS_PORT_CALL;
};

/// Whose values the floating-point registers hold when a call is made to a server that uses them.
enum class Floating { NotUsed, OfTheCaller, OfTheServer };
inline Floating floating = Floating::NotUsed;
inline std::uint64_t claiming_server = 0;  ///< of OfTheServer

GRANARY_GENERAL_ONLY void before_call() {
  if (floating == Floating::OfTheCaller) touch_floating_point();
  if (floating != Floating::OfTheServer) return;
  General registers;
  make_dirty(registers);
  registers.x[0] = claiming_server;
  registers.x[1] = kClaim;
  registers.x[2] = 0;
  registers.x[7] = GRANARY_DEADLINE_FOREVER;
  registers.x[8] = GRANARY_SYS_PORT_CALL;
  static_cast<void>(call_and_look(registers));
}

inline std::uint64_t last_findings = 0;

GRANARY_GENERAL_ONLY General call_raw(const RawCall& call) {
  before_call();
  General registers;
  make_dirty(registers);
  registers.x[0] = call.handle;
  registers.x[1] = call.opcode;
  registers.x[2] = call.flags;
  if (call.opcode != kEcho) {
    registers.x[3] = call.word0;
    registers.x[4] = call.word1;
    registers.x[5] = call.word2;
    registers.x[6] = call.word3;
  }
  registers.x[7] = call.deadline;
  registers.x[8] = call.number;
  last_findings = call_and_look(registers);
  return registers;
}

#pragma GCC pop_options

inline std::int64_t status_of(const General& registers) { return static_cast<std::int64_t>(registers.x[0]); }

/// The shortest of some: each can be interrupted.
template <typename Measure>
std::uint64_t shortest(Measure measure) {
  std::uint64_t best = ~std::uint64_t{0};
  for (int i = 0; i < 60; ++i) {
    const std::uint64_t time = measure();
    if (time < best) best = time;
  }
  return best;
}

inline std::uint64_t ticks_from_now(std::chrono::microseconds time) { return Deadline(time).ticks(); }

}  // namespace conformance
