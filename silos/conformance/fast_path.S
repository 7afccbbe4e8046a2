/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls whose time is taken, and their server's loop (fast_path.h).
 */
#include "granary/system_calls.h"
#include "fast_path.h"

  .text

/* void timed_call(TimedCall*)
 *   IN       X0 the struct     CLOBBERS what AAPCS64 allows     STACK 32 bytes
 */
  .global timed_call
  .type timed_call, %function
timed_call:
  stp x19, x20, [sp, #-32]!
  str x30, [sp, #16]
  mov x19, x0
  ldp x0, x7, [x19]             /* handle, deadline */
  ldp x2, x3, [x19, #16]        /* flags, the server's next deadline */
  mov x1, #ORDER_TIME
  mov x8, #GRANARY_SYS_PORT_CALL
  mrs x20, cntvct_el0
  svc #0
  mrs x5, cntvct_el0
  str x0, [x19, #32]
  sub x3, x3, x20
  sub x5, x5, x4
  stp x3, x5, [x19, #40]
  ldr x30, [sp, #16]
  ldp x19, x20, [sp], #32
  ret
  .size timed_call, . - timed_call

/* void serve_timed(RawRegisters*)
 *   IN       X0 the struct: the arguments of the first call     OUT the struct: X0 to X18 of the message that ended it
 *   CLOBBERS what AAPCS64 allows     STACK 32 bytes
 */
  .global serve_timed
  .type serve_timed, %function
serve_timed:
  stp x19, x20, [sp, #-32]!
  str x30, [sp, #16]
  mov x19, x0
  ldr x20, [x19]
  ldp x1, x2, [x19, #8]
  ldp x3, x4, [x19, #24]
  ldp x5, x6, [x19, #40]
  ldp x7, x8, [x19, #56]
  ldp x9, x10, [x19, #72]
  ldp x11, x12, [x19, #88]
  ldr x13, [x19, #104]
  mov x0, x20
1:
  svc #0
  mrs x15, cntvct_el0
  cbnz x0, 2f
  mov x16, #ORDER_TIME
  cmp x1, x16
  b.ne 2f
  mov x0, x20
  mov x7, x3
  mov x13, x8
  mov x3, x15
  mov x8, #GRANARY_SYS_PORT_REPLY_AND_RECEIVE
  mrs x4, cntvct_el0
  b 1b
2:
  stp x0, x1, [x19]
  stp x2, x3, [x19, #16]
  stp x4, x5, [x19, #32]
  stp x6, x7, [x19, #48]
  stp x8, x9, [x19, #64]
  stp x10, x11, [x19, #80]
  stp x12, x13, [x19, #96]
  str x14, [x19, #112]
  ldr x30, [sp, #16]
  ldp x19, x20, [sp], #32
  ret
  .size serve_timed, . - serve_timed

/* uint64_t timed_crossing(uint64_t number)
 *   IN       X0 a call that wants no arguments     OUT X0 ticks     CLOBBERS what AAPCS64 allows     STACK 32 bytes
 */
  .global timed_crossing
  .type timed_crossing, %function
timed_crossing:
  stp x19, x30, [sp, #-16]!
  mov x8, x0
  mrs x19, cntvct_el0
  svc #0
  mrs x0, cntvct_el0
  sub x0, x0, x19
  ldp x19, x30, [sp], #16
  ret
  .size timed_crossing, . - timed_crossing

/* void touch_floating_point()
 *   CLOBBERS D7
 */
  .global touch_floating_point
  .type touch_floating_point, %function
touch_floating_point:
  fmov d7, xzr
  ret
  .size touch_floating_point, . - touch_floating_point

/* void raw_wfi(RawRegisters*)
 *   IN       X0 the struct     CLOBBERS what AAPCS64 allows     STACK 112 bytes
 */
  .global raw_wfi
  .type raw_wfi, %function
raw_wfi:
  stp x19, x20, [sp, #-112]!
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  str x0, [sp, #96]
  ldr x1, [x0, #RAW_FLAGS]
  msr nzcv, x1
  ldp x2, x3, [x0, #16]
  ldp x4, x5, [x0, #32]
  ldp x6, x7, [x0, #48]
  ldp x8, x9, [x0, #64]
  ldp x10, x11, [x0, #80]
  ldp x12, x13, [x0, #96]
  ldp x14, x15, [x0, #112]
  ldp x16, x17, [x0, #128]
  ldp x18, x19, [x0, #144]
  ldp x20, x21, [x0, #160]
  ldp x22, x23, [x0, #176]
  ldp x24, x25, [x0, #192]
  ldp x26, x27, [x0, #208]
  ldp x28, x29, [x0, #224]
  ldr x30, [x0, #240]
  ldr x1, [x0, #8]
  wfi
  str x1, [x0, #8]              /* X0 is right, or this goes astray */
  stp x2, x3, [x0, #16]
  stp x4, x5, [x0, #32]
  stp x6, x7, [x0, #48]
  stp x8, x9, [x0, #64]
  stp x10, x11, [x0, #80]
  stp x12, x13, [x0, #96]
  stp x14, x15, [x0, #112]
  stp x16, x17, [x0, #128]
  stp x18, x19, [x0, #144]
  stp x20, x21, [x0, #160]
  stp x22, x23, [x0, #176]
  stp x24, x25, [x0, #192]
  stp x26, x27, [x0, #208]
  stp x28, x29, [x0, #224]
  str x30, [x0, #240]
  mrs x1, nzcv
  str x1, [x0, #RAW_FLAGS]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp x19, x20, [sp], #112
  ret
  .size raw_wfi, . - raw_wfi

  .section .note.GNU-stack, "", %progbits
