// SPDX-License-Identifier: Apache-2.0
//
// Checking times, and numbering partitions (schedule.hpp).
#include "tools/granary/schedule.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "tools/granary/text.hpp"

namespace tool {
namespace {

using Window = Schedule::Window;

std::set<std::string> silos_of(const Window& window) {
  std::set<std::string> names;
  for (const Reference& silo : window.silos) names.insert(silo.name);
  return names;
}

/// In the order of their first windows: partition n + 1 is the n-th.
std::vector<std::set<std::string>> partitions_of(const Manifest& manifest) {
  std::vector<std::set<std::string>> all;
  for (const Schedule& schedule : manifest.schedules) {
    for (const Window& window : schedule.windows) {
      const std::set<std::string> silos = silos_of(window);
      if (std::find(all.begin(), all.end(), silos) == all.end()) all.push_back(silos);
    }
  }
  return all;
}

unsigned core_of(const Silo& silo) { return silo.threads.front().core; }

std::string per_cent(double share) {
  const auto tenths = static_cast<unsigned>(share * 1000 + 0.999);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

class Checker {
 public:
  Checker(const Manifest& manifest, Diagnostics& diagnostics) : manifest_(manifest), diagnostics_(diagnostics) {}

  void run() {
    shares_of_cores();
    for (const Schedule& schedule : manifest_.schedules) windows(schedule);
    if (diagnostics_.failed()) return;
    numbers();
    who_never_runs();
    shares_of_windows();
    calls();
  }

 private:
  /// All threads with a budget of the silos for which `belongs` holds share `whole` of a core.
  template <typename Belongs>
  void shares(double whole, const std::string& what, const std::string& remedy, Belongs belongs) {
    double sum = 0;
    for (const Silo& silo : manifest_.silos) {
      if (!belongs(silo)) continue;
      for (const Thread& thread : silo.threads) {
        if (thread.budget.period == 0) continue;
        sum += static_cast<double>(thread.budget.amount) / thread.budget.period;
        if (sum <= whole + 1e-9) continue;
        diagnostics_.error(thread.budget.at,
                           "with the budget of thread " + ticked(thread.name) + " of silo " + ticked(silo.name) +
                               " the budgets of " + what + " are " + per_cent(sum) + " of a core",
                           remedy);
        return;
      }
    }
  }

  void shares_of_cores() {
    std::set<unsigned> cores;
    for (const Silo& silo : manifest_.silos) cores.insert(core_of(silo));
    for (const unsigned core : cores)
      shares(1, "core " + std::to_string(core), "nobody could keep them all; give some thread less, or a longer period",
             [core](const Silo& silo) { return core_of(silo) == core; });
  }

  void windows(const Schedule& schedule) {
    std::vector<const Window*> order;
    for (const Window& window : schedule.windows) {
      window_itself(schedule, window);
      order.push_back(&window);
    }
    if (schedule.windows.size() > abi::kWindowsMaximum / 2)
      diagnostics_.error(
          schedule.at,
          "schedule " + ticked(schedule.name) + " has " + std::to_string(schedule.windows.size()) + " windows",
          "at most " + std::to_string(abi::kWindowsMaximum / 2) + " fit, for each may leave a gap");
    std::stable_sort(order.begin(), order.end(), [](auto* one, auto* other) { return one->start < other->start; });
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (order[i]->start >= order[i - 1]->start + order[i - 1]->length) continue;
      diagnostics_.error(order[i]->at,
                         "the window at " + time_text(order[i]->start) + " begins before the one at " +
                             time_text(order[i - 1]->start) + " ends",
                         "one window at a time: start it at " + time_text(order[i - 1]->start + order[i - 1]->length) +
                             ", or make the other shorter");
    }
  }

  void window_itself(const Schedule& schedule, const Window& window) {
    const std::string what = "the window at " + time_text(window.start) + " of schedule " + ticked(schedule.name);
    if (window.start + std::uint64_t{window.length} > schedule.frame)
      diagnostics_.error(window.at,
                         what + " ends at " + time_text(window.start + std::uint64_t{window.length}) +
                             ", behind the frame of " + time_text(schedule.frame),
                         "make it shorter, or the frame longer");
    if (window.silos.empty())
      diagnostics_.error(window.at, what + " is there for nobody", "name its silos: silos = [\"a\"]");
    for (const Reference& reference : window.silos) {
      const Silo* const silo = manifest_.find_silo(reference.name);
      if (silo == nullptr) {
        const auto meant = nearest(reference.name, manifest_.silo_names());
        diagnostics_.error(
            reference.at, what + " names the silo " + ticked(reference.name) + ", which does not exist",
            meant ? "did you mean " + ticked(*meant) + "?" : "name one of " + list(manifest_.silo_names()));
      } else if (core_of(*silo) != schedule.core) {
        diagnostics_.error(
            reference.at,
            what + " names silo " + ticked(silo->name) + ", which runs on core " + std::to_string(core_of(*silo)),
            "a schedule is that of one core; name it in that of its own");
      }
    }
    with_others(schedule, window);
  }

  /// The same silos as another window, or others altogether.
  void with_others(const Schedule& schedule, const Window& window) {
    const std::set<std::string> own = silos_of(window);
    for (const Window& other : schedule.windows) {
      if (&other == &window) return;
      const std::set<std::string> theirs = silos_of(other);
      if (theirs == own) continue;
      for (const Reference& silo : window.silos) {
        if (!theirs.contains(silo.name)) continue;
        diagnostics_.error(silo.at, "silo " + ticked(silo.name) + " is in windows with different silos beside it",
                           "silos that share one window share all of theirs; give it windows of its own");
        return;
      }
    }
  }

  void numbers() {
    if (partitions_of(manifest_).size() < abi::kPartitionsMaximum) return;
    diagnostics_.error(manifest_.schedules.front().at,
                       "the schedules have more groups of silos than the kernel can keep",
                       "at most " + std::to_string(abi::kPartitionsMaximum - 1) + "; let silos share their windows");
  }

  const Schedule* schedule_of(const Silo& silo) const {
    for (const Schedule& schedule : manifest_.schedules)
      if (schedule.core == core_of(silo)) return &schedule;
    return nullptr;
  }

  void who_never_runs() {
    for (const Silo& silo : manifest_.silos) {
      const Schedule* const schedule = schedule_of(silo);
      if (schedule == nullptr || partition_of(manifest_, silo) != 0) continue;
      if (!schedule->slack_for_others)
        diagnostics_.error(silo.at,
                           "silo " + ticked(silo.name) + " is in no window of schedule " + ticked(schedule->name) +
                               ", so it would never run",
                           "name it in a window, or write slack = \"others\" there");
    }
  }

  void shares_of_windows() {
    const std::vector<std::set<std::string>> partitions = partitions_of(manifest_);
    for (const Schedule& schedule : manifest_.schedules) {
      for (const std::set<std::string>& partition : partitions) {
        std::uint64_t length = 0;
        for (const Window& window : schedule.windows) length += silos_of(window) == partition ? window.length : 0;
        if (length == 0) continue;
        const double share = static_cast<double>(length) / schedule.frame;
        shares(share, "its windows, which are " + per_cent(share) + " of the time,",
               "give the thread less, or its silo more time",
               [&](const Silo& silo) { return partition.contains(silo.name); });
      }
    }
  }

  /// A server runs in its caller's windows: so it has the same, or none of its own. And while it waits for those of one
  /// caller, no other is served: so its callers are all of one partition.
  void calls() {
    for (const Port& port : manifest_.ports) {
      for (const Client& client : port.clients)
        if ((client.rights & static_cast<std::uint64_t>(abi::Right::PortCall)) != 0)
          call(client.silo, "port " + ticked(port.name), port.owner);
    }
    for (const PublishedName& name : manifest_.published)
      for (const Client& client : name.connectors)
        call(client.silo, "who publishes " + ticked(name.name), name.publisher);
  }

  void call(const Reference& client, const std::string& whom, const Reference& server) {
    const unsigned own = partition_of(manifest_, *manifest_.find_silo(server.name));
    const unsigned callers = partition_of(manifest_, *manifest_.find_silo(client.name));
    if (own != 0 && callers != own)
      diagnostics_.error(
          client.at,
          "silo " + ticked(client.name) + " may call " + whom + ", and silo " + ticked(server.name) +
              " would serve it outside its own windows",
          "give them the same windows, let it only send to a port (rights = [\"send\"]), or take the server "
          "out of the schedule: then it runs in its callers' windows");
    const auto [first, is_new] = callers_.emplace(server.name, callers);
    if (own != 0 || is_new || first->second == callers) return;
    diagnostics_.error(client.at,
                       "silo " + ticked(client.name) + " may call " + whom + ", and silo " + ticked(server.name) +
                           " is called from other windows as well: each would wait for those of the other",
                       "make a server for each group of silos that share windows, or let it only send");
  }

  std::map<std::string, unsigned> callers_;  ///< by server: their partition
  const Manifest& manifest_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_time(const Manifest& manifest, Diagnostics& diagnostics) { Checker(manifest, diagnostics).run(); }

unsigned partition_of(const Manifest& manifest, const Silo& silo) {
  unsigned number = 0;
  for (const std::set<std::string>& partition : partitions_of(manifest)) {
    ++number;
    if (partition.contains(silo.name)) return number;
  }
  return 0;
}

std::vector<WindowStart> windows_of(const Manifest& manifest) {
  std::vector<WindowStart> all;
  for (const Schedule& schedule : manifest.schedules) {
    const unsigned slack = schedule.slack_for_others ? 0 : abi::kIdlePartition;
    std::map<unsigned, const Window*> order;
    for (const Window& window : schedule.windows) order.emplace(window.start, &window);
    unsigned end = 0;
    const auto fill_to = [&](unsigned start) {
      if (start > end) all.push_back({schedule.core, start - end, slack});
    };
    for (const auto& [start, window] : order) {
      fill_to(start);
      const Silo& first = *manifest.find_silo(window->silos.front().name);
      all.push_back({schedule.core, window->length, partition_of(manifest, first)});
      end = start + window->length;
    }
    fill_to(schedule.frame);
  }
  return all;
}

}  // namespace tool
