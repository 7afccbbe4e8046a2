// SPDX-License-Identifier: Apache-2.0
//
// A manifest's links (links.hpp).
#include "tools/granary/links.hpp"

#include <algorithm>

#include "ipc/abi/abi.hpp"
#include "tools/granary/text.hpp"
#include "tools/granary/wait_cycles.hpp"

namespace tool {
namespace {

using abi::ObjectType;
using abi::Right;

bool has(std::uint64_t rights, Right right) { return (rights & static_cast<std::uint64_t>(right)) != 0; }

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

Link port_link(const Port& port) {
  Link link{"port", port.name, "16 queued", {}};
  if (port.shareable) link.detail += ", shareable";
  link.users.push_back({port.owner.name, false, true, "owns"});
  for (const Client& client : port.clients) {
    std::vector<std::string> words;
    if (has(client.rights, Right::PortCall)) words.emplace_back("call");
    if (has(client.rights, Right::PortSend) && words.empty()) words.emplace_back("send");
    if (has(client.rights, Right::PortTransfer)) words.emplace_back("transfer");
    if (has(client.rights, Right::Grant)) words.emplace_back("grant");
    const std::string deadline = client.deadline == 0 ? "" : " in " + time_text(client.deadline);
    link.users.push_back(
        {client.silo.name, true, false, joined(words) + " #" + std::to_string(client.badge) + deadline});
  }
  return link;
}

Link channel_link(const Channel& channel) {
  Link link{"channel", channel.name, std::to_string(channel.capacity) + " messages", {}};
  if (channel.duplex) link.detail += " each way";
  if (channel.outstanding != 0) link.detail += ", " + std::to_string(channel.outstanding) + " outstanding";
  if (channel.transfer) link.detail += ", transfer";
  if (channel.deadline != 0) link.detail += ", at most " + time_text(channel.deadline);
  link.users.push_back({channel.end[0].name, true, channel.duplex, channel.duplex ? "both ways" : "sends"});
  link.users.push_back({channel.end[1].name, channel.duplex, true, channel.duplex ? "both ways" : "receives"});
  return link;
}

struct Verbs {
  const char *kind, *gives, *takes;
  Right give, take;
};

Verbs verbs_of(ObjectType type) {
  switch (type) {
    case ObjectType::AsyncChannel: return {"async", "sends", "receives", Right::AsyncSend, Right::AsyncReceive};
    case ObjectType::Notification:
      return {"notification", "signals", "waits", Right::NotificationSignal, Right::NotificationWait};
    case ObjectType::Semaphore: return {"semaphore", "posts", "waits", Right::SemaphorePost, Right::SemaphoreWait};
    case ObjectType::Region:
    case ObjectType::None:
    case ObjectType::Port:
    case ObjectType::Channel:
    case ObjectType::Console:
    case ObjectType::Silo:
    case ObjectType::System:
    case ObjectType::Timer:
    case ObjectType::Audit:
    case ObjectType::Trace:
    case ObjectType::Interrupt: break;
  }
  return {"region", "writes", "reads", Right::RegionWrite, Right::RegionRead};
}

Link shared_link(const SharedObject& object) {
  const Verbs verbs = verbs_of(object.type);
  Link link{verbs.kind, object.name, "", {}};
  if (object.type == ObjectType::AsyncChannel) link.detail = std::to_string(object.amount) + " messages";
  if (object.type == ObjectType::Notification) link.detail = "64 bits";
  if (object.type == ObjectType::Semaphore) link.detail = "begins with " + std::to_string(object.amount);
  if (object.type == ObjectType::Region) link.detail = size_text(object.amount * kPageBytes);
  for (const SharedObject::User& user : object.users) {
    const bool gives = has(user.rights, verbs.give), takes = has(user.rights, verbs.take);
    std::string words = gives ? verbs.gives : verbs.takes;
    if (gives && takes && object.type != ObjectType::Region) words += std::string(", ") + verbs.takes;
    if (has(user.rights, Right::RegionPhysical)) words += ", dma";
    link.users.push_back({user.silo.name, gives, takes, words});
  }
  return link;
}

}  // namespace

std::vector<Link> links_of(const Manifest& manifest) {
  std::vector<Link> links;
  for (const Port& port : manifest.ports) links.push_back(port_link(port));
  for (const Channel& channel : manifest.channels) links.push_back(channel_link(channel));
  for (const SharedObject& object : manifest.shared) links.push_back(shared_link(object));
  for (const PublishedName& name : manifest.published) {
    Link link{"name", name.name, "published at run time", {{name.publisher.name, false, true, "publishes"}}};
    for (const Client& client : name.connectors)
      link.users.push_back({client.silo.name, true, false, "connects #" + std::to_string(client.badge)});
    links.push_back(link);
  }
  for (const Silo& silo : manifest.silos) {
    const auto related = [&](const char* kind, const char* how, const std::vector<Reference>& others) {
      if (others.empty()) return;
      Link link{kind, silo.name, "", {{silo.name, true, false, how}}};
      for (const Reference& other : others) link.users.push_back({other.name, false, true, ""});
      links.push_back(link);
    };
    related("observes", "observes", silo.observe);
    related("children", "grants", silo.children);
  }
  for (const std::vector<std::string>& cycle : wait_cycles(manifest))
    for (Link& link : links)
      link.in_cycle = link.in_cycle || std::find(cycle.begin(), cycle.end(), link.name) != cycle.end();
  return links;
}

}  // namespace tool
