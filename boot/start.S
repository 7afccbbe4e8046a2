/* SPDX-License-Identifier: Apache-2.0
 *
 * From the loader to C++. The only code that runs with the MMU off (C4), apart from boot/start_words.cpp on the way
 * to a stop. Owns the Image header, the start-up tables and the stacks. Everything before `virtual_start` is
 * PC-relative: the image is linked at KERNEL_VIRTUAL_BASE and runs where the loader put it.
 *
 * Boot core:   _start -> (start_el3.S: enter_from_el3 ->) start_at_el2 -> virtual_start -> boot_main
 *              (one core, X0 = device tree)
 * Other cores: secondary_entry -> secondary_virtual_start -> secondary_main
 */
#include "boot/start_registers.h"
#include "hal/aarch64/kernel_layout.hpp"
#include "hal/aarch64/secondary_startup.h"

  .section .text.image_header, "ax"

/* The arm64 Linux Image header (Documentation/arch/arm64/booting): U-Boot's booti, QEMU's -kernel, the Pi firmware. */
  .globl _start
_start:
  b     first_instruction
  .long 0
  .quad 0                       /* text_offset: any 2 MiB boundary will do */
  .quad kernel_image_size       /* to the end of .bss and stacks (boot/kernel.ld) */
  .quad 0xa                     /* little-endian, 4 KiB pages, anywhere in memory */
  .quad 0, 0, 0
  .ascii "ARM\x64"
  .long 0
  .globl expected_virtual_base
  .set  expected_virtual_base, KERNEL_VIRTUAL_BASE

  .section .text.start, "ax"

/* void first_instruction(x0 = device tree)
 * IN   x0 device tree or garbage; DAIF, caches and every register as the loader left them; MMU off
 * EL   1, 2 or 3
 * RETURNS-TO  never
 */
first_instruction:
  mov   device_tree, x0
  adr   image_base, _start
  mrs   entry_level, CurrentEL
  lsr   entry_level, entry_level, #2
  cmp   entry_level, #2
  b.eq  start_at_el2
  b.hi  enter_from_el3
  adr   x9, start_vectors
  msr   vbar_el1, x9
  msr   daifset, #0xf
  mov   x24, #STOP_ENTERED_AT_EL1
  b     stop_with_words

/* void start_at_el2()
 * IN   device_tree, image_base, entry_level    CLOBBERS everything else    EL 2, MMU off on entry
 * RETURNS-TO virtual_start, at the kernel's addresses, start-up tables, caches on
 */
  .globl start_at_el2
start_at_el2:
  adr   x9, start_vectors
  msr   vbar_el2, x9            /* U-Boot's vectors are dead, and SError may be unmasked */
  msr   daifset, #0xf
  msr   spsel, #1
  isb
  mov   x9, #HCR_EL2_FOR_BOOT   /* E2H = 0, and it must read so: EL2 registers have another layout otherwise */
  msr   hcr_el2, x9
  isb
  mrs   x10, hcr_el2
  mov   x24, #STOP_HOST_EXTENSIONS_STUCK
  tbnz  x10, #HCR_EL2_E2H_BIT, stop_with_words
  write_constant x9, SCTLR_EL2_MMU_OFF
  msr   sctlr_el2, x9
  mov   x9, #CPTR_EL2_FOR_BOOT  /* libfdt may use FP registers during boot */
  msr   cptr_el2, x9
  isb
  tst   device_tree, #7         /* a misaligned one is refused later, in words */
  b.ne  1f
probe_device_tree:
  ldr   w9, [device_tree]       /* does X0 lead to memory at all? If not, start_exception knows this place */
1:tst   image_base, #(KERNEL_PAGE_SIZE - 1)
  b.ne  park                    /* no loader does that; ADRP would miss everything: no words possible */
  mov   x24, #STOP_IMAGE_MISPLACED
  lsr   x9, image_base, #38     /* kImagePhysicalLimit: the 1:1 map would collide with the kernel's addresses */
  cbnz  x9, stop_with_words

  adrp  x0, start_tables
  add   x1, x0, #(START_TABLE_COUNT * KERNEL_PAGE_SIZE)
  bl    invalidate_range        /* C4 before: no dirty line of the loader's may land on the tables later */
  adrp  x0, start_tables
