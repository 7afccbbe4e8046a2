// SPDX-License-Identifier: Apache-2.0
//
// Parties on cores, for the stress tests of ports and channels: a thread is a core, its party blocks for real, and
// whoever completed its operation wakes it after all locks are released, as a kernel would do it.
#pragma once

#include "test/fakes/host_blocker.hpp"

#include "ipc/party.hpp"

namespace fakes {

struct StressCore : ipc::Party {
  HostBlocker blocker;

  /// Status of the operation whose outcome this is; waits for its end.
  base::Result<void> status_of(ipc::Outcome outcome) {
    if (outcome == ipc::Outcome::Blocked) blocker.wait_for_wake();
    return completion.status;
  }
};

/// Every party of these tests is a StressCore.
inline void wake_all(ipc::WakeList& woken) {
  while (ipc::Party* const party = woken.pop_front()) static_cast<StressCore*>(party)->blocker.wake();
}

}  // namespace fakes
