/* SPDX-License-Identifier: Apache-2.0
 *
 * A program without a system, at EL1 of QEMU's virt: a loop of which test/bench/run_bench_tests.py knows how many
 * instructions of each class a turn has. Also the same again with one instruction more (row 2), and a window in which
 * nothing is (row 3). Then it switches the machine off.
 */
  .arch armv8-a

  .macro open_window row, operations
  mov   x19, #\row
  mov   x22, #\operations
  mov   x20, x20
  .endm
  .macro close_window
  mov   x21, x21
  .endm

  /* One turn: what the test's list says, in its order. X9 is memory, X10 counts down. */
  .macro turn
  ldr   x1, [x9]                /* load */
  ldp   x1, x2, [x9, #16]
  ldrb  w1, [x9, #1]
  ldursw x1, [x9, #-4]
  str   x1, [x9]                /* store */
  stp   x1, x2, [x9, #16]
  strh  w1, [x9, #2]
  ldxr  x3, [x9]                /* exclusive */
  stxr  w4, x3, [x9]
  ldar  x3, [x9]
  stlr  x3, [x9]
  mrs   x5, tpidr_el0           /* mrs */
  msr   tpidr_el0, x5           /* msr */
  msr   daifset, #2
  isb                           /* barriers */
  dsb   sy
  dsb   sy
  dmb   ish
  dmb   ish
  dmb   ish
  tlbi  vmalle1                 /* tlbi */
  dc    civac, x9               /* cache */
  ic    iallu
  svc   #0                      /* exception, and the ERET of the vector */
  bl    subroutine              /* branch, and the RET */
  b     1f
1:cbz  xzr, 2f
2:tbz  xzr, #0, 3f
3:nop                           /* rest */
  add   x6, x6, #1
  mov   x7, x20
  .endm

  .text
  .globl _start
_start:
  adr   x0, vectors
  msr   vbar_el1, x0
  adr   x9, memory
  mov   x10, #1000
  open_window 1, 1000
4:turn
  subs  x10, x10, #1            /* rest */
  b.ne  4b                      /* branch */
  close_window
  mov   x10, #1000
  open_window 2, 1000
5:turn
  add   x6, x6, #1
  subs  x10, x10, #1
  b.ne  5b
  close_window
  open_window 3, 1
  close_window
  movz  w0, #0x8400, lsl #16    /* PSCI SYSTEM_OFF */
  movk  w0, #0x0008
  hvc   #0
6:b     6b

subroutine:
  ret

  .balign 2048
vectors:
  .org  vectors + 0x200         /* synchronous, from EL1 itself */
  eret
  .org  vectors + 0x800

  .data
  .balign 64
  .skip 16
memory:
  .skip 64
