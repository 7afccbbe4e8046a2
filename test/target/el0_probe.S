/* SPDX-License-Identifier: Apache-2.0
 *
 * Every instruction and register that EL0 could try, one probe each: what comes of it under the kernel's own control
 * registers. A probe starts with x0 = 0, is one idea (a few instructions), and ends with the marker `svc` with x8 = 1;
 * what x0 holds then is its result. If it traps instead, the test notes the syndrome and goes on behind the
 * instruction, or at x21 if there is no such place. The names lie in a list of their own, in order; a name that begins
 * with ~ has a result that varies from run to run.
 */
  .arch armv8.5-a+sve+memtag+rng+predres+fp16
  .equ  SILO_DATA, 0x8000        /* a page that may be read and written; contexts of el0_probe.cpp */

.macro probe name, code
  .pushsection .rodata.probe_names, "a"
  .asciz "\name"
  .popsection
  mov   x0, #0
  adr   x21, .Lmarker\@
  \code
.Lmarker\@:
  mov   x8, #1
  svc   #0xab
.endm
.macro probe_varying name, code
  probe "~\name", "\code"
.endm

  .section .rodata.probe_names, "a"
  .globl probe_names
probe_names:

  .section .text.el0_probe, "ax"
  .balign 4096
  .globl el0_probe
