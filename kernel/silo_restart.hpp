// SPDX-License-Identifier: Apache-2.0
//
// How a silo comes back: reloaded from the system image, everything else zeroed, with the capabilities of the manifest
// and new threads where its old ones began. Done by its core in bounded steps (a page, a thread, eight capabilities)
// when everything that its end left to do is done.
#pragma once

#include "kernel/base/result.hpp"
#include "kernel/core.hpp"

namespace kernel {

/// The silo has just stopped (begin_stop): whether it comes back, and when. The policy judges an end of its own, an
/// operator's is final unless it is to restart. Its group is told.
void judge_end(Core& core, Silo& silo);

/// SYSTEM_START, on the silo's core: the caller is in Silo::starters, or will be. EEXIST it runs.
base::Result<void> start_again(Core& core, Silo& silo);
/// SYSTEM_RESTART, on the silo's core, for that thread.
void restart_silo(Thread& thread, Silo& silo);
/// SYSTEM_KILL of one that is to come back: it does not. ENOENT it is not.
base::Result<void> keep_down(Core& core, Silo& silo);
/// Whoever wants another image of it (SYSTEM_REPLACE) is told that it does not get it.
void drop_image_request(Core& core, Silo& silo, base::Error why);

}  // namespace kernel
