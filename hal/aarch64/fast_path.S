/* SPDX-License-Identifier: Apache-2.0
 *
 * The fast path (design 7): PORT_CALL to a waiting server, and the server's PORT_REPLY_AND_RECEIVE, straight from one
 * silo to the other. X1-X6 and, in messages of eight words, X9-X12 are the message and are not touched. Also the null
 * call, whose cost is that of a crossing. docs/life_of_a_call.md goes through it line by line.
 *
 * Everything else, and every call that is unusual in any way, leaves by take_long_way, with nothing changed: up to the
 * line "commit" no memory is written, and no register but X14-X18, which the ABI gives to the kernel. What the path
 * leaves behind, the kernel catches up with when it is entered next (kernel/direct_call.hpp).
 *
 * The checks are chains of ccmp. The operand #nzcv of each is what the flags become when an earlier check has failed:
 * it must make the branch at the end leave. `eq` chains end in b.ne and take #0; a chain that goes on with `ls` takes
 * #2 (C set, Z clear: `hi`).
 */
#include "kernel/port/direct_call.h"
#include "kernel/port/thread_context.h"

  .section .text.vectors, "ax"

/* From the thread in x14 to the one that SP_EL2 names, with x0-x8 in place: all that EL0 can see is loaded from the
 * context, or zero. SPSR_EL2 is 0: EL0, AArch64, nothing masked, NZCV, DIT and SSBS clear. VTTBR_EL2 and CPTR_EL2 need
 * no ISB: ERET is a context synchronization. ERET clears the exclusive monitor.
 */
