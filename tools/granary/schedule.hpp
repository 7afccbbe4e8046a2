// SPDX-License-Identifier: Apache-2.0
//
// Time in a manifest: budgets of threads and windows of cores (docs/scheduling.md): how they are read, what is refused,
// and what the image says of windows. A partition is a set of silos that share their windows; silos in no window are
// partition 0. Invariant of a checked manifest: any two windows of a core have the same silos or none in common.
#pragma once

#include <vector>

#include "tools/granary/manifest.hpp"

namespace tool {

class TomlTable;

/// `budget`, `period` and `overrun` of a thread.
Budget read_budget(TomlTable& table);
/// `[schedule.core0]` and so on.
void read_schedules(Manifest& manifest, TomlTable& root);

/// Shares of a core, windows that collide, silos that would never run, calls between partitions.
void check_time(const Manifest& manifest, Diagnostics& diagnostics);

unsigned partition_of(const Manifest& manifest, const Silo& silo);

/// As the kernel wants them: one behind the other, from the frame's beginning to its end.
struct WindowStart {
  unsigned core;
  unsigned length;  ///< microseconds
  unsigned partition;
};
std::vector<WindowStart> windows_of(const Manifest& manifest);

}  // namespace tool
