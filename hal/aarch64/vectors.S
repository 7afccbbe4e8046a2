/* SPDX-License-Identifier: Apache-2.0
 *
 * The sixteen exception vectors of EL2 and their traced twins, the way into the kernel and back out, and the two tables
 * of a dying kernel.
 * Data movement only: what an exception means is decided in exit.cpp and epitaph.cpp.
 * INVARIANTS: while EL0 runs, SP_EL2 is the running thread's ThreadContext, never a stack. Inside the kernel SP_EL2 is
 * the core's kernel stack; an exception there is a kernel bug, and its vector leaves that stack before its first store
 * (design 2.5). TPIDR_EL2 is the core's number.
 */
#include "hal/aarch64/entry_layout.h"
#include "hal/aarch64/kernel_layout.hpp"
#include "kernel/port/thread_context.h"

#define EC_AND_IL_OF_SVC 0x2b /* ESR_EL2[31:25]: EC 0x15, IL 1; an AArch32 svc has another vector (Arm ARM D17.2.37) */

  .section .text.vectors, "ax"

/* From EL0: x0 and x1 wait in the context; x1 becomes the vector's number. */
.macro from_silo table, number, leave=leave_silo
  .org  \table + \number * 0x80
  stp   x0, x1, [sp, #CONTEXT_GENERAL]
  mov   x1, #\number
  b     \leave
.endm

/* From EL2 itself: no store before the emergency stack. x0 waits in TPIDR_EL1: nothing uses it, EL0 cannot read it. */
.macro from_kernel table, number
  .org  \table + \number * 0x80
  msr   tpidr_el1, x0
  mov   x0, #\number
  b     die_on_emergency_stack
.endm

.macro from_dying_kernel table, number
  .org  \table + \number * 0x80
  mov   x0, #\number
  b     die_again
.endm

  .balign 2048
  .globl exception_vectors
exception_vectors:
  from_kernel exception_vectors, 0    /* 0x000 synchronous, EL2 on SP_EL0 */
  from_kernel exception_vectors, 1    /* 0x080 IRQ */
  from_kernel exception_vectors, 2    /* 0x100 FIQ */
  from_kernel exception_vectors, 3    /* 0x180 SError */
  from_kernel exception_vectors, 4    /* 0x200 synchronous, EL2 */
  from_kernel exception_vectors, 5    /* 0x280 IRQ */
  from_kernel exception_vectors, 6    /* 0x300 FIQ */
  from_kernel exception_vectors, 7    /* 0x380 SError */
  .org  exception_vectors + 8 * 0x80  /* 0x400 synchronous, EL0 in AArch64: system calls and faults */
  stp   x16, x17, [sp, #CONTEXT_GENERAL + 128]
  mrs   x16, esr_el2
  lsr   w16, w16, #25
  cmp   w16, #EC_AND_IL_OF_SVC
  b.eq  fast_path
  b     not_a_system_call
  from_silo   exception_vectors, 9, leave_by_interrupt    /* 0x480 IRQ */
  from_silo   exception_vectors, 10   /* 0x500 FIQ */
  from_silo   exception_vectors, 11   /* 0x580 SError */
  from_silo   exception_vectors, 12   /* 0x600 synchronous, EL0 in AArch32 */
  from_silo   exception_vectors, 13   /* 0x680 IRQ */
  from_silo   exception_vectors, 14   /* 0x700 FIQ */
  from_silo   exception_vectors, 15   /* 0x780 SError */
  .org  exception_vectors + 0x800

/* The same sixteen while the core traces (port::use_traced_entries): silos leave by leave_silo_traced. What no silo can
 * cause says its name as ever.
 */
  .balign 2048
  .globl traced_exception_vectors
traced_exception_vectors:
  from_kernel traced_exception_vectors, 0
  from_kernel traced_exception_vectors, 1
  from_kernel traced_exception_vectors, 2
  from_kernel traced_exception_vectors, 3
  from_kernel traced_exception_vectors, 4
  from_kernel traced_exception_vectors, 5
  from_kernel traced_exception_vectors, 6
  from_kernel traced_exception_vectors, 7
  from_silo   traced_exception_vectors, 8, leave_silo_traced
  from_silo   traced_exception_vectors, 9, leave_silo_traced
  from_silo   traced_exception_vectors, 10, leave_silo_traced
  from_silo   traced_exception_vectors, 11, leave_silo_traced
  from_silo   traced_exception_vectors, 12, leave_silo_traced
  from_silo   traced_exception_vectors, 13, leave_silo_traced
  from_silo   traced_exception_vectors, 14, leave_silo_traced
  from_silo   traced_exception_vectors, 15, leave_silo_traced
  .org  traced_exception_vectors + 0x800

/* ThreadContext* leave_silo() and leave_silo_traced(), continue into enter_context
 * IN   SP_EL2 = the running thread's context with x0 and x1 saved, x1 = vector; all else as EL0 left it
 * Saves the whole frame, takes the core's kernel stack and calls
 *   port::ThreadContext* granary_exit_from_silo(port::ThreadContext* running, uint64_t vector), or its _traced twin
 * OUT  x0 = the context to resume   CLOBBERS everything (saved)   STACK the core's, empty   EL 2, MMU on, DAIF masked
 */
.macro save_scratch
  stp   x2, x3, [sp, #CONTEXT_GENERAL + 16]
  stp   x4, x5, [sp, #CONTEXT_GENERAL + 32]
  stp   x6, x7, [sp, #CONTEXT_GENERAL + 48]
  stp   x8, x9, [sp, #CONTEXT_GENERAL + 64]
  stp   x10, x11, [sp, #CONTEXT_GENERAL + 80]
  stp   x12, x13, [sp, #CONTEXT_GENERAL + 96]
  stp   x14, x15, [sp, #CONTEXT_GENERAL + 112]
  stp   x16, x17, [sp, #CONTEXT_GENERAL + 128]
.endm
/* What a thread keeps over a call, apart from x30. Clobbers x2, x4 */
.macro save_call
  stp   x19, x20, [sp, #CONTEXT_GENERAL + 152]
  stp   x21, x22, [sp, #CONTEXT_GENERAL + 168]
  stp   x23, x24, [sp, #CONTEXT_GENERAL + 184]
  stp   x25, x26, [sp, #CONTEXT_GENERAL + 200]
  stp   x27, x28, [sp, #CONTEXT_GENERAL + 216]
  str   x29, [sp, #CONTEXT_GENERAL + 232]
  mrs   x2, elr_el2
  mrs   x4, sp_el0
  stp   x2, x4, [sp, #CONTEXT_PROGRAM_COUNTER]  /* program counter and stack pointer are neighbours */
  mrs   x2, tpidr_el0
  str   x2, [sp, #CONTEXT_THREAD_POINTER]
.endm

/* x18 to x29 are the thread's. Clobbers x2, x4 */
.macro save_rest
  str   x18, [sp, #CONTEXT_GENERAL + 144]
  save_call
  mrs   x2, spsr_el2
  str   x2, [sp, #CONTEXT_PROCESSOR_STATE]
.endm
.macro take_kernel_stack
  mov   x0, sp
  ldr   x2, [sp, #CONTEXT_KERNEL_STACK]
  mov   sp, x2
  mov   x29, #0                 /* a debugger's walk up the stack ends here */
  mov   x30, #0
.endm
.macro save_silo
  save_scratch
  str   x30, [sp, #CONTEXT_GENERAL + 240]
  save_rest
  take_kernel_stack
.endm

/* [[noreturn]] void take_long_way()
 * A system call that the fast path does not do. Tries, with only what C++ may change saved,
 *   port::QuickExit kernel_on_quick_call(port::ThreadContext* running)
 * and if that does not do it either, goes on as leave_silo.
 * IN   SP_EL2 = the running thread's context; x14-x18 of no more use, all else as EL0 left it
 */
  .globl take_long_way
take_long_way:
  stp   x0, x1, [sp, #CONTEXT_GENERAL]
  save_scratch
  str   x30, [sp, #CONTEXT_GENERAL + 240]
  mov   x0, sp
  ldr   x2, [sp, #CONTEXT_KERNEL_STACK]
  mov   sp, x2
  bl    kernel_on_quick_call
  mov   sp, x1
  cbz   x0, not_quick
  cmp   x0, x1
  b.ne  quick_switch
  msr   spsr_el2, xzr           /* the same thread goes on; NZCV is 0 behind every call */
quick_return:
  ldp   x2, x3, [sp, #CONTEXT_GENERAL + 16]
  ldp   x4, x5, [sp, #CONTEXT_GENERAL + 32]
  ldp   x6, x7, [sp, #CONTEXT_GENERAL + 48]
  ldp   x8, x9, [sp, #CONTEXT_GENERAL + 64]
  ldp   x10, x11, [sp, #CONTEXT_GENERAL + 80]
  ldp   x12, x13, [sp, #CONTEXT_GENERAL + 96]
  ldp   x14, x15, [sp, #CONTEXT_GENERAL + 112]
  ldp   x16, x17, [sp, #CONTEXT_GENERAL + 128]
  ldr   x18, [sp, #CONTEXT_GENERAL + 144]
  ldr   x30, [sp, #CONTEXT_GENERAL + 240]
  ldp   x0, x1, [sp, #CONTEXT_GENERAL]
  eret
  dsb   nsh
  isb
quick_switch:
  tbnz  x0, #QUICK_EXIT_NOBODY - 1, quick_sleep
  mov   x1, x0                  /* another thread; this one's results are in its context already */
  save_call
  mov   x0, x1
  b     enter_context
quick_sleep:
  save_call
  take_kernel_stack
  bl    kernel_on_sleep
  b     enter_context
not_quick:
  stp   xzr, xzr, [sp, #CONTEXT_GENERAL + 112]  /* x14 to x18 held what the kernel had looked up */
  stp   xzr, xzr, [sp, #CONTEXT_GENERAL + 128]
  mov   x18, #0
  save_rest
  take_kernel_stack
  mov   x1, #8
  bl    granary_exit_from_silo
  b     enter_context

/* [[noreturn]] void leave_by_interrupt()
 * An IRQ from EL0. Tries, with only what C++ may change saved,
 *   port::QuickExit kernel_on_quick_interrupt(port::ThreadContext* running)
 * and if that does not do it, goes on as leave_silo. Unlike behind a call, NZCV is the thread's.
 * IN   as leave_silo
 */
leave_by_interrupt:
  save_scratch
  str   x18, [sp, #CONTEXT_GENERAL + 144]
  str   x30, [sp, #CONTEXT_GENERAL + 240]
  mov   x0, sp
  ldr   x2, [sp, #CONTEXT_KERNEL_STACK]
  mov   sp, x2
  bl    kernel_on_quick_interrupt
  mov   sp, x1
  cbz   x0, not_quick_interrupt
  cmp   x0, x1
  b.eq  quick_return            /* SPSR_EL2 and ELR_EL2 are as EL0 left them */
  mov   x1, x0
  save_call
  mrs   x2, spsr_el2
  str   x2, [sp, #CONTEXT_PROCESSOR_STATE]
  mov   x0, x1
  b     enter_context
not_quick_interrupt:
  save_call
  mrs   x2, spsr_el2
  str   x2, [sp, #CONTEXT_PROCESSOR_STATE]
  take_kernel_stack
  mov   x1, #9
  bl    granary_exit_from_silo
  b     enter_context

not_a_system_call:
  ldp   x16, x17, [sp, #CONTEXT_GENERAL + 128]
  stp   x0, x1, [sp, #CONTEXT_GENERAL]
  mov   x1, #8
  b     leave_silo

leave_silo_traced:
  save_silo
  bl    granary_exit_from_silo_traced
  b     enter_context

leave_silo:
  save_silo
  bl    granary_exit_from_silo

/* [[noreturn]] void enter_context(port::ThreadContext* x0)
 * Resumes a thread: every register that EL0 can see comes from its context, so nothing of another thread remains
 * (design 2.8). SPSR_EL2 is what the thread's own state may contribute, all else 0: EL0, AArch64, nothing masked, no
 * step.
 * The kernel stack is abandoned; the next exception takes it from its top.
 * VTTBR_EL2 and CPTR_EL2 need no ISB: ERET is a context synchronization. ERET clears the exclusive monitor.
 * IN   x0 = a context of this core     CLOBBERS everything     EL 2, MMU on, DAIF masked     RETURNS-TO EL0
 */
  .globl enter_context
enter_context:
  mov   sp, x0
  ldp   x1, x2, [sp, #CONTEXT_TRANSLATION_BASE] /* translation base and trap control are neighbours */
  msr   vttbr_el2, x1
  msr   cptr_el2, x2
  ldp   x1, x2, [sp, #CONTEXT_PROGRAM_COUNTER]  /* program counter, stack pointer */
  msr   elr_el2, x1
  msr   sp_el0, x2
  ldp   x1, x2, [sp, #CONTEXT_PROCESSOR_STATE]  /* processor state, thread pointer */
  mov   w3, #SPSR_OF_THREAD_LOW
  movk  w3, #SPSR_OF_THREAD_HIGH, lsl #16
  and   x1, x1, x3
  msr   spsr_el2, x1
  msr   tpidr_el0, x2
  ldp   x0, x1, [sp, #CONTEXT_GENERAL]
  ldp   x2, x3, [sp, #CONTEXT_GENERAL + 16]
  ldp   x4, x5, [sp, #CONTEXT_GENERAL + 32]
  ldp   x6, x7, [sp, #CONTEXT_GENERAL + 48]
  ldp   x8, x9, [sp, #CONTEXT_GENERAL + 64]
  ldp   x10, x11, [sp, #CONTEXT_GENERAL + 80]
  ldp   x12, x13, [sp, #CONTEXT_GENERAL + 96]
  ldp   x14, x15, [sp, #CONTEXT_GENERAL + 112]
  ldp   x16, x17, [sp, #CONTEXT_GENERAL + 128]
  ldp   x18, x19, [sp, #CONTEXT_GENERAL + 144]
  ldp   x20, x21, [sp, #CONTEXT_GENERAL + 160]
  ldp   x22, x23, [sp, #CONTEXT_GENERAL + 176]
  ldp   x24, x25, [sp, #CONTEXT_GENERAL + 192]
  ldp   x26, x27, [sp, #CONTEXT_GENERAL + 208]
  ldp   x28, x29, [sp, #CONTEXT_GENERAL + 224]
  ldr   x30, [sp, #CONTEXT_GENERAL + 240]
  eret
  dsb   nsh                     /* nothing behind the ERET is executed by speculation */
  isb

/* [[noreturn]] void die_on_emergency_stack()
 * IN   x0 = vector, TPIDR_EL1 = x0 of the kernel, everything else as it was; SP_EL2 may be anything
 * From here on the vectors are those of a dying kernel. Builds a DeathFrame on the core's emergency stack and calls
 *   void granary_die_of_exception(const hal::DeathFrame* frame)
 * ELR_EL1 and SP_EL1 serve as scratch: nothing uses them, and EL0 cannot read them.
 * STACK the core's emergency stack     EL 2, MMU on, DAIF masked     RETURNS-TO never
 */
.if EMERGENCY_STACK_SLOT != 8192
  .error "the core's number is shifted by 13 below"
.endif
die_on_emergency_stack:
  msr   elr_el1, x1
  mov   x1, sp
  msr   sp_el1, x1
  adrp  x1, vectors_of_dying_kernel
  add   x1, x1, :lo12:vectors_of_dying_kernel
  msr   vbar_el2, x1
  isb                           /* the new vectors are in force before the first store, which may fault */
  mrs   x1, tpidr_el2
  add   x1, x1, #1
  lsl   x1, x1, #13             /* EMERGENCY_STACK_SLOT */
  mov   sp, x1
  adrp  x1, emergency_stacks
  add   x1, x1, :lo12:emergency_stacks
  add   sp, sp, x1              /* end of the core's slot */
  sub   sp, sp, #DEATH_SIZE
  stp   x2, x3, [sp, #DEATH_GENERAL + 16]
  stp   x4, x5, [sp, #DEATH_GENERAL + 32]
  stp   x6, x7, [sp, #DEATH_GENERAL + 48]
  stp   x8, x9, [sp, #DEATH_GENERAL + 64]
  stp   x10, x11, [sp, #DEATH_GENERAL + 80]
  stp   x12, x13, [sp, #DEATH_GENERAL + 96]
  stp   x14, x15, [sp, #DEATH_GENERAL + 112]
  stp   x16, x17, [sp, #DEATH_GENERAL + 128]
  stp   x18, x19, [sp, #DEATH_GENERAL + 144]
  stp   x20, x21, [sp, #DEATH_GENERAL + 160]
  stp   x22, x23, [sp, #DEATH_GENERAL + 176]
  stp   x24, x25, [sp, #DEATH_GENERAL + 192]
  stp   x26, x27, [sp, #DEATH_GENERAL + 208]
  stp   x28, x29, [sp, #DEATH_GENERAL + 224]
  str   x30, [sp, #DEATH_GENERAL + 240]
  str   x0, [sp, #DEATH_VECTOR]
  mrs   x2, tpidr_el1
  mrs   x3, elr_el1
  stp   x2, x3, [sp, #DEATH_GENERAL]
  mrs   x2, sp_el1
  str   x2, [sp, #DEATH_STACK_POINTER]
  mrs   x2, elr_el2
  mrs   x3, spsr_el2
  stp   x2, x3, [sp, #DEATH_PROGRAM_COUNTER]    /* program counter, processor state */
  mrs   x2, esr_el2
  mrs   x3, far_el2
  stp   x2, x3, [sp, #DEATH_SYNDROME]           /* syndrome, fault address */
  mov   x0, sp
  bl    granary_die_of_exception

/* [[noreturn]] void die_again()
 * The kernel was dying already, and its own last words faulted. What happened goes into the epitaph without a stack;
 * then one sentence is tried from the top of the emergency stack:  void granary_die_again()
 * IN   x0 = vector     CLOBBERS everything     EL 2, MMU on, DAIF masked     RETURNS-TO never
 */
die_again:
  adrp  x1, vectors_of_dead_kernel
  add   x1, x1, :lo12:vectors_of_dead_kernel
  msr   vbar_el2, x1
  isb
  adrp  x1, granary_epitaph
  add   x1, x1, :lo12:granary_epitaph
  mrs   x2, esr_el2
  stp   x0, x2, [x1, #EPITAPH_SECOND_VECTOR]            /* vector, syndrome */
  mrs   x2, elr_el2
  mrs   x3, far_el2
  stp   x2, x3, [x1, #EPITAPH_SECOND_PROGRAM_COUNTER]   /* program counter, fault address */
  movz  x2, #(EPITAPH_MAGIC & 0xffff)                   /* even if the first fault found no stack to report from */
  movk  x2, #((EPITAPH_MAGIC >> 16) & 0xffff), lsl #16
  movk  x2, #((EPITAPH_MAGIC >> 32) & 0xffff), lsl #32
  movk  x2, #((EPITAPH_MAGIC >> 48) & 0xffff), lsl #48
  str   x2, [x1]
  dsb   sy                      /* in memory, for whoever looks from outside */
  mrs   x1, tpidr_el2
  add   x1, x1, #1
  lsl   x1, x1, #13             /* EMERGENCY_STACK_SLOT */
  adrp  x2, emergency_stacks
  add   x2, x2, :lo12:emergency_stacks
  add   x1, x1, x2
  mov   sp, x1
  bl    granary_die_again

  .balign 2048
  .globl vectors_of_dying_kernel
vectors_of_dying_kernel:
  .irp  number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  from_dying_kernel vectors_of_dying_kernel, \number
  .endr
  .org  vectors_of_dying_kernel + 0x800

/* The third fault: the epitaph tells the first two; there is nothing left to say it with. */
  .balign 2048
vectors_of_dead_kernel:
  .rept 16
1:wfe
  b     1b
  .balign 0x80
  .endr
