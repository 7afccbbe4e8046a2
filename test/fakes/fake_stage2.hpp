// SPDX-License-Identifier: Apache-2.0
//
// Fake of kernel/port/stage2.hpp: descriptors that a test can read, and a log of every publication and maintenance
// operation. Owns the log and a list of violations: a valid entry written over another valid entry, a new entry
// where an invalidated one has not been flushed yet (break-before-make, design 2.2), memory that the kernel touches
// while an entry to it is invalid but not flushed. An entry counts as flushed when it was invalidated by its address
// under the VMID of the space that has it, or the space was retired. QEMU forgives all of this.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/port/stage2.hpp"

namespace fakes {

/// InvalidatePage is the TLBI of one page at stage 2, InvalidateCombined the one of the space's combined entries that
/// must follow.
enum class Stage2Action { PublishValid, PublishInvalid, InvalidatePage, InvalidateCombined, RetireSpace, LeaveSpace };

struct Stage2Operation {
  Stage2Action action;
  const std::uint64_t* slot;       ///< publications
  std::uint64_t bits;              ///< publications
  std::uint64_t translation_base;  ///< invalidation, retirement
  std::uint64_t address;           ///< invalidation
};

/// Empty log, no violations, 256 VMIDs.
void reset_stage2();
const std::vector<Stage2Operation>& stage2_log();
void clear_stage2_log();
/// How many operations of one kind the log holds.
unsigned stage2_count(Stage2Action action);
/// One sentence for each thing that was done wrong since reset.
const std::vector<std::string>& stage2_violations();
/// The kernel is about to touch this memory (fake_memory.cpp); notes a violation if some TLB may still lead there.
void note_memory_access(base::PhysicalAddress start, std::uint64_t bytes);
/// Whether an entry to this page was made invalid and is not flushed.
bool is_unflushed(base::PhysicalAddress page);
void set_vmid_count(std::uint32_t count);

/// The VMID and the root inside a translation base made by the fake.
base::Vmid vmid_of(std::uint64_t translation_base);
base::PhysicalAddress root_of(std::uint64_t translation_base);

}  // namespace fakes
