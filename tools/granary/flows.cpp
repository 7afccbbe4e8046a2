// SPDX-License-Identifier: Apache-2.0
//
// Flow rules against links: see flows.hpp.
#include "tools/granary/flows.hpp"

#include <set>
#include <string>
#include <utility>

#include "tools/granary/text.hpp"

namespace tool {
namespace {

constexpr std::uint64_t bit(abi::Right right) { return static_cast<std::uint64_t>(right); }
constexpr std::uint64_t kSends = bit(abi::Right::AsyncSend) | bit(abi::Right::NotificationSignal) |
                                 bit(abi::Right::SemaphorePost) | bit(abi::Right::RegionWrite);
constexpr std::uint64_t kReceives = bit(abi::Right::AsyncReceive) | bit(abi::Right::NotificationWait) |
                                    bit(abi::Right::SemaphoreWait) | bit(abi::Right::RegionRead);

class Flows {
 public:
  Flows(const std::vector<Flow>& rules, Diagnostics& diagnostics) : diagnostics_(diagnostics) {
    for (const Flow& rule : rules) allowed_.emplace(rule.from.name, rule.to.name);
  }

  void link(const std::string& from, const std::string& to, const Location& at, const std::string& what) {
    if (from == to || allowed_.contains({from, to})) return;
    diagnostics_.error(at,
                       what + " lets silo " + ticked(from) + " reach " + ticked(to) + ", and no flow rule allows it",
                       "add \"" + from + " -> " + to + "\" to `allow` of [flow], or take the link out");
  }

 private:
  std::set<std::pair<std::string, std::string>> allowed_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_flows(const Manifest& manifest, Diagnostics& diagnostics) {
  if (!manifest.flows) return;
  Flows flows(*manifest.flows, diagnostics);
  for (const Port& port : manifest.ports)
    for (const Client& client : port.clients)
      flows.link(client.silo.name, port.owner.name, client.silo.at, "port " + ticked(port.name));
  for (const Channel& channel : manifest.channels) {
    const std::string what = "channel " + ticked(channel.name);
    flows.link(channel.end[0].name, channel.end[1].name, channel.at, what);
    if (channel.duplex) flows.link(channel.end[1].name, channel.end[0].name, channel.at, what);
  }
  for (const SharedObject& object : manifest.shared)
    for (const SharedObject::User& from : object.users)
      for (const SharedObject::User& to : object.users)
        if ((from.rights & kSends) != 0 && (to.rights & kReceives) != 0)
          flows.link(from.silo.name, to.silo.name, from.silo.at, "what is shared as " + ticked(object.name));
  for (const PublishedName& name : manifest.published)
    for (const Client& client : name.connectors)
      flows.link(client.silo.name, name.publisher.name, client.silo.at, "name " + ticked(name.name));
}

}  // namespace tool
