// SPDX-License-Identifier: Apache-2.0
//
// The cores, and which of them run silos. Owns the Core objects.
#pragma once

#include <cstdint>

#include "kernel/base/ids.hpp"
#include "kernel/limits.hpp"

namespace kernel {

class Core;

Core& core_of(base::CoreId id);
/// The one that this code runs on.
Core& this_core();
/// Start of boot: as if no thread had ever been. `running`: bit n is core n; core 0 is among them.
void reset_cores(std::uint64_t running);
bool core_runs(base::CoreId id);
/// More than one of them runs silos.
bool several_cores_run();
/// Core::is_idle() of all that run.
bool every_core_is_idle();
/// Core::signal() to every core but this one.
void signal_other_cores();

}  // namespace kernel
