// SPDX-License-Identifier: Apache-2.0
//
// Fake of kernel/port/stage2.hpp: descriptors that a test can read, and a log of every publication and maintenance
// operation. Owns the log and a list of violations: a valid entry written over another valid entry, or a new entry
// where an invalidated one has not been flushed yet (break-before-make, design 2.2). QEMU forgives both.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/port/stage2.hpp"

namespace fakes {

enum class Stage2Action { PublishValid, PublishInvalid, InvalidatePage, RetireSpace, LeaveSpace };

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
void set_vmid_count(std::uint32_t count);

/// The VMID and the root inside a translation base made by the fake.
base::Vmid vmid_of(std::uint64_t translation_base);
base::PhysicalAddress root_of(std::uint64_t translation_base);

}  // namespace fakes
