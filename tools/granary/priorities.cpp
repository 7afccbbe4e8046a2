// SPDX-License-Identifier: Apache-2.0
//
// Priority inversions over queues (priorities.hpp). Only silos of one core and of one thread are looked at: of several
// threads the manifest does not say which one receives. A thread with a budget cannot hold another up for longer.
#include "tools/granary/priorities.hpp"

#include <algorithm>

#include "tools/granary/schedule.hpp"
#include "tools/granary/text.hpp"
#include "tools/granary/wait_graph.hpp"

namespace tool {
namespace {

unsigned highest_priority(const Silo& silo) {
  unsigned priority = 0;
  for (const Thread& thread : silo.threads) priority = std::max(priority, thread.priority);
  return priority;
}

/// It may run before the receiver for as long as it likes; null if nobody does.
const Silo* between(const Manifest& manifest, const Silo& sender, const Silo& receiver) {
  for (const Silo& silo : manifest.silos) {
    const Thread& main = silo.threads.front();
    if (&silo != &sender && &silo != &receiver && main.core == receiver.threads.front().core &&
        partition_of(manifest, silo) == partition_of(manifest, receiver) && main.budget.period == 0 &&
        main.priority > highest_priority(receiver) && main.priority < highest_priority(sender))
      return &silo;
  }
  return nullptr;
}

}  // namespace

void check_priorities(const Manifest& manifest, Diagnostics& diagnostics) {
  if (manifest.allow_inversions) return;
  for (const Wait& wait : waits_of(manifest)) {
    if (wait.kind != WaitKind::Room) continue;
    const Silo &sender = *manifest.find_silo(wait.waiter), &receiver = *manifest.find_silo(wait.awaited);
    if (sender.threads.size() != 1 || sender.threads.front().core != receiver.threads.front().core) continue;
    const Silo* const third = between(manifest, sender, receiver);
    if (third == nullptr) continue;
    diagnostics.error(wait.at,
                      "priority inversion: " + wait.words + ", and " + third->name +
                          ", without a budget, runs before " + receiver.name + " (priorities " +
                          std::to_string(highest_priority(sender)) + ", " +
                          std::to_string(third->threads.front().priority) + " and " +
                          std::to_string(highest_priority(receiver)) + ")",
                      "give " + ticked(third->name) + " a budget, or " + ticked(receiver.name) +
                          " its sender's priority; or let the sender never wait: [async." + wait.link +
                          "]; or write allow_inversions = true at the top");
  }
}

}  // namespace tool
