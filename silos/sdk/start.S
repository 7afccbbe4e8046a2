/* SPDX-License-Identifier: Apache-2.0
 *
 * First instructions of every thread of a silo. The kernel enters with SP at the top of the thread's stack (16-byte
 * aligned), .bss and stack zero, every other register zero but X0 and X1. Owns the layout of thread-local storage: it
 * lies at the top of the stack, 64 bytes (two words that AAPCS64 "variant 1" reserves, and alignment), then the image
 * of .tdata, then .tbss. Decisions are in startup.cpp.
 */

/* Makes room at the top of the stack and points TPIDR_EL0 there.
 *   IN       SP top of stack, untouched memory below is zero (so .tbss needs no clearing)
 *   OUT      SP below the thread-local storage, TPIDR_EL0 set
 *   CLOBBERS X2, X4-X7
 */
.macro allocate_thread_storage
  ldr x2, =granary_tls_bytes
  mov x4, sp
  sub x4, x4, x2
  sub x4, x4, #64
  and x4, x4, #~63
  mov sp, x4
  msr tpidr_el0, x4
  add x4, x4, #64                 /* where the variables begin (silo.ld) */
  ldr x5, =granary_tls_image
  ldr x6, =granary_tls_image_bytes
1:
  cbz x6, 2f
  ldrb w7, [x5], #1
  strb w7, [x4], #1
  sub x6, x6, #1
  b 1b
2:
.endm

  .section .text.start, "ax"
  .weak _start                    /* a program may bring its own */
  .type _start, %function
/* [[noreturn]] void _start(uint64_t thread_argument, uint64_t silo_argument)
 *   IN       X1 the silo's argument; SP
 *   RETURNS-TO nobody: granary_main ends the silo
 */
_start:
  allocate_thread_storage
  mov x0, x1
  mov x29, xzr
  mov x30, xzr
  b granary_main
  .size _start, . - _start

  .global granary_thread_start
  .type granary_thread_start, %function
/* [[noreturn]] void granary_thread_start(void (*function)(uint64_t), uint64_t silo_argument)
 *   IN       X0 the thread's function, X1 the silo's argument; SP
 *   RETURNS-TO nobody: granary_thread_main ends the thread
 */
granary_thread_start:
  allocate_thread_storage
  mov x29, xzr
  mov x30, xzr
  b granary_thread_main
  .size granary_thread_start, . - granary_thread_start
  .ltorg

  .section .rodata.granary_console_handle, "a"
  .balign 8
  .global granary_console_handle
  .type granary_console_handle, %object
/* uint64_t granary_console_handle: what printf writes to; the value comes from the link (sdk.mk, CONSOLE=). */
granary_console_handle:
  .quad granary_console
  .size granary_console_handle, 8

/* Keeps .tdata from being dropped when a program has no initialised thread-local variable: it carries the alignment
 * that allocate_thread_storage assumes.
 */
  .section .tdata.anchor, "awT", %progbits
  .balign 64
  .quad 0

  .section .note.GNU-stack, "", %progbits
