// SPDX-License-Identifier: Apache-2.0
//
// A second death while the first is worked on: somebody of low urgency stops one party, so that its end and its return
// are done bit by bit behind whatever is more urgent, and the warden strikes n ticks after that began.
#pragma once

#include "round.hpp"

namespace sweep {

/// Every n by `step`, for the operation: who dies first, how, and what the second stroke is.
void sweep_second_deaths(Operation operation, std::uint64_t step);

}  // namespace sweep
