// SPDX-License-Identifier: Apache-2.0
//
// The closure of what can be passed on (reach.hpp). Each round looks at every way by which one silo can give another a
// capability and adds what gets through; it ends when nothing is new. Rights only shrink on the way, so it does end.
#include "tools/granary/reach.hpp"

#include <algorithm>

#include "tools/granary/capabilities.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

using abi::ObjectType;
using abi::Right;

template <typename... Rights>
constexpr std::uint64_t bits(Rights... rights) {
  return (static_cast<std::uint64_t>(rights) | ...);
}

constexpr std::uint64_t kSends = bits(Right::PortSend, Right::PortCall, Right::ChannelSend, Right::AsyncSend,
                                      Right::NotificationSignal, Right::SemaphorePost, Right::RegionWrite);
constexpr std::uint64_t kReceives =
    bits(Right::PortReceive, Right::ChannelReceive, Right::AsyncReceive, Right::NotificationWait, Right::SemaphoreWait,
         Right::RegionRead, Right::RegionWrite);

const char* word_for(ObjectType type) {
  switch (type) {
    case ObjectType::Port: return "port ";
    case ObjectType::Channel: return "channel ";
    case ObjectType::AsyncChannel: return "async ";
    case ObjectType::Notification: return "notification ";
    case ObjectType::Semaphore: return "semaphore ";
    case ObjectType::Region: return "region ";
    case ObjectType::Interrupt: return "interrupt ";
    case ObjectType::None:
    case ObjectType::Console:
    case ObjectType::Silo:
    case ObjectType::System:
    case ObjectType::Timer:
    case ObjectType::Audit:
    case ObjectType::Trace: break;
  }
  return "";
}

bool can_make_objects(const Silo& silo) {
  using enum abi::QuotaKind;
  for (const abi::QuotaKind kind : {Ports, Channels, AsyncChannels, Notifications, Semaphores, abi::QuotaKind::Regions})
    if (silo.quota[kind] != 0) return true;
  return false;
}

}  // namespace

Reach::Reach(const Manifest& manifest) : manifest_(manifest) {
  if (manifest.flows)
    for (const Flow& flow : *manifest.flows) flows_.emplace(flow.from.name, flow.to.name);
  begin();
  pass_on();
}

unsigned Reach::number_of(const std::string& silo) const {
  return static_cast<unsigned>(manifest_.find_silo(silo) - manifest_.silos.data());
}

/// What the manifest gives.
void Reach::begin() {
  const auto object = [&](const std::string& name, const std::string& words) {
    const auto found =
        std::find_if(objects_.begin(), objects_.end(), [&](const Object& o) { return o.words == words; });
    if (found != objects_.end()) return static_cast<unsigned>(found - objects_.begin());
    objects_.push_back({name, words});
    return static_cast<unsigned>(objects_.size() - 1);
  };
  for (unsigned silo = 0; silo < manifest_.silos.size(); ++silo) {
    for (const Capability& capability : capabilities_of(manifest_, manifest_.silos[silo])) {
      const std::string kind = word_for(capability.type);
      if (kind.empty()) continue;
      const unsigned number = object(capability.name, kind + ticked(capability.name));
      objects_[number].is_port = capability.type == ObjectType::Port;
      objects_[number].is_channel = capability.type == ObjectType::Channel;
      holdings_.push_back({silo, number, capability.rights, {}, "has"});
    }
    if (can_make_objects(manifest_.silos[silo])) {
      const unsigned number = object("", "an object that " + ticked(name_of(silo)) + " may make (its quota)");
      objects_[number].is_made = true;
      holdings_.push_back({silo, number, ~std::uint64_t{0}, {}, "has"});
    }
  }
  for (const Device& device : manifest_.devices)
    holdings_.push_back(
        {number_of(device.silo.name), object(device.name, "device " + ticked(device.name)), 0, {}, "has"});
}

bool Reach::flows_permit(const Holding& holding) const {
  if (!manifest_.flows) return true;
  const std::string own = name_of(holding.silo);
  return std::all_of(holdings_.begin(), holdings_.end(), [&](const Holding& other) {
    if (other.object != holding.object || other.silo == holding.silo) return true;
    const std::string theirs = name_of(other.silo);
    const bool out = (holding.rights & kSends) != 0 && (other.rights & kReceives) != 0;
    const bool in = (holding.rights & kReceives) != 0 && (other.rights & kSends) != 0;
    return (!out || flows_.contains({own, theirs})) && (!in || flows_.contains({theirs, own}));
  });
}

/// False if it says nothing new.
bool Reach::add(Holding holding) {
  for (const Holding& known : holdings_)
    if (known.silo == holding.silo && known.object == holding.object && (holding.rights & ~known.rights) == 0)
      return false;
  if (!flows_permit(holding)) return false;
  holdings_.push_back(std::move(holding));
  return true;
}

/// Every way by which one silo can give a capability to another, as things stand.
std::vector<Reach::Gift> Reach::gifts() const {
  std::vector<Gift> gifts;
  for (const Holding& a : holdings_) {
    const Object& object = objects_[a.object];
    if (!object.is_port && !object.is_channel && !object.is_made) continue;
    for (const Holding& b : holdings_) {
      if (b.object != a.object || b.silo == a.silo) continue;
      const auto may = [&](const Holding& holding, Right right) { return (holding.rights & bits(right)) != 0; };
      if (object.is_channel ? may(a, Right::ChannelTransfer) && may(b, Right::ChannelReceive)
                            : may(a, Right::PortTransfer) && may(b, Right::PortReceive))
        gifts.push_back({a.silo, b.silo, "in a message through " + object.words});
      if (!object.is_channel && may(a, Right::PortReceive) && may(b, Right::PortCall))
        gifts.push_back({a.silo, b.silo, "in an answer through " + object.words});
    }
  }
  for (unsigned silo = 0; silo < manifest_.silos.size(); ++silo)
    for (const Reference& child : manifest_.silos[silo].children)
      gifts.push_back({silo, number_of(child.name), "as it is one of its `children`"});
  return gifts;
}