el0_probe:

  /* Identification of the caches, and time. */
  probe "mrs CTR_EL0", "mrs x0, CTR_EL0"
  probe "mrs DCZID_EL0", "mrs x0, DCZID_EL0"
  probe "mrs CNTFRQ_EL0", "mrs x0, CNTFRQ_EL0"
  probe_varying "mrs CNTVCT_EL0", "mrs x0, CNTVCT_EL0"
  probe "mrs CNTPCT_EL0", "mrs x0, CNTPCT_EL0"
  probe_varying "mrs CNTVCTSS_EL0", "mrs x0, S3_3_C14_C0_6"
  probe "mrs CNTV_CTL_EL0", "mrs x0, CNTV_CTL_EL0"
  probe "msr CNTV_CTL_EL0", "mov x0, #0; msr CNTV_CTL_EL0, x0"
  probe "msr CNTV_CVAL_EL0", "mov x0, #0; msr CNTV_CVAL_EL0, x0"
  probe "mrs CNTP_CTL_EL0", "mrs x0, CNTP_CTL_EL0"
  probe "msr CNTP_CVAL_EL0", "mov x0, #0; msr CNTP_CVAL_EL0, x0"
  probe "msr CNTFRQ_EL0", "mov x0, #0; msr CNTFRQ_EL0, x0"

  /* Performance and activity monitors. */
  probe "mrs PMCCNTR_EL0", "mrs x0, PMCCNTR_EL0"
  probe "mrs PMUSERENR_EL0", "mrs x0, PMUSERENR_EL0"
  probe "msr PMUSERENR_EL0", "mov x0, #0; msr PMUSERENR_EL0, x0"
  probe "mrs PMCR_EL0", "mrs x0, PMCR_EL0"
  probe "msr PMSELR_EL0", "mov x0, #0; msr PMSELR_EL0, x0"
  probe "mrs PMXEVCNTR_EL0", "mrs x0, PMXEVCNTR_EL0"
  probe "msr PMSWINC_EL0", "mov x0, #0; msr PMSWINC_EL0, x0"
  probe "mrs AMCR_EL0", "mrs x0, S3_3_C13_C2_0"
  probe "mrs AMEVCNTR0_0", "mrs x0, S3_3_C13_C4_0"

  /* Thread and context numbers. */
  probe "mrs TPIDR_EL0", "mrs x0, TPIDR_EL0"
  probe "msr TPIDR_EL0", "mov x0, #0; msr TPIDR_EL0, x0"
  probe "mrs TPIDRRO_EL0", "mrs x0, TPIDRRO_EL0"
  probe "msr TPIDRRO_EL0", "mov x0, #0; msr TPIDRRO_EL0, x0"
  probe "mrs TPIDR2_EL0", "mrs x0, S3_3_C13_C0_5"
  probe "msr TPIDR2_EL0", "mov x0, #0; msr S3_3_C13_C0_5, x0"
  probe "mrs SCXTNUM_EL0", "mrs x0, S3_3_C13_C0_7"
  probe "msr SCXTNUM_EL0", "mov x0, #0; msr S3_3_C13_C0_7, x0"

  /* Processor state. */
  probe "mrs DAIF", "mrs x0, DAIF"
  probe "msr daifset,#2", "msr daifset, #2"
  probe "msr daifclr,#2", "msr daifclr, #2"
  probe "mrs NZCV", "mrs x0, NZCV"
  probe "mrs FPCR", "mrs x0, FPCR"
  probe "mrs FPSR", "mrs x0, FPSR"
  probe "mrs CurrentEL", "mrs x0, CurrentEL"
  probe "mrs SPSel", "mrs x0, SPSel"
  probe "mrs DIT", "mrs x0, S3_3_C4_C2_5"
  probe "msr dit,#1", ".inst 0xd503415f"
  probe "mrs SSBS", "mrs x0, S3_3_C4_C2_6"
  probe "msr ssbs,#1", ".inst 0xd503413f"
  probe "mrs TCO", "mrs x0, S3_3_C4_C2_7"
  probe "msr tco,#1", ".inst 0xd503419f"

  /* Random numbers. */
  probe_varying "mrs RNDR", "mrs x0, S3_3_C2_C4_0"
  probe_varying "mrs RNDRRS", "mrs x0, S3_3_C2_C4_1"

  /* Registers of EL1 and above. */
  probe "mrs MIDR_EL1", "mrs x0, MIDR_EL1"
  probe "mrs MPIDR_EL1", "mrs x0, MPIDR_EL1"
  probe "mrs ID_AA64ISAR0_EL1", "mrs x0, ID_AA64ISAR0_EL1"
  probe "mrs ID_AA64PFR0_EL1", "mrs x0, ID_AA64PFR0_EL1"
  probe "mrs REVIDR_EL1", "mrs x0, REVIDR_EL1"
  probe "mrs SCTLR_EL1", "mrs x0, SCTLR_EL1"
  probe "mrs PAR_EL1", "mrs x0, PAR_EL1"
  probe "mrs TTBR0_EL1", "mrs x0, TTBR0_EL1"
  probe "mrs VBAR_EL1", "mrs x0, VBAR_EL1"
  probe "mrs CONTEXTIDR_EL1", "mrs x0, CONTEXTIDR_EL1"
  probe "mrs TPIDR_EL1", "mrs x0, TPIDR_EL1"
  probe "mrs SP_EL0", "mrs x0, SP_EL0"
  probe "mrs ELR_EL1", "mrs x0, ELR_EL1"
  probe "mrs HCR_EL2", "mrs x0, HCR_EL2"
  probe "mrs CLIDR_EL1", "mrs x0, CLIDR_EL1"
  probe "mrs CCSIDR_EL1", "mrs x0, CCSIDR_EL1"

  /* Debug. */
  probe "mrs MDCCSR_EL0", "mrs x0, MDCCSR_EL0"
  probe "mrs DBGDTR_EL0", "mrs x0, DBGDTR_EL0"
  probe "msr DBGDTR_EL0", "mov x0, #1; msr DBGDTR_EL0, x0"
  probe "mrs DBGDTRRX_EL0", "mrs x0, DBGDTRRX_EL0"
  probe "mrs MDSCR_EL1", "mrs x0, MDSCR_EL1"
  probe "mrs OSLSR_EL1", "mrs x0, OSLSR_EL1"

  /* Caches, TLBs, address translation. */
  probe "dc zva", "mov x0, #SILO_DATA; dc zva, x0"
  probe "dc cvau", "mov x0, #SILO_DATA; dc cvau, x0"
  probe "dc civac", "mov x0, #SILO_DATA; dc civac, x0"
  probe "dc cvac", "mov x0, #SILO_DATA; dc cvac, x0"
  probe "dc cvap", "mov x0, #SILO_DATA; dc cvap, x0"
  probe "dc ivac", "mov x0, #SILO_DATA; dc ivac, x0"
  probe "dc gva (MTE)", "mov x0, #SILO_DATA; .inst 0xd50b7460"
  probe "dc isw", "mov x0, #0; dc isw, x0"
  probe "ic ivau", "mov x0, #SILO_DATA; ic ivau, x0"
  probe "ic iallu", "ic iallu"
  probe "tlbi vmalle1", "tlbi vmalle1"
  probe "at s1e0r", "mov x0, #0; at s1e0r, x0"
  probe "dc zva kernel addr (unmapped)", "mov x0, #0x1000; dc zva, x0"
  probe "dc civac unmapped", "mov x0, #0x1000; dc civac, x0"
  probe "ic ivau unmapped", "mov x0, #0x1000; ic ivau, x0"
  probe "prfm unmapped", "mov x1, #0x1000; prfm pldl1keep, [x1]"

  /* Waiting and events. */
  probe "wfit", ".inst 0xd5031020"
  probe "sev", "sev"
  probe "sevl", "sevl"
  probe "yield", "yield"

  /* Exception-generating instructions. */
  probe "hlt #0", "hlt #0"
  probe "brk #1", "brk #1"
  probe "hvc #0", "hvc #0"
  probe "smc #0", "smc #0"
  probe "dcps1", "dcps1"
  probe "dcps2", "dcps2"
  probe "eret", "eret"
  probe "drps", "drps"
  probe "udf", ".inst 0"
  probe "svc #0x77 (imm)", "svc #0x77"

  /* Floating point, SVE, SME. */
  probe "fmov d0,#1", "fmov d0, #1.0"
  probe "sve rdvl", "rdvl x0, #1"
  probe "sve ptrue", "ptrue p0.b"
  probe "sme rdsvl", ".inst 0x04bf5820"
  probe "sme smstart", ".inst 0xd503477f"
  probe "sme smstop", ".inst 0xd503467f"
  probe "mrs SVCR", "mrs x0, S3_3_C4_C2_2"

  /* Pointer authentication, memory tagging, speculation. */
  probe "pacia x0,x1", "mov x0, #0x1000; mov x1, #5; pacia x0, x1"
  probe "paciasp (hint)", "mov x30, #0x1000; paciasp; mov x0, x30"
  probe "pacga", "mov x0, #3; mov x1, #5; pacga x0, x0, x1"
  probe "pacdb", "mov x0, #0x1000; mov x1, #5; pacdb x0, x1"
  probe "irg", "mov x0, #0; irg x0, x0"
  probe "stg", "mov x0, #SILO_DATA; stg x0, [x0]"
  probe "ldg", "mov x0, #SILO_DATA; ldg x0, [x0]"
  probe "sb", ".inst 0xd50330ff"
  probe "cfp rctx", ".inst 0xd50b7380"
  probe "dvp rctx", ".inst 0xd50b73a0"
  probe "cpp rctx", ".inst 0xd50b73e0"
  probe "ld64b", ".inst 0xf83fd020"
  probe "wfet", ".inst 0xd5031000"
  probe "cpyfp (MOPS)", ".inst 0x19010440"

  /* Addresses. */
  probe "unaligned ldr", "mov x1, #(SILO_DATA + 1); ldr x0, [x1]"
  probe "unaligned ldxr", "mov x1, #(SILO_DATA + 1); ldxr x0, [x1]"
  probe "ldr via sp misaligned", \
    "mov x1, #(SILO_DATA + 8); mov sp, x1; ldr x0, [sp]; mov x1, #(SILO_DATA + 64); mov sp, x1"
  probe "ldr unmapped", "mov x1, #0x1000; ldr x0, [x1]"
  probe "ldr va bit47", "mov x1, #0x800000000000; ldr x0, [x1]"
  probe "ldr tagged top byte", "mov x1, #SILO_DATA; orr x1, x1, #0xff00000000000000; ldr x0, [x1]"
  probe "ldr va 1<<39 (above IPA size)", "mov x1, #0x8000000000; ldr x0, [x1]"
  probe "ldr va 1<<52", "mov x1, #0x10000000000000; ldr x0, [x1]"

  /* Hints. */
  probe "chkfeat/hint40", "mov x16, #1; hint #40; mov x0, x16"
  probe "esb (hint16)", "hint #16"
  probe "psb csync", "hint #17"
  probe "tsb", "hint #18"
  probe "dgh/csdb", "hint #20"

  /* PSTATE fields and flags. */
  probe "msr pan", ".inst 0xd500419f"
  probe "msr uao", ".inst 0xd500417f"
  probe "setf8 / cfinv", ".inst 0xd500401f"
  probe "xaflag", ".inst 0xd500403f"

  /* Later and implementation-defined registers. */
  probe "mrs POR_EL0", "mrs x0, S3_3_C10_C2_4"
  probe "mrs GCSPR_EL0", "mrs x0, S3_3_C2_C5_1"
  probe "mrs PMICNTR", "mrs x0, S3_3_C9_C4_0"
  probe "trcit / TRCVICTLR", "mrs x0, S2_1_C0_C0_2"
  probe "mrs LORID", "mrs x0, S3_0_C10_C4_7"
  probe "IMPDEF S3_3_C15_C0_0", "mrs x0, S3_3_C15_C0_0"
  probe "IMPDEF S3_1_C15_C2_0 (A72 CPUACTLR)", "mrs x0, S3_1_C15_C2_0"

  /* Branches. */
  probe "br unaligned pc", "adr x1, el0_probe; add x1, x1, #2; br x1"

  /* Not in the lab's list: the kernel takes wfi as a yield, and lets wfe through. */
  probe "wfi", "wfi"
  probe "wfe", "sevl; wfe"
  probe "END", "nop"
  .balign 4096
  .globl el0_probe_end
el0_probe_end:

  .section .rodata.probe_names, "a"
  .byte 0
