// SPDX-License-Identifier: Apache-2.0
//
// Checks of watchdogs and deadlines (health.hpp).
#include "tools/granary/health.hpp"

#include <algorithm>

#include "ipc/abi/abi.hpp"
#include "tools/granary/capabilities.hpp"
#include "tools/granary/schedule.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

/// To be ready and not to run counts against a silo, so it needs a turn within the time.
void watchdog_of(const Manifest& manifest, const Silo& silo, Diagnostics& diagnostics) {
  if (silo.watchdog == 0) return;
  const auto refuse = [&](unsigned time, const std::string& whose) {
    if (silo.watchdog >= time) return;
    diagnostics.error(silo.watchdog_at,
                      "`watchdog` of silo " + ticked(silo.name) + " is " + time_text(silo.watchdog) + ", less than " +
                          whose + " of " + time_text(time),
                      "a silo that may not run cannot wait either: make it at least as long");
  };
  for (const Thread& thread : silo.threads) refuse(thread.budget.period, "the period of its budget,");
  if (partition_of(manifest, silo) == 0) return;
  for (const Schedule& schedule : manifest.schedules)
    if (schedule.core == silo.threads.front().core) refuse(schedule.frame, "the frame of its windows,");
}

}  // namespace

void check_health(const Manifest& manifest, Diagnostics& diagnostics) {
  unsigned links = 0;
  for (const Silo& silo : manifest.silos) {
    watchdog_of(manifest, silo, diagnostics);
    for (const Capability& capability : capabilities_of(manifest, silo)) {
      if (capability.deadline == 0 || ++links != abi::kLinksMaximum + 1) continue;
      diagnostics.error(silo.at,
                        "more than " + std::to_string(abi::kLinksMaximum) +
                            " capabilities have a `deadline`; the handle `" + capability.name + "` of silo " +
                            ticked(silo.name) + " is the first one too many",
                        "give deadlines to the links that need one; each client and each end of a channel counts");
    }
  }
}

}  // namespace tool
