/* SPDX-License-Identifier: Apache-2.0
 *
 * The only code of the kernel that touches floating-point registers: all of them out, all of them in. Called by
 * hal/aarch64/floating_point.cpp, which has opened CPTR_EL2 (TFP traps EL2, too).
 */
  .arch armv8-a
  .section .text.floating_point, "ax"

/* void fp_state_save(port::FloatingPointState* x0)
 * OUT  V0-V31, FPCR, FPSR in memory     CLOBBERS x1, x2     EL 2, CPTR_EL2.TFP = 0     RETURNS-TO x30
 */
  .globl fp_state_save
fp_state_save:
  stp   q0, q1, [x0, #16]
  stp   q2, q3, [x0, #48]
  stp   q4, q5, [x0, #80]
  stp   q6, q7, [x0, #112]
  stp   q8, q9, [x0, #144]
  stp   q10, q11, [x0, #176]
  stp   q12, q13, [x0, #208]
  stp   q14, q15, [x0, #240]
  stp   q16, q17, [x0, #272]
  stp   q18, q19, [x0, #304]
  stp   q20, q21, [x0, #336]
  stp   q22, q23, [x0, #368]
  stp   q24, q25, [x0, #400]
  stp   q26, q27, [x0, #432]
  stp   q28, q29, [x0, #464]
  stp   q30, q31, [x0, #496]
  mrs   x1, fpcr
  mrs   x2, fpsr
  stp   x1, x2, [x0]
  ret

/* void fp_state_load(const port::FloatingPointState* x0)
 * OUT  V0-V31, FPCR, FPSR from memory     CLOBBERS x0-x2     EL 2, CPTR_EL2.TFP = 0     RETURNS-TO x30
 */
  .globl fp_state_load
fp_state_load:
  ldp   q0, q1, [x0, #16]
  ldp   q2, q3, [x0, #48]
  ldp   q4, q5, [x0, #80]
  ldp   q6, q7, [x0, #112]
  ldp   q8, q9, [x0, #144]
  ldp   q10, q11, [x0, #176]
  ldp   q12, q13, [x0, #208]
  ldp   q14, q15, [x0, #240]
  ldp   q16, q17, [x0, #272]
  ldp   q18, q19, [x0, #304]
  ldp   q20, q21, [x0, #336]
  ldp   q22, q23, [x0, #368]
  ldp   q24, q25, [x0, #400]
  ldp   q26, q27, [x0, #432]
  ldp   q28, q29, [x0, #464]
  ldp   q30, q31, [x0, #496]
  ldp   x1, x2, [x0]
  msr   fpcr, x1
  msr   fpsr, x2
  ret
