/* SPDX-License-Identifier: Apache-2.0
 *
 * EL0 as a subroutine of a test (run_silo.h): like setjmp and longjmp around hal's enter_context.
 */
#include "test/target/run_silo.h"

  .section .text.run_silo, "ax"

/* void enter_silo(x0 context, x1 saved). CLOBBERS caller-saved registers. Returns by return_to_test. */
  .globl enter_silo
enter_silo:
  stp   x19, x20, [x1]
  stp   x21, x22, [x1, #16]
  stp   x23, x24, [x1, #32]
  stp   x25, x26, [x1, #48]
  stp   x27, x28, [x1, #64]
  stp   x29, x30, [x1, #80]
  mov   x2, sp
  str   x2, [x1, #SAVED_TEST_STACK_POINTER]
  b     enter_context

/* [[noreturn]] void return_to_test(x0 saved). */
  .globl return_to_test
return_to_test:
  ldp   x19, x20, [x0]
  ldp   x21, x22, [x0, #16]
  ldp   x23, x24, [x0, #32]
  ldp   x25, x26, [x0, #48]
  ldp   x27, x28, [x0, #64]
  ldp   x29, x30, [x0, #80]
  ldr   x2, [x0, #SAVED_TEST_STACK_POINTER]
  mov   sp, x2
  ret
