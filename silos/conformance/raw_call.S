/* SPDX-License-Identifier: Apache-2.0
 *
 * raw_call: a system call with every register under the caller's control (raw_call.h).
 */
#include "raw_call.h"

#define FRAME 448
#define FRAME_RESULT 192  /* 31 general registers as they came back; then the struct's address */
#define FRAME_STRUCT 440

.macro callee_saved operation, with_vectors
  \operation x19, x20, [sp, #0]
  \operation x21, x22, [sp, #16]
  \operation x23, x24, [sp, #32]
  \operation x25, x26, [sp, #48]
  \operation x27, x28, [sp, #64]
  \operation x29, x30, [sp, #80]
  .if \with_vectors
  \operation d8, d9, [sp, #96]
  \operation d10, d11, [sp, #112]
  \operation d12, d13, [sp, #128]
  \operation d14, d15, [sp, #144]
  .endif
.endm
/* X2 to X30; \pair is ldp or stp, \single ldr or str */
.macro general_from_x2 pair, single, base, offset
  \pair x2, x3, [\base, #\offset + 16]
  \pair x4, x5, [\base, #\offset + 32]
  \pair x6, x7, [\base, #\offset + 48]
  \pair x8, x9, [\base, #\offset + 64]
  \pair x10, x11, [\base, #\offset + 80]
  \pair x12, x13, [\base, #\offset + 96]
  \pair x14, x15, [\base, #\offset + 112]
  \pair x16, x17, [\base, #\offset + 128]
  \pair x18, x19, [\base, #\offset + 144]
  \pair x20, x21, [\base, #\offset + 160]
  \pair x22, x23, [\base, #\offset + 176]
  \pair x24, x25, [\base, #\offset + 192]
  \pair x26, x27, [\base, #\offset + 208]
  \pair x28, x29, [\base, #\offset + 224]
  \single x30, [\base, #\offset + 240]
.endm
.macro vectors operation, base
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  \operation q\n, [\base, #\n * 16]
  .endr
  .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  \operation q\n, [\base, #\n * 16]
  .endr
.endm

/* \with_vectors 1: FP registers are loaded and stored too
 * \twice 1: the same call once more before anything is stored
 */
.macro body with_vectors, twice
  sub sp, sp, #FRAME
  callee_saved stp, \with_vectors
  str x0, [sp, #FRAME_STRUCT]
  .if \with_vectors
  ldr x1, [x0, #RAW_FPCR]
  msr fpcr, x1
  ldr x1, [x0, #RAW_FPSR]
  msr fpsr, x1
  add x1, x0, #RAW_VECTOR
  vectors ldr, x1
  .endif
  ldr x1, [x0, #RAW_FLAGS]
  msr nzcv, x1
  general_from_x2 ldp, ldr, x0, RAW_GENERAL
  ldp x0, x1, [x0, #RAW_GENERAL]
  svc #0
  .if \twice
  ldr x0, [sp, #FRAME_STRUCT]
  general_from_x2 ldp, ldr, x0, RAW_GENERAL
  ldp x0, x1, [x0, #RAW_GENERAL]
  svc #0
  .endif
  stp x0, x1, [sp, #FRAME_RESULT]
  general_from_x2 stp, str, sp, FRAME_RESULT
  mrs x1, nzcv
  ldr x0, [sp, #FRAME_STRUCT]
  str x1, [x0, #RAW_FLAGS]
  mov x1, sp
  add x1, x1, #FRAME
  str x1, [x0, #RAW_STACK]
  mrs x1, tpidr_el0
  str x1, [x0, #RAW_THREAD]
  .if \with_vectors
  mrs x1, fpcr
  str x1, [x0, #RAW_FPCR]
  msr fpcr, xzr
  mrs x1, fpsr
  str x1, [x0, #RAW_FPSR]
  add x1, x0, #RAW_VECTOR
  vectors str, x1
  .endif
  add x1, sp, #FRAME_RESULT
  mov x2, #31
1:
  ldr x3, [x1], #8
  str x3, [x0], #8
  subs x2, x2, #1
  b.ne 1b
  callee_saved ldp, \with_vectors
  add sp, sp, #FRAME
  ret
.endm

/* void raw_call(RawRegisters*)
 *   IN       X0 the struct
 *   CLOBBERS what AAPCS64 allows
 *   STACK    FRAME bytes
 */
  .text
  .global raw_call
  .type raw_call, %function
raw_call:
  body 1, 0
  .size raw_call, . - raw_call

  .global raw_call_general
  .type raw_call_general, %function
raw_call_general:
  body 0, 0
  .size raw_call_general, . - raw_call_general

  .global raw_call_twice
  .type raw_call_twice, %function
raw_call_twice:
  body 1, 1
  .size raw_call_twice, . - raw_call_twice

  .section .note.GNU-stack, "", %progbits