void Reach::pass_on() {
  constexpr std::uint64_t kByName = bits(Right::PortSend, Right::PortCall);
  for (bool is_new = true; is_new;) {
    is_new = false;
    const std::vector<Gift> all = gifts();
    for (std::size_t i = 0; i < holdings_.size(); ++i) {
      const Holding holding = holdings_[i];
      if ((holding.rights & bits(Right::Grant)) == 0) continue;
      for (const Gift& gift : all)
        if (gift.from == holding.silo && gift.to != holding.silo)
          is_new = add({gift.to, holding.object, holding.rights, i, gift.how}) || is_new;
      if (!objects_[holding.object].is_port && !objects_[holding.object].is_made) continue;
      for (const PublishedName& name : manifest_.published)
        for (const Client& client : name.connectors)
          if (number_of(name.publisher.name) == holding.silo && (holding.rights & kByName) != 0)
            is_new = add({number_of(client.silo.name), holding.object, holding.rights & kByName, i,
                          "under the name " + ticked(name.name)}) ||
                     is_new;
    }
  }
}

std::vector<std::string> Reach::steps(std::size_t place) const {
  std::vector<std::string> text;
  for (std::optional<std::size_t> at = place; at; at = holdings_[*at].source) {
    const Holding& holding = holdings_[*at];
    const std::string what = objects_[holding.object].words;
    text.push_back(holding.source ? ticked(name_of(holdings_[*holding.source].silo)) + " can pass it on to " +
                                        ticked(name_of(holding.silo)) + " " + holding.how
                                  : ticked(name_of(holding.silo)) + " " + holding.how + " " + what);
  }
  std::reverse(text.begin(), text.end());
  return text;
}

std::vector<std::string> Reach::way(const std::string& silo, const std::string& target) const {
  const unsigned own = number_of(silo);
  const Silo* const other = manifest_.find_silo(target);
  std::vector<std::string> best;
  const auto consider = [&](std::vector<std::string> found) {
    if (best.empty() || found.size() < best.size()) best = std::move(found);
  };
  for (std::size_t i = 0; i < holdings_.size(); ++i) {
    const Holding& mine = holdings_[i];
    if (mine.silo != own) continue;
    if (other == nullptr && objects_[mine.object].name == target) consider(steps(i));
    if (other == nullptr || (mine.rights & kSends) == 0) continue;
    for (std::size_t j = 0; j < holdings_.size(); ++j) {
      const Holding& theirs = holdings_[j];
      if (theirs.object != mine.object || theirs.silo == own || name_of(theirs.silo) != target ||
          (theirs.rights & kReceives) == 0)
        continue;
      std::vector<std::string> found = steps(i);
      // What both ways have in common is said once.
      for (const std::string& step : theirs.source ? steps(j) : std::vector<std::string>{})
        if (std::find(found.begin(), found.end(), step) == found.end()) found.push_back(step);
      found.push_back(ticked(target) + " receives from it");
      consider(std::move(found));
    }
  }
  if (other != nullptr)
    for (const Reference& child : manifest_.silos[own].children)
      if (child.name == target) consider({ticked(silo) + " can put capabilities into the table of " + ticked(target)});
  return best;
}

bool Reach::directly(const std::string& silo, const std::string& other) const {
  const auto& children = manifest_.silos[number_of(silo)].children;
  if (std::any_of(children.begin(), children.end(), [&](const Reference& one) { return one.name == other; }))
    return true;
  for (const Holding& mine : holdings_)
    for (const Holding& theirs : holdings_)
      if (mine.object == theirs.object && !mine.source && !theirs.source && name_of(mine.silo) == silo &&
          name_of(theirs.silo) == other && (mine.rights & kSends) != 0 && (theirs.rights & kReceives) != 0)
        return true;
  return false;
}

std::set<std::string> Reach::reached_by(const std::string& silo) const {
  std::set<std::string> reached;
  for (const Silo& other : manifest_.silos)
    if (other.name != silo && !way(silo, other.name).empty()) reached.insert(other.name);
  return reached;
}

std::vector<std::string> Reach::targets() const {
  std::vector<std::string> names = manifest_.silo_names();
  for (const Object& object : objects_)
    if (!object.name.empty()) names.push_back(object.name);
  return names;
}

bool Reach::knows(const std::string& target) const {
  const std::vector<std::string> names = targets();
  return std::find(names.begin(), names.end(), target) != names.end();
}

std::set<std::string> Reach::receivers_of(const std::string& object) const {
  constexpr std::uint64_t kOnlyReceives = bits(Right::PortReceive, Right::ChannelReceive, Right::AsyncReceive,
                                               Right::NotificationWait, Right::SemaphoreWait);
  std::set<std::string> silos;
  for (const Holding& holding : holdings_)
    if (objects_[holding.object].name == object && !holding.source && (holding.rights & kOnlyReceives) != 0 &&
        (holding.rights & kSends & ~bits(Right::PortSend, Right::PortCall)) == 0)
      silos.insert(name_of(holding.silo));
  return silos;
}

}  // namespace tool
