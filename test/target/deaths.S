/* SPDX-License-Identifier: Apache-2.0
 *
 * Ways to die that C++ cannot say (deaths.cpp).
 */
  .section .text.deaths, "ax"

/* [[noreturn]] void jump_to(x0 address, x1 stack pointer): every other register gets a value that the epitaph shows. */
  .globl jump_to
jump_to:
  mov   sp, x1
  .irp  n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
  movz  x\n, #(0x100 + \n)
  .endr
  movz  x1, #0x101
  br    x0

/* The same on the stack pointer of EL0. */
  .globl break_on_stack_pointer_of_el0
break_on_stack_pointer_of_el0:
  msr   spsel, #0
  brk   #1

/* void unmask_interrupts() */
  .globl unmask_interrupts
unmask_interrupts:
  msr   daifclr, #2
  isb
  ret
