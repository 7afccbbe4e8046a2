/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks at its registers in its very first instructions, before the SDK's own start-up code. Expected: all zero but
 * X0 (the thread's argument), X1 (the silo's) and SP; so are V0-V31, FPCR, FPSR, TPIDR_EL0 and the condition flags.
 * Ends with 0, else with the number of the check that failed.
 */
#include "granary/system_calls.h"

/* [[noreturn]] void _start(): replaces the SDK's.
 *   IN       X1 the silo's argument, 0 in the manifest; SP
 */
  .text
  .global _start
  .type _start, %function
_start:
  mov x1, #1
  cbnz x2, leave
  orr x0, x0, x3
  .irp n, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
  orr x0, x0, x\n
  .endr
  cbnz x0, leave
  mov x1, #2
  mrs x2, nzcv
  cbnz x2, leave
  mov x1, #3
  mrs x2, tpidr_el0
  cbnz x2, leave
  mov x1, #4
  mrs x2, tpidrro_el0
  cbnz x2, leave
  mov x1, #5
  mrs x2, fpcr
  cbnz x2, leave
  mov x1, #6
  mrs x2, fpsr
  cbnz x2, leave
  mov x1, #7
  .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  orr v0.16b, v0.16b, v\n\().16b
  .endr
  .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  orr v0.16b, v0.16b, v\n\().16b
  .endr
  mov x2, v0.d[0]
  cbnz x2, leave
  mov x2, v0.d[1]
  cbnz x2, leave
  mov x1, #0
leave:
  mov x8, #GRANARY_SYS_EXIT
  svc #0
  b leave
  .size _start, . - _start

/* The SDK's start-up code names it; it is never reached. */
  .global main
  .type main, %function
main:
  brk #0
  .size main, . - main

  .section .note.GNU-stack, "", %progbits