.macro resume_receiver
  ldp   x16, x17, [sp, #CONTEXT_TRANSLATION_BASE]       /* translation base, trap control */
  msr   vttbr_el2, x16
  msr   cptr_el2, x17
  ldp   x16, x17, [sp, #CONTEXT_PROGRAM_COUNTER]        /* program counter, stack pointer */
  msr   elr_el2, x16
  msr   sp_el0, x17
  ldr   x16, [sp, #CONTEXT_THREAD_POINTER]
  msr   tpidr_el0, x16
  msr   spsr_el2, xzr
  ldp   x19, x20, [sp, #CONTEXT_GENERAL + 152]
  ldp   x21, x22, [sp, #CONTEXT_GENERAL + 168]
  ldp   x23, x24, [sp, #CONTEXT_GENERAL + 184]
  ldp   x25, x26, [sp, #CONTEXT_GENERAL + 200]
  ldp   x27, x28, [sp, #CONTEXT_GENERAL + 216]
  ldp   x29, x30, [sp, #CONTEXT_GENERAL + 232]
  ldp   x13, x14, [x14, #CONTEXT_ZERO_PAIR + 8]         /* 0, label of the sender */
  ldp   x15, x16, [sp, #CONTEXT_ZERO_PAIR]
  ldp   x17, x18, [sp, #CONTEXT_ZERO_PAIR]
  cbnz  x2, .Leight_words_\@                             /* eight words: x9-x12 belong to the message */
  ldp   x9, x10, [sp, #CONTEXT_ZERO_PAIR]
  ldp   x11, x12, [sp, #CONTEXT_ZERO_PAIR]
.Leight_words_\@:
  eret
  dsb   nsh                     /* nothing behind the ERET is executed by speculation */
  isb
.endm

/* What a thread that stops here keeps. Clobbers x8, x14 */
.macro save_sender
  stp   x19, x20, [sp, #CONTEXT_GENERAL + 152]
  stp   x21, x22, [sp, #CONTEXT_GENERAL + 168]
  stp   x23, x24, [sp, #CONTEXT_GENERAL + 184]
  stp   x25, x26, [sp, #CONTEXT_GENERAL + 200]
  stp   x27, x28, [sp, #CONTEXT_GENERAL + 216]
  stp   x29, x30, [sp, #CONTEXT_GENERAL + 232]
  mrs   x8, elr_el2
  mrs   x14, sp_el0
  stp   x8, x14, [sp, #CONTEXT_PROGRAM_COUNTER]
.endm

/* The call is certain: handle x0, port x15, depth x16, receiver x17, badge x18.
 * OUT  SP_EL2 = the receiver's context, x8 = token, x14 = the caller's context, x0 and x7 as the receiver sees them
 */
.macro commit_call receiver_word
  str   xzr, [x15, #\receiver_word]
  stp   x0, x7, [sp, #CONTEXT_CALL_HANDLE]              /* handle, deadline */
  save_sender
  mrs   x8, tpidr_el0
  ldr   x14, [sp, #CONTEXT_DIRECT_CALLS]
  add   x14, x14, #1
  stp   x8, x14, [sp, #CONTEXT_THREAD_POINTER]          /* thread pointer, number of direct calls */
  add   x16, x16, #1
  str   x16, [x17, #CONTEXT_DIRECT_DEPTH]
  ldr   x8, [x17, #CONTEXT_TOKEN]
  add   x8, x8, #1
  mov   x14, sp
  mov   sp, x17
  mov   x7, x18
  mov   x0, #0
.endm

/* The reply is certain: caller x16. The server waits at its port again.
 * OUT  SP_EL2 = the caller's context, x14 = the server's context, x0, x7, x8 as the caller sees them
 */
.macro commit_reply receiver_word, caller_word
  save_sender
  mrs   x8, tpidr_el0
  str   x8, [sp, #CONTEXT_THREAD_POINTER]
  str   xzr, [sp, #\caller_word]
  ldr   x15, [sp, #CONTEXT_SERVED_PORT]
  mov   x14, sp
  str   x14, [x15, #\receiver_word]
  mov   sp, x16
  mov   x7, #0                                          /* a reply has no badge and no token */
  mov   x8, #0
  mov   x0, #0
.endm

.macro vector_pair operation, first, second, base
  \operation q\first, q\second, [\base, #CONTEXT_VECTORS + \first * 16]
.endm
.macro all_vectors operation, base
  vector_pair \operation, 0, 1, \base
  vector_pair \operation, 2, 3, \base
  vector_pair \operation, 4, 5, \base
  vector_pair \operation, 6, 7, \base
  vector_pair \operation, 8, 9, \base
  vector_pair \operation, 10, 11, \base
  vector_pair \operation, 12, 13, \base
  vector_pair \operation, 14, 15, \base
  vector_pair \operation, 16, 17, \base
  vector_pair \operation, 18, 19, \base
  vector_pair \operation, 20, 21, \base
  vector_pair \operation, 22, 23, \base
  vector_pair \operation, 24, 25, \base
  vector_pair \operation, 26, 27, \base
  vector_pair \operation, 28, 29, \base
  vector_pair \operation, 30, 31, \base
.endm

/* The floating-point registers, which hold the values of the thread in x14, get those of the thread in SP_EL2, and this
 * is their owner from now on. CPTR_EL2 is open, because the thread in x14 has just run with them. Clobbers x15-x18
 */
.macro exchange_floating_point
  all_vectors stp, x14
  mrs   x15, fpcr
  mrs   x16, fpsr
  stp   x15, x16, [x14, #CONTEXT_FLOATING_POINT_CONTROL]
  all_vectors ldp, sp
  ldp   x15, x16, [sp, #CONTEXT_FLOATING_POINT_CONTROL]
  msr   fpcr, x15
  msr   fpsr, x16
  ldr   x15, [sp, #CONTEXT_CORE]
  mov   x16, sp
  str   x16, [x15, #CORE_FLOATING_POINT_OWNER]
  ldr   x15, [x14, #CONTEXT_TRAP_CONTROL]               /* open */
  str   x15, [sp, #CONTEXT_TRAP_CONTROL]
.endm

/* [[noreturn]] void fast_path(), reached from vector 0x400 for svc
 * IN   SP_EL2 = the running thread's context; all but x16 and x17 as EL0 left it
 * OUT  EL0 of the receiver, or take_long_way with x0-x13 and x19-x30 untouched
 * CLOBBERS x14-x18     STACK none     EL 2, MMU on, DAIF masked
 */
  .globl fast_path
fast_path:
  tbnz  w8, #CALL_NUMBER_BIT, reply_and_receive

  /* PORT_CALL. A handle is generation << 32 | slot << 6, and an entry has 64 bytes: masked, it is the offset. */
  ldp   x14, x15, [sp, #CONTEXT_CAPABILITIES]           /* table, mask */
  and   x15, x15, x0
  add   x14, x14, x15
  ldp   x17, x18, [x14, #CAPABILITY_RIGHTS]             /* rights, badge */
  ldp   x14, x15, [x14, #CAPABILITY_HANDLE]             /* handle, object; a free entry names the null object */
  cmp   x8, #CALL_NUMBER_PORT_CALL
  ccmp  x2, #1, #2, eq                                  /* flags: four or eight words and nothing else */
  ccmp  x14, x0, #0, ls                                 /* slot and generation */
  ldp   x14, x16, [sp, #CONTEXT_CORE]                   /* core, depth */
  ccmp  x16, #DIRECT_DEPTH_MAXIMUM, #2, eq
  ldr   x14, [x14, #CORE_ARMED]
  ccmp  x7, x14, #0, ls                                 /* the timer will fire no later than at the deadline */
  b.lo  long_way_unless_null
  tbz   x17, #CAPABILITY_RIGHT_PORT_CALL, take_long_way /* type and right */
  ldr   x17, [x15, #OBJECT_DIRECT_RECEIVER]
  cbz   x17, call_floating                              /* somebody waits, and nothing is before us */
  /* commit */
  commit_call OBJECT_DIRECT_RECEIVER
  stp   x14, x8, [sp, #CONTEXT_CALLER]                  /* caller, token */
  resume_receiver

reply_and_receive:
  ldr   x14, [sp, #CONTEXT_GENERAL]                     /* the handle by which it was waiting when the call came */
  ldp   x16, x15, [sp, #CONTEXT_CALLER]                 /* caller, token */
  cmp   x8, #CALL_NUMBER_REPLY_AND_RECEIVE
  ccmp  x2, #1, #2, eq                                  /* flags */
  ccmp  x14, x0, #0, ls                                 /* the same port again, by the same capability */
  ccmp  x15, x13, #0, eq                                /* the token of this call */
  ccmn  x7, #1, #0, eq                                  /* the next receive waits for ever */
  b.ne  take_long_way
  cbz   x16, reply_floating                             /* spent, or the kernel has caught up */
  /* commit */
  commit_reply OBJECT_DIRECT_RECEIVER, CONTEXT_CALLER
  resume_receiver

/* The same call to a server that uses floating point. The registers hold the caller's values, which are exchanged for
 * the server's, or they hold the server's already; anybody else's are the kernel's business.
 */
call_floating:
  ldr   x17, [x15, #OBJECT_FLOATING_RECEIVER]
  cbz   x17, take_long_way
  ldr   x14, [sp, #CONTEXT_CORE]
  ldr   x14, [x14, #CORE_FLOATING_POINT_OWNER]
  cmp   x14, x17
  b.eq  call_owner
  cmp   sp, x14
  b.ne  take_long_way
  /* commit */
  commit_call OBJECT_FLOATING_RECEIVER
  add   x18, x14, #1                                    /* a note for the reply: exchanged */
  stp   x8, x18, [sp, #CONTEXT_TOKEN]                   /* token, caller */
  exchange_floating_point
  resume_receiver
call_owner:
  /* commit */
  commit_call OBJECT_FLOATING_RECEIVER
  stp   x8, x14, [sp, #CONTEXT_TOKEN]
  resume_receiver

/* Its reply. The registers hold the server's values: nothing can have changed their owner since its call. */
reply_floating:
  ldr   x16, [sp, #CONTEXT_FLOATING_CALLER]
  cbz   x16, take_long_way
  tbz   x16, #0, reply_of_owner
  /* commit */
  sub   x16, x16, #1
  commit_reply OBJECT_FLOATING_RECEIVER, CONTEXT_FLOATING_CALLER
  exchange_floating_point
  resume_receiver
reply_of_owner:
  /* commit */
  commit_reply OBJECT_FLOATING_RECEIVER, CONTEXT_FLOATING_CALLER
  resume_receiver

/* [[noreturn]] The null call does nothing; all that it may not keep is zero. */
long_way_unless_null:
  cbnz  x8, take_long_way
  ldp   x0, x1, [sp, #CONTEXT_ZERO_PAIR]
  ldp   x2, x3, [sp, #CONTEXT_ZERO_PAIR]
  ldp   x4, x5, [sp, #CONTEXT_ZERO_PAIR]
  ldp   x6, x7, [sp, #CONTEXT_ZERO_PAIR]
  ldp   x9, x10, [sp, #CONTEXT_ZERO_PAIR]
  ldp   x11, x12, [sp, #CONTEXT_ZERO_PAIR]
  ldp   x13, x14, [sp, #CONTEXT_ZERO_PAIR]
  ldp   x15, x16, [sp, #CONTEXT_ZERO_PAIR]
  ldp   x17, x18, [sp, #CONTEXT_ZERO_PAIR]
  msr   spsr_el2, xzr
  eret
  dsb   nsh
  isb
