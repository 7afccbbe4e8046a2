/* SPDX-License-Identifier: Apache-2.0
 *
 * Register values and numbers that boot/start.S writes, as macros. boot/start_registers.cpp builds each from the
 * typed layouts in hal/regs and asserts that it is equal, so the assembly has no constants of its own.
 */
#ifndef BOOT_START_REGISTERS_H
#define BOOT_START_REGISTERS_H

#define SCR_EL3_VALUE 0x531            /* RW, HCE, RES1 (5, 4), NS */
#define ICC_SRE_EL3_VALUE 0xf          /* Enable, DIB, DFB, SRE */
#define SPSR_EL2_HANDLER 0x3c9         /* EL2h, D A I F masked */
#define ID_AA64PFR0_GIC_MASK 0xf000000 /* system registers of a GICv3 */

#define HCR_EL2_FOR_BOOT 0x80000000 /* RW; everything else 0, above all E2H and TGE */
#define HCR_EL2_E2H_BIT 34
#define CPTR_EL2_FOR_BOOT 0x33ff     /* RES1, TZ, TSM; TFP = 0: floating point does not trap */
#define SCTLR_EL2_MMU_OFF 0x30c50830 /* RES1 */
#define SCTLR_EL2_MMU_ON 0x30c5183d  /* RES1, I, SA, C, M */
#define SCTLR_EL2_FINAL 0x30cd183d   /* the same and WXN */
#define MAIR_EL2_VALUE 0x04ff        /* attribute 0 Normal write-back, 1 Device-nGnRE */
#define TCR_EL2_VALUE 0x80803519     /* RES1, 4 KiB, inner shareable, write-back walks, 39 bits; PS is filled in */
#define TCR_EL2_PS_SHIFT 16
#define TCR_EL2_PS_48_BITS 5
#define DESCRIPTOR_TABLE 0x3
#define DESCRIPTOR_NORMAL_PAGE 0x743 /* AF, inner shareable, AP read-write, attribute 0, page */
#define DESCRIPTOR_NORMAL_BLOCK 0x741

#define START_TABLE_COUNT 4

/* Reasons of boot_stop_in_words. */
#define STOP_ENTERED_AT_EL1 1
#define STOP_HOST_EXTENSIONS_STUCK 2
#define STOP_IMAGE_MISPLACED 3
#define STOP_NO_DEVICE_TREE 4
#define STOP_EXCEPTION 16 /* + number of the vector */

/* Function number of el3_service (SMC from boot/bring_up): an OEM fast call, 64-bit (SMC calling convention). */
#define EL3_SERVICE_FUNCTION 0xc3004752

#ifdef __ASSEMBLER__
/* clang-format off */
/* Kept from entry to boot_main: X0 of the entry; 1, 2 or 3; where the image was loaded. */
device_tree .req x19
entry_level .req x20
image_base .req x21

/* Any 64-bit constant, without a literal pool. */
.macro write_constant register, value
  movz \register, #((\value) & 0xffff)
  movk \register, #(((\value) >> 16) & 0xffff), lsl #16
  movk \register, #(((\value) >> 32) & 0xffff), lsl #32
  movk \register, #(((\value) >> 48) & 0xffff), lsl #48
.endm
/* clang-format on */
#endif

#endif
