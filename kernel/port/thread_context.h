/* SPDX-License-Identifier: Apache-2.0
 *
 * ThreadContext: everything of a thread that the hardware side saves and restores. Shared by C++ and assembly: offsets
 * are macros, and each has a static_assert below. While EL0 runs, SP_EL2 holds the address of the running thread's
 * context, so "current" needs no store and entry needs no register. It is the first base of kernel::Thread; it lives
 * in type-stable memory, 64-byte aligned (INVARIANT: the kernel's thread pool guarantees both).
 */
#ifndef KERNEL_PORT_THREAD_CONTEXT_H
#define KERNEL_PORT_THREAD_CONTEXT_H

#define CONTEXT_GENERAL 0 /* x0..x30: 31 words */
#define CONTEXT_PROGRAM_COUNTER 248
#define CONTEXT_PROCESSOR_STATE 256
#define CONTEXT_STACK_POINTER 264
#define CONTEXT_THREAD_POINTER 272
#define CONTEXT_TRANSLATION_BASE 280 /* VTTBR_EL2: stage-2 root and VMID */
#define CONTEXT_TRAP_CONTROL 288     /* CPTR_EL2: whether floating point traps */
#define CONTEXT_KERNEL_STACK 296     /* top of the core's kernel stack */
#define CONTEXT_ZERO_PAIR 304        /* 16 bytes that stay zero, for scrubbing by ldp */
#define CONTEXT_SIZE 320

#ifndef __ASSEMBLER__
#include <cstddef>
#include <cstdint>

namespace port {

struct alignas(64) ThreadContext {
  std::uint64_t general[31];
  std::uint64_t program_counter;
  std::uint64_t processor_state;  ///< only what the kernel made, or NZCV of a preempted thread (hal masks it)
  std::uint64_t stack_pointer;
  std::uint64_t thread_pointer;
  std::uint64_t translation_base;
  std::uint64_t trap_control;
  std::uint64_t kernel_stack;
  std::uint64_t zero_pair[2];
};

static_assert(offsetof(ThreadContext, general) == CONTEXT_GENERAL);
static_assert(offsetof(ThreadContext, program_counter) == CONTEXT_PROGRAM_COUNTER);
static_assert(offsetof(ThreadContext, processor_state) == CONTEXT_PROCESSOR_STATE);
static_assert(offsetof(ThreadContext, stack_pointer) == CONTEXT_STACK_POINTER);
static_assert(offsetof(ThreadContext, thread_pointer) == CONTEXT_THREAD_POINTER);
static_assert(offsetof(ThreadContext, translation_base) == CONTEXT_TRANSLATION_BASE);
static_assert(offsetof(ThreadContext, trap_control) == CONTEXT_TRAP_CONTROL);
static_assert(offsetof(ThreadContext, kernel_stack) == CONTEXT_KERNEL_STACK);
static_assert(offsetof(ThreadContext, zero_pair) == CONTEXT_ZERO_PAIR);
static_assert(sizeof(ThreadContext) == CONTEXT_SIZE);
static_assert(CONTEXT_ZERO_PAIR % 16 == 0, "ldp of the pair stays within one line");

/// Floating-point state of one thread: V0-V31, FPCR, FPSR. Saved and loaded by port::floating_point_*; zero at first
/// use.
struct alignas(16) FloatingPointState {
  std::uint64_t vector[64];
  std::uint64_t control;
  std::uint64_t status;
};

}  // namespace port
#endif
#endif
