/* SPDX-License-Identifier: Apache-2.0
 *
 * EL0 programs of the test `contexts`: position-independent, on one page of their own, mapped for execution at kProgram
 * (contexts.cpp). They report by `svc #0` and whatever registers the test then reads from the context.
 */
  .arch armv8-a
  .section .text.el0_programs, "ax"
  .balign 4096
  .globl el0_programs
el0_programs:

/* Adds one to every register and calls. Again and again. */
  .globl el0_increment
el0_increment:
  .irp  n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, \
    27, 28, 29, 30
  add   x\n, x\n, #1
  .endr
  svc   #0
  b     el0_increment

/* x0 = OR of all registers, x1 = SP, x2 = TPIDR_EL0, x3 = NZCV */
  .globl el0_collect
el0_collect:
  .irp  n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
  orr   x0, x0, x\n
  .endr
  mov   x1, sp
  mrs   x2, tpidr_el0
  mrs   x3, nzcv
  svc   #0

/* TPIDR_EL0 = x0, NZCV = x1, then x3 = 1 and waits until x2 is not 0, then x0 = NZCV, x1 = TPIDR_EL0 */
  .globl el0_set_and_wait
el0_set_and_wait:
  msr   tpidr_el0, x0
  msr   nzcv, x1
  mov   x3, #1
1:cbz   x2, 1b
  mrs   x0, nzcv
  mrs   x1, tpidr_el0
  svc   #0

/* Sets every flag and calls; then x0 = NZCV as it came back. */
  .globl el0_flags_and_call
el0_flags_and_call:
  mov   x0, #0xf0000000
  msr   nzcv, x0
  svc   #0
  mrs   x0, nzcv
  svc   #0

/* Counts x0 ticks of the counter, then calls. */
  .globl el0_spin
el0_spin:
  mrs   x1, cntvct_el0
  add   x1, x1, x0
1:mrs   x2, cntvct_el0
  cmp   x2, x1
  b.lo  1b
  svc   #0

  .globl el0_wait_instructions
el0_wait_instructions:
  wfi
  sevl
  wfe
  svc   #0

/* x0 = 0 if a store-exclusive succeeds although a call came between; x1 = address */
  .globl el0_exclusive
el0_exclusive:
  ldxr  x2, [x1]
  svc   #0
  stxr  w0, x2, [x1]
  svc   #0

/* Fills all vector registers and FPSR and FPCR from x0, calls, then x0 = number of words that changed since. */
  .globl el0_fill_vectors
el0_fill_vectors:
  .irp  n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, \
    27, 28, 29, 30, 31
  add   x1, x0, #(2 * \n)
  fmov  d\n, x1
  add   x1, x0, #(2 * \n + 1)
  fmov  v\n\().d[1], x1
  .endr
  mov   x1, #0x1f
  msr   fpsr, x1
  mov   x1, #0x00c00000
  msr   fpcr, x1
  mov   x9, x0
  svc   #0
  mov   x0, #0
  .irp  n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, \
    27, 28, 29, 30, 31
  add   x1, x9, #(2 * \n)
  fmov  x2, d\n
  cmp   x1, x2
  cinc  x0, x0, ne
  add   x1, x9, #(2 * \n + 1)
  fmov  x2, v\n\().d[1]
  cmp   x1, x2
  cinc  x0, x0, ne
  .endr
  mrs   x1, fpsr
  cmp   x1, #0x1f
  cinc  x0, x0, ne
  mrs   x1, fpcr
  mov   x2, #0x00c00000
  cmp   x1, x2
  cinc  x0, x0, ne
  svc   #0

/* x0 = OR of all vector registers, x1 = FPSR, x2 = FPCR */
  .globl el0_collect_vectors
el0_collect_vectors:
  mov   x0, #0
  .irp  n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, \
    27, 28, 29, 30, 31
  fmov  x1, d\n
  orr   x0, x0, x1
  fmov  x1, v\n\().d[1]
  orr   x0, x0, x1
  .endr
  mrs   x1, fpsr
  mrs   x2, fpcr
  svc   #0

  .globl el0_load
el0_load:
  ldr   x3, [x0]
  svc   #0
  .globl el0_store
el0_store:
  strb  w21, [x0]
  svc   #0
  .globl el0_branch
el0_branch:
  br    x0
  .globl el0_break
el0_break:
  brk   #7
  .globl el0_undefined
el0_undefined:
  udf   #0
  .globl el0_read_counter
el0_read_counter:
  mrs   x0, cntpct_el0
  svc   #0
  .globl el0_current_level
el0_current_level:
  mrs   x0, CurrentEL
  svc   #0
  .balign 4096
