/* SPDX-License-Identifier: Apache-2.0
 *
 * RawRegisters: every register that a system call could touch, before and after. Shared with raw_call.S.
 */
#pragma once

#define RAW_GENERAL 0  /* x0..x30 */
#define RAW_FLAGS 248  /* NZCV */
#define RAW_STACK 256  /* SP after the call; ignored before */
#define RAW_THREAD 264 /* TPIDR_EL0 after the call; ignored before */
#define RAW_FPCR 272
#define RAW_FPSR 280
#define RAW_VECTOR 288 /* v0..v31, 16 bytes each */

#ifndef __ASSEMBLER__
#include <cstddef>
#include <cstdint>

struct RawRegisters {
  std::uint64_t x[31];
  std::uint64_t flags;
  std::uint64_t stack;
  std::uint64_t thread;
  std::uint64_t fpcr;
  std::uint64_t fpsr;
  std::uint64_t vector[64];
};
static_assert(offsetof(RawRegisters, flags) == RAW_FLAGS);
static_assert(offsetof(RawRegisters, stack) == RAW_STACK);
static_assert(offsetof(RawRegisters, thread) == RAW_THREAD);
static_assert(offsetof(RawRegisters, fpcr) == RAW_FPCR);
static_assert(offsetof(RawRegisters, fpsr) == RAW_FPSR);
static_assert(offsetof(RawRegisters, vector) == RAW_VECTOR);

/// Loads all of them, executes `svc #0`, and stores all of them again.
extern "C" void raw_call(RawRegisters* registers);
/// The same with the FP registers left alone: a thread that never touches them.
extern "C" void raw_call_general(RawRegisters* registers);
/// raw_call, but the call is made twice: between the two nothing touches an FP register.
extern "C" void raw_call_twice(RawRegisters* registers);
#endif
