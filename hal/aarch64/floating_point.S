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
  stp   q0, q1, [x0]
  stp   q2, q3, [x0, #32]
  stp   q4, q5, [x0, #64]
  stp   q6, q7, [x0, #96]
  stp   q8, q9, [x0, #128]
  stp   q10, q11, [x0, #160]
  stp   q12, q13, [x0, #192]
  stp   q14, q15, [x0, #224]
  stp   q16, q17, [x0, #256]
  stp   q18, q19, [x0, #288]
  stp   q20, q21, [x0, #320]
  stp   q22, q23, [x0, #352]
  stp   q24, q25, [x0, #384]
  stp   q26, q27, [x0, #416]
  stp   q28, q29, [x0, #448]
  stp   q30, q31, [x0, #480]
  mrs   x1, fpcr
  mrs   x2, fpsr
  add   x0, x0, #512
  stp   x1, x2, [x0]
  ret

/* void fp_state_load(const port::FloatingPointState* x0)
 * OUT  V0-V31, FPCR, FPSR from memory     CLOBBERS x0-x2     EL 2, CPTR_EL2.TFP = 0     RETURNS-TO x30
 */
  .globl fp_state_load
fp_state_load:
  ldp   q0, q1, [x0]
  ldp   q2, q3, [x0, #32]
  ldp   q4, q5, [x0, #64]
  ldp   q6, q7, [x0, #96]
  ldp   q8, q9, [x0, #128]
  ldp   q10, q11, [x0, #160]
  ldp   q12, q13, [x0, #192]
  ldp   q14, q15, [x0, #224]
  ldp   q16, q17, [x0, #256]
  ldp   q18, q19, [x0, #288]
  ldp   q20, q21, [x0, #320]
  ldp   q22, q23, [x0, #352]
  ldp   q24, q25, [x0, #384]
  ldp   q26, q27, [x0, #416]
  ldp   q28, q29, [x0, #448]
  ldp   q30, q31, [x0, #480]
  add   x0, x0, #512
  ldp   x1, x2, [x0]
  msr   fpcr, x1
  msr   fpsr, x2
  ret
