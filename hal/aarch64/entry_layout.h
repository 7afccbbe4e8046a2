/* SPDX-License-Identifier: Apache-2.0
 *
 * What hal/aarch64/vectors.S shares with C++ beside ThreadContext: the frame of a dying kernel, and the words of the
 * epitaph that the last-resort path writes by itself. Offsets are macros, each with a static_assert below or in
 * epitaph.hpp.
 */
#ifndef HAL_AARCH64_ENTRY_LAYOUT_H
#define HAL_AARCH64_ENTRY_LAYOUT_H

#define DEATH_GENERAL 0 /* x0..x30 */
#define DEATH_STACK_POINTER 248
#define DEATH_PROGRAM_COUNTER 256 /* ELR_EL2 */
#define DEATH_PROCESSOR_STATE 264 /* SPSR_EL2 */
#define DEATH_SYNDROME 272        /* ESR_EL2 */
#define DEATH_FAULT_ADDRESS 280   /* FAR_EL2 */
#define DEATH_VECTOR 288          /* 0..15 */
#define DEATH_SIZE 304

/* The characters "GRANDEAD" in memory. */
#define EPITAPH_MAGIC 0x444145444e415247
#define EPITAPH_SECOND_VECTOR 464
#define EPITAPH_SECOND_SYNDROME 472
#define EPITAPH_SECOND_PROGRAM_COUNTER 480
#define EPITAPH_SECOND_FAULT_ADDRESS 488
#define EPITAPH_SIZE 496

/* What of a saved SPSR_EL2 may return to EL0: NZCV, TCO, DIT, SSBS. Everything else of it is 0. */
#define SPSR_OF_THREAD_HIGH 0xf300
#define SPSR_OF_THREAD_LOW 0x1000

#ifndef __ASSEMBLER__
#include <cstddef>
#include <cstdint>

#include "hal/regs/spsr_el2.hpp"

namespace hal {

/// Registers at the moment of a death.
struct DeathFrame {
  std::uint64_t general[31];
  std::uint64_t stack_pointer;
  std::uint64_t program_counter;
  std::uint64_t processor_state;
  std::uint64_t syndrome;
  std::uint64_t fault_address;
  std::uint64_t vector;
  std::uint64_t padding;  ///< the stack pointer stays 16-byte aligned
};

static_assert(offsetof(DeathFrame, general) == DEATH_GENERAL);
static_assert(offsetof(DeathFrame, stack_pointer) == DEATH_STACK_POINTER);
static_assert(offsetof(DeathFrame, program_counter) == DEATH_PROGRAM_COUNTER);
static_assert(offsetof(DeathFrame, processor_state) == DEATH_PROCESSOR_STATE);
static_assert(offsetof(DeathFrame, syndrome) == DEATH_SYNDROME);
static_assert(offsetof(DeathFrame, fault_address) == DEATH_FAULT_ADDRESS);
static_assert(offsetof(DeathFrame, vector) == DEATH_VECTOR);
static_assert(sizeof(DeathFrame) == DEATH_SIZE && DEATH_SIZE % 16 == 0);
static_assert(SPSR_OF_THREAD_HIGH * 0x10000ull + SPSR_OF_THREAD_LOW == regs::SpsrEl2::kOfThread);

}  // namespace hal
#endif
#endif
