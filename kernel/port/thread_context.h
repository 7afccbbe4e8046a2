/* SPDX-License-Identifier: Apache-2.0
 *
 * ThreadContext: everything of a thread that the hardware side saves and restores. Shared by C++ and assembly: offsets
 * are macros, and each has a static_assert below. While EL0 runs, SP_EL2 holds the address of the running thread's
 * context, so "current" needs no store and entry needs no register. It is the first base of kernel::Thread; it lives
 * in type-stable memory, 64-byte aligned (INVARIANT: the kernel's thread pool guarantees both).
 */
#ifndef KERNEL_PORT_THREAD_CONTEXT_H
#define KERNEL_PORT_THREAD_CONTEXT_H

/* What a quick call that leaves nobody to run returns instead of a context, which is aligned (port::nobody). */
#define QUICK_EXIT_NOBODY 1

#define CONTEXT_GENERAL 0 /* x0..x30: 31 words */
#define CONTEXT_PROGRAM_COUNTER 248
#define CONTEXT_STACK_POINTER 256
#define CONTEXT_PROCESSOR_STATE 264
#define CONTEXT_THREAD_POINTER 272
#define CONTEXT_DIRECT_CALLS 280
#define CONTEXT_CORE 288
#define CONTEXT_DIRECT_DEPTH 296
#define CONTEXT_TRANSLATION_BASE 304 /* VTTBR_EL2: stage-2 root and VMID */
#define CONTEXT_TRAP_CONTROL 312     /* CPTR_EL2: whether floating point traps */
#define CONTEXT_CAPABILITIES 320
#define CONTEXT_CAPABILITY_MASK 328
#define CONTEXT_CALLER 336
#define CONTEXT_TOKEN 344
#define CONTEXT_FLOATING_CALLER 352
#define CONTEXT_CALL_HANDLE 360
#define CONTEXT_CALL_DEADLINE 368
#define CONTEXT_SERVED_PORT 376
#define CONTEXT_KERNEL_STACK 384 /* top of the core's kernel stack */
#define CONTEXT_ZERO_PAIR 400    /* 16 bytes that stay zero, for scrubbing by ldp */
#define CONTEXT_LABEL 416        /* right behind a zero */
#define CONTEXT_FLOATING_POINT_CONTROL 432
#define CONTEXT_VECTORS 448 /* v0..v31 */
#define CONTEXT_SIZE 960

#ifndef __ASSEMBLER__
#include <cstddef>
#include <cstdint>

namespace port {

/// Floating-point state of one thread: FPCR, FPSR, V0-V31. Saved and loaded by port::floating_point_* and by the fast
/// path; zero at first use.
struct alignas(16) FloatingPointState {
  std::uint64_t control;
  std::uint64_t status;
  std::uint64_t vector[64];
};

struct CoreWords;

struct alignas(64) ThreadContext {
  std::uint64_t general[31];
  std::uint64_t program_counter;
  std::uint64_t stack_pointer;
  std::uint64_t processor_state;  ///< only what the kernel made, or NZCV of a preempted thread (hal masks it)
  std::uint64_t thread_pointer;
  std::uint64_t direct_calls;  ///< calls that it has made by the fast path (kernel/port/direct_call.h)
  CoreWords* core_words;       ///< of the core that it is pinned to
  std::uint64_t direct_depth;  ///< how many direct calls lead to it that the kernel has not caught up with
  std::uint64_t translation_base;
  std::uint64_t trap_control;
  const void* capabilities;       ///< the table that the fast path looks handles up in
  std::uint64_t capability_mask;  ///< of a handle's bits that are an offset into it
  ThreadContext* direct_caller;   ///< whose direct call it serves; null if it serves none
  std::uint64_t direct_token;     ///< of the direct call that it took last
  /// The same of a server that uses floating point; bit 0: caller and server have exchanged the registers.
  std::uint64_t floating_caller;
  std::uint64_t call_handle;  ///< what it named in the direct call that it made last
  std::uint64_t call_deadline;
  void* served_port;  ///< the object at which direct calls reach it
  std::uint64_t kernel_stack;
  std::uint64_t unused;
  std::uint64_t zero_pair[2];
  std::uint64_t sender_label;  ///< of its silo, which receivers find in X14
  std::uint64_t unused_too;
  FloatingPointState floating_point;  ///< while its core's registers belong to another thread
};

static_assert(offsetof(ThreadContext, general) == CONTEXT_GENERAL);
static_assert(offsetof(ThreadContext, program_counter) == CONTEXT_PROGRAM_COUNTER);
static_assert(offsetof(ThreadContext, stack_pointer) == CONTEXT_STACK_POINTER);
static_assert(offsetof(ThreadContext, processor_state) == CONTEXT_PROCESSOR_STATE);
static_assert(offsetof(ThreadContext, thread_pointer) == CONTEXT_THREAD_POINTER);
static_assert(offsetof(ThreadContext, direct_calls) == CONTEXT_DIRECT_CALLS);
static_assert(offsetof(ThreadContext, core_words) == CONTEXT_CORE);
static_assert(offsetof(ThreadContext, direct_depth) == CONTEXT_DIRECT_DEPTH);
static_assert(offsetof(ThreadContext, translation_base) == CONTEXT_TRANSLATION_BASE);
static_assert(offsetof(ThreadContext, trap_control) == CONTEXT_TRAP_CONTROL);
static_assert(offsetof(ThreadContext, capabilities) == CONTEXT_CAPABILITIES);
static_assert(offsetof(ThreadContext, capability_mask) == CONTEXT_CAPABILITY_MASK);
static_assert(offsetof(ThreadContext, direct_caller) == CONTEXT_CALLER);
static_assert(offsetof(ThreadContext, direct_token) == CONTEXT_TOKEN);
static_assert(offsetof(ThreadContext, floating_caller) == CONTEXT_FLOATING_CALLER);
static_assert(offsetof(ThreadContext, call_handle) == CONTEXT_CALL_HANDLE);
static_assert(offsetof(ThreadContext, call_deadline) == CONTEXT_CALL_DEADLINE);
static_assert(offsetof(ThreadContext, served_port) == CONTEXT_SERVED_PORT);
static_assert(offsetof(ThreadContext, kernel_stack) == CONTEXT_KERNEL_STACK);
static_assert(offsetof(ThreadContext, zero_pair) == CONTEXT_ZERO_PAIR);
static_assert(offsetof(ThreadContext, sender_label) == CONTEXT_LABEL);
static_assert(offsetof(ThreadContext, floating_point.control) == CONTEXT_FLOATING_POINT_CONTROL);
static_assert(offsetof(ThreadContext, floating_point.vector) == CONTEXT_VECTORS);
static_assert(CONTEXT_FLOATING_CALLER == CONTEXT_TOKEN + 8 && CONTEXT_CALLER == CONTEXT_TOKEN - 8, "pairs");
static_assert(sizeof(ThreadContext) == CONTEXT_SIZE);
static_assert(CONTEXT_ZERO_PAIR % 16 == 0, "ldp of the pair stays within one line");
static_assert(CONTEXT_LABEL == CONTEXT_ZERO_PAIR + 16, "{0, label} is a pair as well");

}  // namespace port
#endif
#endif
