/* SPDX-License-Identifier: Apache-2.0
 *
 * EL0 program of the test `address_spaces`: x0 = the word at address x0, again and again.
 */
  .section .text.el0_read_word, "ax"
  .balign 4096
  .globl el0_read_word
el0_read_word:
  ldr   x0, [x0]
  svc   #0
  b     el0_read_word
  .balign 4096
