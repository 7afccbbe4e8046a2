// SPDX-License-Identifier: Apache-2.0
//
// Capabilities from links (capabilities.hpp).
#include "tools/granary/capabilities.hpp"

#include <algorithm>
#include <bit>

#include "tools/granary/text.hpp"

namespace tool {
namespace {

using abi::ObjectType;

template <typename... Rights>
constexpr std::uint64_t rights(Rights... bits) {
  return (static_cast<std::uint64_t>(bits) | ...);
}

unsigned number_of(const Manifest& manifest, const std::string& silo) {
  return static_cast<unsigned>(manifest.find_silo(silo) - manifest.silos.data());
}

std::string client_verbs(std::uint64_t bits) {
  const bool sends = (bits & rights(abi::Right::PortSend)) != 0;
  const bool calls = (bits & rights(abi::Right::PortCall)) != 0;
  if (sends && calls) return "send and call";
  if (sends || calls) return sends ? "send" : "call";
  return "neither send nor call";
}

std::string about(const SharedObject& object, const SharedObject::User& user) {
  using enum abi::Right;
  const auto has = [&](abi::Right right) { return (user.rights & rights(right)) != 0; };
  const std::string pages = std::to_string(object.amount * kPageBytes / 1024) + " KiB.";
  switch (object.type) {
    case ObjectType::AsyncChannel:
      return std::string("AsyncChan of ") + std::to_string(object.amount) + " messages: " +
             (has(AsyncSend) && has(AsyncReceive) ? "send and receive."
              : has(AsyncSend)                    ? "send."
                                                  : "receive.");
    case ObjectType::Notification:
      return has(NotificationSignal) ? "Notification: signal bits " + hexadecimal(user.badge) +
                                           (has(NotificationWait) ? ", and wait." : ".")
                                     : "Notification: wait.";
    case ObjectType::Semaphore:
      return std::string("Semaphore: ") + (has(SemaphorePost) && has(SemaphoreWait) ? "post and wait."
                                           : has(SemaphorePost)                     ? "post."
                                                                                    : "wait.");
    case ObjectType::Region: return (has(RegionWrite) ? "Region, to read and write: " : "Region, to read: ") + pages;
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
  return "";
}

std::string deadline_sentence(unsigned deadline) {
  return deadline == 0 ? "" : " Nothing through it takes longer than " + time_text(deadline) + ".";
}

class Table {
 public:
  void add(Capability capability) {
    capability.slot = static_cast<unsigned>(entries_.size()) + 1;
    entries_.push_back(std::move(capability));
  }
  std::vector<Capability> take() { return std::move(entries_); }

 private:
  std::vector<Capability> entries_;
};

/// A silo's own port and its right to send to it (it has a second thread then) are one capability.
void add_port(const Port& port, const Silo& silo, Table& table) {
  using enum abi::Right;
  Capability capability{0, port.name, ObjectType::Port, port.object, 0, 0, 0, {}};
  const auto client = std::find_if(port.clients.begin(), port.clients.end(),
                                   [&](const Client& candidate) { return candidate.silo.name == silo.name; });
  if (port.owner.name == silo.name) {
    capability.rights = rights(PortReceive, PortDestroy, Duplicate, Grant, Revoke);
    if (port.shareable) capability.rights |= rights(PortSend, PortCall, PortTransfer);
    capability.about = "Port of this silo: receive and reply.";
    std::vector<std::string> badges;
    for (const Client& sender : port.clients) badges.push_back(sender.silo.name + " " + std::to_string(sender.badge));
    for (std::size_t i = 0; i < badges.size(); ++i)
      capability.about += (i == 0 ? " Badges: " : ", ") + badges[i] + (i + 1 == badges.size() ? "." : "");
  }
  if (client != port.clients.end()) {
    capability.rights |= client->rights;
    capability.badge = client->badge;
    capability.deadline = client->deadline;
    if (port.owner.name != silo.name)
      capability.about = "Port of `" + port.owner.name + "`: " + client_verbs(client->rights) + "; it sees badge " +
                         std::to_string(client->badge) + "." + deadline_sentence(client->deadline);
  }
  if (capability.rights != 0) table.add(capability);
}

void add_channel(const Channel& channel, const Silo& silo, Table& table) {
  using enum abi::Right;
  for (unsigned end = 0; end < 2; ++end) {
    if (channel.end[end].name != silo.name) continue;
    const std::uint64_t one_way = end == 0 ? rights(ChannelSend) : rights(ChannelReceive);
    const std::uint64_t bits = (channel.duplex ? rights(ChannelSend, ChannelReceive) : one_way) |
                               (channel.transfer && (channel.duplex || end == 0) ? rights(ChannelTransfer) : 0);
    const std::string verb = channel.duplex ? "Channel with `" : end == 0 ? "Channel to `" : "Channel from `";
    table.add({0, channel.name, ObjectType::Channel, channel.object, end, bits | rights(Duplicate), end + 1,
               verb + channel.end[1 - end].name + "`, " + std::to_string(channel.capacity) + " messages" +
                   (channel.duplex ? " each way." : ".") + deadline_sentence(channel.deadline),
               channel.deadline});
  }
}

void add_shared(const SharedObject& object, const Silo& silo, Table& table) {
  for (const SharedObject::User& user : object.users) {
    if (user.silo.name != silo.name) continue;
    table.add({0, object.name, object.type, object.object, 0, user.rights, user.badge, about(object, user)});
  }
}

/// Other silos: one handle for each, whatever it is for.
void add_silos(const Manifest& manifest, const Silo& silo, Table& table) {
  using enum abi::Right;
  const auto names = [](const std::vector<Reference>& list, const std::string& name) {
    return std::any_of(list.begin(), list.end(), [&](const Reference& one) { return one.name == name; });
  };
  for (const Reference& other : silo.observe)
    table.add({0, other.name, ObjectType::Silo, number_of(manifest, other.name), 0,
               rights(SiloObserve, Duplicate) | (names(silo.children, other.name) ? rights(SiloGrant) : 0), 0,
               "The silo `" + other.name + "`: ask how it is" +
                   (names(silo.children, other.name) ? ", give it capabilities." : ".")});
  for (const Reference& other : silo.children)
    if (!names(silo.observe, other.name))
      table.add({0, other.name, ObjectType::Silo, number_of(manifest, other.name), 0, rights(SiloGrant, Duplicate), 0,
                 "The silo `" + other.name + "`: give it capabilities."});
}

}  // namespace

std::vector<Capability> capabilities_of(const Manifest& manifest, const Silo& silo) {
  using enum abi::Right;
  Table table;
  if (silo.console)
    table.add({0, "console", ObjectType::Console, 0, 0,
               rights(ConsoleWrite, Duplicate) | (silo.owns_console ? rights(ConsoleOwn) : 0), 0,
               std::string("The console; lines carry this silo's name.") +
                   (silo.owns_console ? " Its transmitter can be this silo's." : "")});
  for (const Port& port : manifest.ports) add_port(port, silo, table);
  for (const Channel& channel : manifest.channels) add_channel(channel, silo, table);
  for (const SharedObject& object : manifest.shared) add_shared(object, silo, table);
  for (const InterruptLine& line : manifest.interrupts)
    if (line.silo.name == silo.name)
      table.add({0, line.name, ObjectType::Interrupt, line.object, 0, rights(InterruptBind), 0,
                 "Interrupt line: at most " + std::to_string(line.rate) + " times a second."});
  add_silos(manifest, silo, table);
  if (silo.verdict || silo.is_operator)
    table.add({0, "system", ObjectType::System, 0, 0,
               rights(Duplicate) | (silo.verdict ? rights(SystemVerdict) : 0) |
                   (silo.is_operator ? rights(SystemObserve, SystemKill, SystemStart) : 0),
               0,
               std::string("The whole system: ") + (!silo.is_operator ? "give its verdict."
                                                    : silo.verdict ? "give its verdict, look at all of it, stop silos."
                                                                   : "look at all of it, stop silos.")});
  if (silo.audit)
    table.add({0, "audit", ObjectType::Audit, 0, 0, rights(AuditRead, Duplicate), 0,
               "The audit: read what was refused and what became of silos."});
  if (silo.trace)
    table.add({0, "trace", ObjectType::Trace, 0, 0, rights(TraceRead, TraceControl, Duplicate), 0,
               "The trace: turn it on and off, read it."});
  return table.take();
}

unsigned capability_slots_of(const Manifest& manifest, const Silo& silo) {
  if (silo.capability_slots) return *silo.capability_slots;
  const auto given = static_cast<unsigned>(capabilities_of(manifest, silo).size());
  using enum abi::QuotaKind;
  unsigned needed = 1 + given + 2 * silo.quota[Channels];
  for (const abi::QuotaKind kind : {Ports, AsyncChannels, Notifications, Semaphores, Timers, Regions})
    needed += silo.quota[kind];
  return std::clamp(std::bit_ceil(needed), kDefaultCapabilitySlots, abi::kCapabilitySlotsMaximum);
}

}  // namespace tool
