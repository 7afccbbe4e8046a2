// SPDX-License-Identifier: Apache-2.0
//
// The epitaph: what a dead kernel leaves in memory at the symbol `granary_epitaph`, for debuggers, QEMU's pmemsave and
// tools. All words are 64-bit little-endian. Valid once `magic` is EPITAPH_MAGIC; written once, by the first core that
// dies. Layout (offsets in bytes): 0 magic, 8 size, 16 core, 24 vector (0-15, or all ones if no exception led here), 32
// x0..x30, 280 SP, 288 ELR_EL2, 296 SPSR_EL2, 304 ESR_EL2, 312 FAR_EL2, 320 reason (144 bytes, zero-terminated), then
// what a second fault while dying left: 464 its vector (all ones: there was none), 472 ESR_EL2, 480 ELR_EL2, 488
// FAR_EL2.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/aarch64/entry_layout.h"

namespace hal {

inline constexpr std::uint64_t kNoVector = ~std::uint64_t{0};

struct Epitaph {
  std::uint64_t magic;
  std::uint64_t size;
  std::uint64_t core;
  std::uint64_t vector;
  std::uint64_t general[31];
  std::uint64_t stack_pointer;
  std::uint64_t program_counter;
  std::uint64_t processor_state;
  std::uint64_t syndrome;
  std::uint64_t fault_address;
  char reason[144];
  std::uint64_t second_vector;
  std::uint64_t second_syndrome;
  std::uint64_t second_program_counter;
  std::uint64_t second_fault_address;
};

static_assert(offsetof(Epitaph, general) == 32 && offsetof(Epitaph, stack_pointer) == 280);
static_assert(offsetof(Epitaph, program_counter) == 288 && offsetof(Epitaph, fault_address) == 312);
static_assert(offsetof(Epitaph, reason) == 320);
static_assert(offsetof(Epitaph, second_vector) == EPITAPH_SECOND_VECTOR);
static_assert(offsetof(Epitaph, second_syndrome) == EPITAPH_SECOND_SYNDROME);
static_assert(offsetof(Epitaph, second_program_counter) == EPITAPH_SECOND_PROGRAM_COUNTER);
static_assert(offsetof(Epitaph, second_fault_address) == EPITAPH_SECOND_FAULT_ADDRESS);
static_assert(sizeof(Epitaph) == EPITAPH_SIZE);

/// Ends the kernel for an exception that no silo can cause; frame.vector names it.
[[noreturn]] void die_of_vector(const DeathFrame& frame);

}  // namespace hal

extern "C" {
extern hal::Epitaph granary_epitaph;

/// vectors.S: an exception of the kernel itself; on the emergency stack, vectors of a dying kernel in force.
[[noreturn]] void granary_die_of_exception(const hal::DeathFrame* frame);
/// vectors.S: dying faulted; the epitaph's second_* words are written.
[[noreturn]] void granary_die_again();
}
