// SPDX-License-Identifier: Apache-2.0
//
// Edges of the wait graph (wait_graph.hpp). An event is awaited from somebody only if that is the one who can bring it:
// one signaller, and a waiter without timers, bindings, interrupts and other threads, which could wake it as well, and
// which waits for nothing else at the same time.
#include "tools/granary/wait_graph.hpp"

#include <algorithm>

#include "tools/granary/text.hpp"

namespace tool {
namespace {

constexpr bool has(std::uint64_t rights, abi::Right right) { return (rights & static_cast<std::uint64_t>(right)) != 0; }

void add_port(const Port& port, std::vector<Wait>& waits) {
  for (const Client& client : port.clients) {
    if (client.silo.name == port.owner.name || client.deadline != 0) continue;
    if (has(client.rights, abi::Right::PortCall)) {
      waits.push_back({WaitKind::Call, client.silo.name, port.owner.name, port.name,
                       client.silo.name + " calls " + port.owner.name + " (port " + port.name + ")", client.silo.at});
    } else if (has(client.rights, abi::Right::PortSend)) {
      waits.push_back({WaitKind::Room, client.silo.name, port.owner.name, port.name,
                       client.silo.name + " waits for " + port.owner.name + " to make room in port " + port.name,
                       client.silo.at});
    }
  }
}

void add_channel(const Channel& channel, std::vector<Wait>& waits) {
  if (channel.deadline != 0) return;
  if (channel.outstanding != 0 && channel.outstanding <= channel.capacity) return;
  for (unsigned from = 0; from < (channel.duplex ? 2U : 1U); ++from) {
    const std::string &sender = channel.end[from].name, &receiver = channel.end[1 - from].name;
    waits.push_back({WaitKind::Room, sender, receiver, channel.name,
                     sender + " waits for " + receiver + " to make room in channel " + channel.name, channel.at,
                     channel.duplex});
  }
}

/// Something besides the named signallers may wake it.
bool has_other_wakers(const Manifest& manifest, const Silo& silo) {
  const auto own = [&](const InterruptLine& line) { return line.silo.name == silo.name; };
  return silo.waits_for_any || silo.threads.size() > 1 || silo.quota[abi::QuotaKind::Timers] != 0 ||
         silo.quota[abi::QuotaKind::Bindings] != 0 ||
         std::any_of(manifest.interrupts.begin(), manifest.interrupts.end(), own);
}

void add_shared(const Manifest& manifest, const SharedObject& object, std::vector<Wait>& waits) {
  const bool is_notification = object.type == abi::ObjectType::Notification;
  if (!is_notification && object.type != abi::ObjectType::Semaphore) return;
  const abi::Right gives = is_notification ? abi::Right::NotificationSignal : abi::Right::SemaphorePost;
  const abi::Right takes = is_notification ? abi::Right::NotificationWait : abi::Right::SemaphoreWait;
  const auto gives_it = [&](const SharedObject::User& user) { return has(user.rights, gives); };
  if (std::count_if(object.users.begin(), object.users.end(), gives_it) != 1) return;
  const std::string& giver = std::find_if(object.users.begin(), object.users.end(), gives_it)->silo.name;
  for (const SharedObject::User& user : object.users) {
    const Silo* const silo = manifest.find_silo(user.silo.name);
    if (!has(user.rights, takes) || user.silo.name == giver || has_other_wakers(manifest, *silo)) continue;
    waits.push_back({WaitKind::Event, user.silo.name, giver, object.name,
                     user.silo.name + " waits for " + giver +
                         (is_notification ? " to signal notification " : " to post semaphore ") + object.name,
                     user.silo.at, false, !is_notification});
  }
}

}  // namespace

std::vector<Wait> waits_of(const Manifest& manifest) {
  std::vector<Wait> waits;
  for (const Port& port : manifest.ports) add_port(port, waits);
  for (const Channel& channel : manifest.channels) add_channel(channel, waits);
  for (const SharedObject& object : manifest.shared) add_shared(manifest, object, waits);
  // In the order of the silos, so that what is refused first does not depend on the kind of the link.
  std::stable_sort(waits.begin(), waits.end(), [&](const Wait& a, const Wait& b) {
    return manifest.find_silo(a.waiter) < manifest.find_silo(b.waiter);
  });
  return waits;
}

}  // namespace tool