1:stp   xzr, xzr, [x0], #16
  cmp   x0, x1
  b.lo  1b
  adrp  x10, start_tables       /* level 1 */
  add   x11, x10, #KERNEL_PAGE_SIZE      /* level 2 of the image */
  add   x12, x11, #KERNEL_PAGE_SIZE      /* level 3 of the image */
  add   x13, x12, #KERNEL_PAGE_SIZE      /* level 2 of the 1:1 block */
  orr   x14, x11, #DESCRIPTOR_TABLE
  str   x14, [x10, #((KERNEL_VIRTUAL_BASE >> 30) * 8)]
  orr   x14, x12, #DESCRIPTOR_TABLE
  str   x14, [x11]
  mov   x15, #DESCRIPTOR_NORMAL_PAGE
  add   x14, image_base, x15
  adrp  x15, kernel_image_end
  sub   x15, x15, image_base
2:str   x14, [x12], #8
  add   x14, x14, #KERNEL_PAGE_SIZE
  subs  x15, x15, #KERNEL_PAGE_SIZE
  b.ne  2b
  adr   x9, enable_mmu          /* the 2 MiB block around the switch, 1:1 */
  orr   x14, x13, #DESCRIPTOR_TABLE
  lsr   x15, x9, #30
  str   x14, [x10, x15, lsl #3]
  lsr   x9, x9, #21
  and   x15, x9, #0x1ff
  lsl   x9, x9, #21
  mov   x14, #DESCRIPTOR_NORMAL_BLOCK
  orr   x14, x14, x9
  str   x14, [x13, x15, lsl #3]
  dsb   sy                      /* the stores are in memory before the lines are invalidated and the walker looks */
  adrp  x0, start_tables
  add   x1, x0, #(START_TABLE_COUNT * KERNEL_PAGE_SIZE)
  bl    invalidate_range        /* C4 after: no line fetched speculatively hides what was just written */
  ldr   x9, =virtual_start
  b     enable_mmu

/* void secondary_entry()
 * IN   nothing (PSCI: x0 context; spin table: x0 = 0)   EL 2, MMU off   CLOBBERS everything
 * Reads only the image and secondary_startup, which the boot core cleaned to the point of coherency (C5).
 * RETURNS-TO secondary_virtual_start; a core that arrives at another level or is not expected parks.
 */
  .globl secondary_entry
secondary_entry:
  msr   daifset, #0xf
  mrs   x9, CurrentEL
  cmp   x9, #(2 << 2)
  b.ne  park
  adr   x9, start_vectors
  msr   vbar_el2, x9
  msr   spsel, #1
  isb
  mov   x9, #HCR_EL2_FOR_BOOT
  msr   hcr_el2, x9
  isb
  mrs   x10, hcr_el2
  tbnz  x10, #HCR_EL2_E2H_BIT, park
  write_constant x9, SCTLR_EL2_MMU_OFF
  msr   sctlr_el2, x9
  isb
  mrs   x9, mpidr_el1
  write_constant x10, AFFINITY_MASK
  and   x9, x9, x10
  adrp  x11, secondary_startup
  add   x11, x11, :lo12:secondary_startup
  ldr   x12, [x11, #SECONDARY_CORE_COUNT]
  add   x13, x11, #SECONDARY_AFFINITY
  mov   x22, #0                 /* core number */
1:cmp   x22, x12
  b.hs  park
  ldr   x14, [x13, x22, lsl #3]
  cmp   x14, x9
  b.eq  2f
  add   x22, x22, #1
  b     1b
2:ldr   x23, [x11, #SECONDARY_TRANSLATION_BASE]
  ldr   x9, =secondary_virtual_start
  b     enable_mmu

/* void enable_mmu()
 * IN   x9 where to go on (a kernel address)   CLOBBERS x10-x12   EL 2, MMU off, start_tables in memory
 * RETURNS-TO x9 with MMU and caches on. Writable pages are still executable, for the next few instructions only.
 */
  .balign 64
enable_mmu:
  adrp  x10, start_tables
  msr   ttbr0_el2, x10
  write_constant x10, MAIR_EL2_VALUE
  msr   mair_el2, x10
  write_constant x10, TCR_EL2_VALUE
  mrs   x11, id_aa64mmfr0_el1   /* TCR_EL2.PS from PARange, at most 48 bits */
  and   x11, x11, #0xf
  mov   x12, #TCR_EL2_PS_48_BITS
  cmp   x11, x12
  csel  x11, x11, x12, lo
  bfi   x10, x11, #TCR_EL2_PS_SHIFT, #3
  msr   tcr_el2, x10
  tlbi  alle2
  ic    iallu
  dsb   sy
  isb                           /* translation registers are in force before the MMU is on */
  write_constant x10, SCTLR_EL2_MMU_ON
  msr   sctlr_el2, x10
  isb                           /* from here on fetches are translated; this page is mapped 1:1 */
  br    x9

/* Boot core at the kernel's addresses: stack, vectors, .bss, C++.
 * void boot_main(device tree physical, entry level, image physical)
 */
virtual_start:
  ldr   x9, =exception_vectors
  msr   vbar_el2, x9
  msr   tpidr_el2, xzr          /* core 0 */
  isb
  ldr   x9, =(kernel_stacks + KERNEL_STACK_SLOT)
  mov   sp, x9
  ldr   x0, =kernel_bss_start
  ldr   x1, =kernel_bss_end     /* both multiples of 64 */
1:stp   xzr, xzr, [x0]
  stp   xzr, xzr, [x0, #16]
  stp   xzr, xzr, [x0, #32]
  stp   xzr, xzr, [x0, #48]
  add   x0, x0, #64
  cmp   x0, x1
  b.lo  1b
  mov   x0, device_tree
  mov   x1, entry_level
  mov   x2, image_base
  mov   x29, #0
  mov   x30, #0
  b     boot_main

/* Another core at the kernel's addresses: final tables, stack, vectors, C++. IN x22 core number, x23 map's root. */
secondary_virtual_start:
  msr   ttbr0_el2, x23
  isb
  tlbi  alle2                   /* the 1:1 block and the writable text of the start-up tables are forgotten ... */
  dsb   nsh
  isb                           /* ... before the next instruction */
  write_constant x10, SCTLR_EL2_FINAL
  msr   sctlr_el2, x10
  isb
  tlbi  alle2                   /* WXN may be cached in a TLB entry (Arm ARM, SCTLR_EL2.WXN) */
  dsb   nsh
  isb
  ldr   x9, =exception_vectors
  msr   vbar_el2, x9
  msr   tpidr_el2, x22
  isb
  ldr   x9, =kernel_stacks
  mov   x10, #KERNEL_STACK_SLOT
  add   x11, x22, #1
  madd  x9, x11, x10, x9
  mov   sp, x9
  mov   x0, x22
  mov   x29, #0
  mov   x30, #0
  b     secondary_main

/* void invalidate_range(x0 start, x1 end), whole lines. CLOBBERS x0, x2, x3. MMU off or on, EL 2. */
invalidate_range:
  mrs   x2, ctr_el0
  ubfx  x2, x2, #16, #4         /* DminLine: log2 of the words of the smallest line */
  mov   x3, #4
  lsl   x2, x3, x2
1:dc    ivac, x0
  add   x0, x0, x2
  cmp   x0, x1
  b.lo  1b
  dsb   sy
  ret

/* void stop_with_words(x24 reason; device_tree): we cannot run here. Says why on the console, MMU off, and stops.
 * The stack is invalidated before it is used (C4); nothing turns the MMU on afterwards.
 */
stop_with_words:
  adrp  x0, kernel_stacks
  add   x0, x0, :lo12:kernel_stacks
  add   x0, x0, #KERNEL_PAGE_SIZE
  add   x1, x0, #KERNEL_STACK_SIZE
  mov   sp, x1
  bl    invalidate_range
  mov   x0, device_tree
  mov   x1, x24
  mov   x2, image_base
  mov   x3, x25
  mov   x4, x26
  mov   x5, x27
  mov   x29, #0
  bl    boot_stop_in_words
  .globl park
park:
  wfe
  b     park

/* An exception before the kernel's own vectors are in force: number, syndrome, address of the instruction, then words.
 * A second one (TPIDR_EL2 marks the first) stops in place: x24-x27 tell the first.
 */
.macro start_vector number
  .org  start_vectors + \number * 0x80
  mov   x24, #(STOP_EXCEPTION + \number)
  b     start_exception
.endm
  .balign 2048
start_vectors:
  .irp  number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  start_vector \number
  .endr
  .org  start_vectors + 0x800
start_exception:
  mrs   x9, CurrentEL
  cmp   x9, #(2 << 2)
  b.ne  1f
  mrs   x25, esr_el2
  mrs   x26, elr_el2
  mrs   x27, far_el2
  adr   x9, park_vectors
  msr   vbar_el2, x9
  adr   x9, probe_device_tree
  cmp   x9, x26
  b.ne  2f
  mov   x24, #STOP_NO_DEVICE_TREE
  mov   x25, device_tree        /* what X0 was; nobody may look there again */
  mov   device_tree, #-1
  b     2f
1:mrs   x25, esr_el1
  mrs   x26, elr_el1
  mrs   x27, far_el1
  adr   x9, park_vectors
  msr   vbar_el1, x9
2:isb
  write_constant x9, SCTLR_EL2_MMU_OFF   /* in case it happened just behind the switch; harmless at EL1 */
  mrs   x10, CurrentEL
  cmp   x10, #(2 << 2)
  b.ne  3f
  msr   sctlr_el2, x9
  isb
3:b     stop_with_words

  .balign 2048
park_vectors:
  .rept 16
  b     park
  .balign 0x80
  .endr

  .ltorg

  .section .data, "aw"
  .balign 64
  .globl secondary_startup
secondary_startup:
  .skip SECONDARY_SIZE
  .balign 64

/* Not cleared: tables are written whole by start_at_el2, stacks need no content. */
  .section .noinit, "aw", %nobits
  .balign KERNEL_PAGE_SIZE
start_tables:
  .skip START_TABLE_COUNT * KERNEL_PAGE_SIZE
  .globl kernel_stacks
kernel_stacks:
  .skip KERNEL_MAXIMUM_CORES * KERNEL_STACK_SLOT
  .globl emergency_stacks
emergency_stacks:
  .skip KERNEL_MAXIMUM_CORES * EMERGENCY_STACK_SLOT
