// SPDX-License-Identifier: Apache-2.0
//
// Search for cycles in the wait graph (wait_cycles.hpp): breadth first, so that the cycle printed is a shortest one.
// Events alone are no cycle, as who signals before it waits has them: two bells of a stream. A channel both ways is one
// by itself, and hardly meant to be refused: a warning.
#include "tools/granary/wait_cycles.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "tools/granary/text.hpp"
#include "tools/granary/wait_graph.hpp"

namespace tool {
namespace {

using Waits = std::vector<Wait>;

/// A shortest cycle that begins with `first`, whose other edges `may_use` permits; empty if there is none.
template <typename MayUse>
Waits cycle_from(const Wait& first, const Waits& waits, MayUse may_use) {
  std::map<std::string, Wait> arrived_by{{first.awaited, first}};
  std::deque<std::string> frontier{first.awaited};
  while (!frontier.empty() && !arrived_by.contains(first.waiter)) {
    const std::string silo = frontier.front();
    frontier.pop_front();
    for (const Wait& wait : waits)
      if (wait.waiter == silo && may_use(wait) && arrived_by.emplace(wait.awaited, wait).second)
        frontier.push_back(wait.awaited);
  }
  Waits way;
  if (!arrived_by.contains(first.waiter)) return way;
  way.push_back(arrived_by.at(first.waiter));
  while (way.back().waiter != first.waiter) way.push_back(arrived_by.at(way.back().waiter));
  std::reverse(way.begin(), way.end());
  return way;
}

bool is_call(const Wait& wait) { return wait.kind == WaitKind::Call; }

std::string remedy_for(const Waits& cycle) {
  const auto with = [&](WaitKind kind) {
    return std::find_if(cycle.begin(), cycle.end(), [&](const Wait& wait) { return wait.kind == kind; });
  };
  if (std::all_of(cycle.begin(), cycle.end(), is_call))
    return "use an [async.NAME] for one direction, give one of the calls a `deadline`, or write allow_call_cycles = "
           "true "
           "at the top if the programs never wait in a circle";
  if (const auto room = with(WaitKind::Room); room != cycle.end())
    return "make " + ticked(room->link) + " an [async." + room->link +
           "], whose sender never waits; or give the link a `deadline`; or say how many of its messages can be "
           "unreceived at a time (`outstanding` of "
           "a channel, not above its capacity); or write allow_wait_cycles = true at the top";
  const bool has_a_semaphore =
      std::any_of(cycle.begin(), cycle.end(), [](const Wait& wait) { return wait.is_of_a_semaphore; });
  const std::string binding =
      has_a_semaphore ? "put a notification in the place of the semaphore, and let the waiting silo bind the port to it"
                      : "let the waiting silo bind the port to the notification";
  return binding +
         " (quota = { bindings = 1 }), give it a second thread, say that it waits for all of its objects at once "
         "(waits_for_any = true), or write allow_wait_cycles = true at the top";
}

class Search {
 public:
  Search(const Waits& waits, Diagnostics& diagnostics) : waits_(waits), diagnostics_(diagnostics) {}

  void refuse_calls() {
    for (const Wait& wait : waits_)
      if (is_call(wait)) refuse(cycle_from(wait, waits_, is_call));
  }
  /// A call or a full queue, closed by whatever waits.
  void refuse_others() {
    for (const Wait& wait : waits_) {
      if (wait.kind == WaitKind::Event) continue;
      const auto others = [&](const Wait& next) { return !wait.duplex || next.link != wait.link; };
      const Waits cycle = cycle_from(wait, waits_, others);
      if (!std::all_of(cycle.begin(), cycle.end(), is_call) && !is_one_channel(cycle)) refuse(cycle);
    }
  }
  const std::vector<Waits>& cycles() const { return cycles_; }

 private:
  static bool is_one_channel(const Waits& cycle) {
    return cycle.size() == 2 && cycle[0].duplex && cycle[0].link == cycle[1].link;
  }
  void refuse(const Waits& cycle) {
    if (cycle.empty()) return;
    std::set<std::string> silos;
    std::string way;
    for (const Wait& wait : cycle) {
      silos.insert(wait.waiter);
      way += (way.empty() ? "" : ", ") + wait.words;
    }
    if (!refused_.insert(silos).second) return;
    cycles_.push_back(cycle);
    diagnostics_.error(cycle.back().at, "these silos can wait for one another for ever: " + way, remedy_for(cycle));
  }

  const Waits& waits_;
  Diagnostics& diagnostics_;
  std::set<std::set<std::string>> refused_;
  std::vector<Waits> cycles_;
};

std::vector<Waits> search(const Manifest& manifest, Diagnostics& diagnostics) {
  if (manifest.allow_wait_cycles) return {};
  const Waits waits = waits_of(manifest);
  Search search(waits, diagnostics);
  if (!manifest.allow_call_cycles) search.refuse_calls();
  search.refuse_others();
  return search.cycles();
}

}  // namespace

void refuse_wait_cycles(const Manifest& manifest, Diagnostics& diagnostics) { search(manifest, diagnostics); }

std::vector<std::vector<std::string>> wait_cycles(const Manifest& manifest) {
  Diagnostics unused;
  std::vector<std::vector<std::string>> names;
  for (const Waits& cycle : search(manifest, unused)) {
    names.emplace_back();
    for (const Wait& wait : cycle) names.back().push_back(wait.link);
  }
  return names;
}

}  // namespace tool
