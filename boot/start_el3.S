/* SPDX-License-Identifier: Apache-2.0
 *
 * When a machine starts this kernel at EL3: the secure world's registers, the drop to EL2, and a service that stays
 * behind for what only EL3 may set. Runs with the MMU off, PC-relative, and writes no memory but device registers.
 */
#include "boot/start_registers.h"
#include "hal/aarch64/secondary_startup.h"

  .section .text.start, "ax"

/* void enter_from_el3()
 * Puts the secure world's registers where a Non-secure EL2 kernel needs them, and drops to EL2. Cores that arrive
 * together: the one with affinity 0 goes on, the others wait for ever. A service for EL2 stays behind
 * (el3_service).
 * IN   device_tree, image_base, entry_level    CLOBBERS x9-x11    EL 3, MMU off    RETURNS-TO start_at_el2 at EL2
 */
  .globl enter_from_el3
enter_from_el3:
  adr   x9, el3_vectors
  msr   vbar_el3, x9
  msr   daifset, #0xf
  mrs   x9, mpidr_el1
  write_constant x10, AFFINITY_MASK
  tst   x9, x10
  b.ne  park
  mov   x9, #SCR_EL3_VALUE
  msr   scr_el3, x9
  msr   cptr_el3, xzr
  msr   mdcr_el3, xzr
  mrs   x9, id_aa64pfr0_el1
  tst   x9, #ID_AA64PFR0_GIC_MASK
  b.eq  1f
  mov   x9, #ICC_SRE_EL3_VALUE
  msr   S3_6_C12_C12_5, x9      /* ICC_SRE_EL3 */
  isb
1:write_constant x9, SCTLR_EL2_MMU_OFF
  msr   sctlr_el2, x9           /* UNKNOWN after reset */
  mov   x9, #HCR_EL2_FOR_BOOT
  msr   hcr_el2, x9
  mov   x9, #SPSR_EL2_HANDLER
  msr   spsr_el3, x9
  adr   x9, start_at_el2
  msr   elr_el3, x9
  isb
  eret

/* EL3: `smc` from EL2 arrives at + 0x400; anything else parks. */
  .balign 2048
el3_vectors:
  .rept 8
  b     park
  .balign 0x80
  .endr
  .org  el3_vectors + 0x400
  b     el3_service
  .org  el3_vectors + 0x480
  .rept 7
  b     park
  .balign 0x80
  .endr

/* uint64_t el3_service(x0 function, x1 distributor, x2 CPU interface or redistributors, x3 GIC version, x4 frequency)
 * What only the secure world may set, and what boot code learns only later from the device tree (called once by
 * boot/bring_up): all interrupts to group 1, priority mask open, redistributors awake, CNTFRQ_EL0. Physical
 * addresses, MMU of EL3 off.
 * OUT  x0 = 0, or -1 for an unknown function    CLOBBERS x5-x8    EL 3    RETURNS-TO EL2
 */
el3_service:
  mov   x5, #(EL3_SERVICE_FUNCTION & 0xffff)
  movk  x5, #(EL3_SERVICE_FUNCTION >> 16), lsl #16
  cmp   x0, x5
  b.ne  9f
  cbz   x4, 1f
  msr   cntfrq_el0, x4
1:ldr   w5, [x1, #4]            /* GICD_TYPER.ITLinesNumber: 32 * (n + 1) interrupts */
  and   w5, w5, #0x1f
  add   x6, x1, #0x80           /* GICD_IGROUPR<n> */
  mov   w7, #-1
2:str   w7, [x6], #4
  subs  w5, w5, #1
  b.pl  2b
  cmp   x3, #3
  b.eq  3f
  mov   w5, #0xff
  str   w5, [x2, #4]            /* GICC_PMR */
  b     8f
3:mov   w5, #0x30               /* GICD_CTLR.ARE_S, ARE_NS: affinity routing for both worlds */
  str   w5, [x1]
4:ldr   w5, [x1]                /* wait for GICD_CTLR.RWP */
  tbnz  w5, #31, 4b
5:ldr   w5, [x2, #0x14]         /* each redistributor: GICR_WAKER.ProcessorSleep = 0 */
  bic   w5, w5, #2
  str   w5, [x2, #0x14]
  add   x6, x2, #0x10000        /* GICR_IGROUPR0 in the SGI frame */
  str   w7, [x6, #0x80]
  ldr   x5, [x2, #0x8]          /* GICR_TYPER: VLPIS (1) doubles the frame, Last (4) ends the region */
  mov   x6, #0x20000
  tbz   x5, #1, 6f
  lsl   x6, x6, #1
6:add   x2, x2, x6
  tbz   x5, #4, 5b
8:dsb   sy
  isb
  mov   x0, #0
  eret
9:mov   x0, #-1
  eret
