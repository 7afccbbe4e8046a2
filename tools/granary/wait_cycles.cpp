// SPDX-License-Identifier: Apache-2.0
//
// Search for cycles in "may call" (wait_cycles.hpp): breadth first from each silo, so that the cycle printed is a
// shortest one.
#include "tools/granary/wait_cycles.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "ipc/abi/abi.hpp"

namespace tool {
namespace {

struct Call {
  std::string caller;
  std::string port;
  std::string owner;
  Location at;
};

std::vector<Call> calls_of(const Manifest& manifest) {
  std::vector<Call> calls;
  for (const Port& port : manifest.ports)
    for (const Client& client : port.clients)
      if ((client.rights & static_cast<std::uint64_t>(abi::Right::PortCall)) != 0 &&
          client.silo.name != port.owner.name)
        calls.push_back({client.silo.name, port.name, port.owner.name, client.silo.at});
  return calls;
}

/// The calls of a shortest way from `start` back to it; empty if there is none.
std::vector<Call> cycle_through(const std::string& start, const std::vector<Call>& calls) {
  std::map<std::string, Call> arrived_by;
  std::deque<std::string> frontier{start};
  while (!frontier.empty() && !arrived_by.contains(start)) {
    const std::string silo = frontier.front();
    frontier.pop_front();
    for (const Call& call : calls)
      if (call.caller == silo && arrived_by.emplace(call.owner, call).second) frontier.push_back(call.owner);
  }
  std::vector<Call> way;
  if (!arrived_by.contains(start)) return way;
  do way.push_back(arrived_by.at(way.empty() ? start : way.back().caller));
  while (way.back().caller != start);
  std::reverse(way.begin(), way.end());
  return way;
}

}  // namespace

void refuse_wait_cycles(const Manifest& manifest, Diagnostics& diagnostics) {
  const std::vector<Call> calls = calls_of(manifest);
  std::set<std::string> refused;
  for (const Silo& silo : manifest.silos) {
    const std::vector<Call> cycle = cycle_through(silo.name, calls);
    if (cycle.empty() || refused.contains(silo.name)) continue;
    std::string way;
    for (const Call& call : cycle) {
      refused.insert(call.caller);
      way += (way.empty() ? "" : ", ") + call.caller + " calls " + call.owner + " (port " + call.port + ")";
    }
    diagnostics.error(cycle.back().at, "these silos can wait for one another for ever: " + way,
                      "give one of them rights = [\"send\"] only, use a channel for one direction, or write "
                      "allow_call_cycles = true at the top if the programs never wait in a circle");
  }
}

}  // namespace tool
