// SPDX-License-Identifier: Apache-2.0
//
// Beginnings and ends of ports and channels: see objects.hpp. The pools and the list of endings belong to the one core
// that runs silos and are touched with interrupts masked; message nodes have a lock of their own.
#include "kernel/objects.hpp"

#include <span>

#include "kernel/object_pool.hpp"
#include "kernel/silo.hpp"
#include "kernel/thread.hpp"

namespace kernel {

namespace {

constexpr std::uint32_t kReapParties = 16;       // completed by one reap() at most
constexpr std::uint32_t kReapCapabilities = 16;  // given up by one reap() at most

constexpr std::uint64_t kAllPortRights = rights_of_type(abi::ObjectType::Port);
constexpr std::uint64_t kAllChannelRights = rights_of_type(abi::ObjectType::Channel);

constinit ipc::Object console(abi::ObjectType::Console);
constinit ipc::Object system_itself(abi::ObjectType::System);

constinit ObjectPool<PortObject> port_pool;
constinit ObjectPool<ChannelObject> channel_pool;
constinit ipc::MessagePool message_pool;
constinit std::uint32_t backed_nodes =
    0;  // promised to quotas and to objects of the manifest; there are at least as many

// What is ending. Each object is in its list at most once.
constinit base::IntrusiveList<PortObject, &PortObject::ending_node> ending_ports;
constinit base::IntrusiveList<ChannelObject, &ChannelObject::ending_node> ending_channels;
constinit base::IntrusiveList<Silo, &Silo::ending_node> ending_silos;

void begin_ending(PortObject& port) {
  // Nothing new gets in from now on; who waits there is told by reap().
  ipc::WakeList nobody;
  static_cast<void>(port.destroy(0, nobody));
  if (!port.ending_node.is_linked()) ending_ports.push_back(port);
}

void begin_ending(ChannelObject& channel) {
  if (!channel.ending_node.is_linked()) ending_channels.push_back(channel);
}

/// A port has no end of its own kind: it is no use without a receiver, and no memory without a capability. SAFETY of
/// both casts: type says what it is, and every object of these types is made in this file.
PortObject& as_port(ipc::Object& object) { return static_cast<PortObject&>(object); }
ChannelObject& as_channel(ipc::Object& object) { return static_cast<ChannelObject&>(object); }

/// Acts on what the end of a capability means.
void note(const Departure& departure) {
  switch (departure.object->type) {
    case abi::ObjectType::Port:
      if (departure.is_last || departure.is_last_receiver) begin_ending(as_port(*departure.object));
      return;
    case abi::ObjectType::Channel: {
      ChannelObject& channel = as_channel(*departure.object);
      if (departure.is_last_of_end) channel.is_end_ending[departure.end] = true;
      if (departure.is_last || departure.is_last_of_end) begin_ending(channel);
      return;
    }
    case abi::ObjectType::None:
    case abi::ObjectType::Console:
    case abi::ObjectType::Silo:
    case abi::ObjectType::System: return;  // exist as long as the system runs
  }
}

base::Result<void> back_nodes(Unlocked unlocked, std::uint32_t count) {
  while (message_pool.counts(unlocked).nodes < backed_nodes + count) {
    std::byte* const page = TRY(allocate_kernel_page(unlocked));
    message_pool.add_memory(unlocked, std::span<std::byte>(page, base::kPageSize));
  }
  backed_nodes += count;
  return {};
}

void free_port(Unlocked unlocked, PortObject& port) {
  // Only the owner's threads have ever received, so only they can owe replies to calls that came through this port.
  for (Thread* const thread : port.owner.threads()) ipc::forget_port(*thread, port);
  message_pool.release(unlocked, abi::kPortQueueCapacity);
  if (port.is_charged) port.owner.ports.give_back(1);
  port_pool.give_back(port);
}

void reap_port(Unlocked unlocked, PortObject& port, ipc::WakeList& wakes) {
  if (!port.destroy(kReapParties, wakes)) return;
  // Without a receiver nobody can take what was sent.
  if (port.receivers == 0) port.drain(unlocked);
  ending_ports.remove(port);
  if (port.references == 0) free_port(unlocked, port);
}

void free_channel(Unlocked unlocked, ChannelObject& channel) {
  message_pool.release(unlocked, channel.reserved_nodes());
  if (channel.charged_to != nullptr) {
    channel.charged_to->messages.give_back(channel.reserved_nodes());
    channel.charged_to->channels.give_back(1);
  }
  channel_pool.give_back(channel);
}

void reap_channel(Unlocked unlocked, ChannelObject& channel, ipc::WakeList& wakes) {
  for (unsigned end = 0; end < 2; ++end) {
    if (!channel.is_end_ending[end]) continue;
    if (!channel.disconnect(unlocked, end, kReapParties, wakes)) return;
    channel.is_end_ending[end] = false;
  }
  ending_channels.remove(channel);
  if (channel.references == 0) free_channel(unlocked, channel);
}

void reap_silo(Unlocked unlocked, Silo& silo) {
  for (std::uint32_t count = 0; count < kReapCapabilities; ++count) {
    const auto departure = silo.capabilities.remove_any(unlocked);
    if (departure.ok()) {
      note(departure.value());
      continue;
    }
    if (departure.error() == base::Error::ENOENT) ending_silos.remove(silo);
    return;
  }
}

}  // namespace

ipc::Object& console_object() { return console; }
ipc::Object& system_object() { return system_itself; }

PortObject& port_of(const Capability& capability) { return as_port(*capability.object); }
ChannelObject& channel_of(const Capability& capability) { return as_channel(*capability.object); }
Silo& silo_of(const Capability& capability) { return static_cast<Silo&>(*capability.object); }

base::Result<std::uint64_t> create_port(Unlocked unlocked, Silo& creator) {
  if (creator.capabilities.room() < 1) return base::Error::ENOSPC;
  TRY(creator.ports.charge(1));
  const auto reserved = message_pool.reserve(unlocked, abi::kPortQueueCapacity);
  if (!reserved.ok()) {
    creator.ports.give_back(1);
    return reserved.error();
  }
  const auto made = port_pool.create(unlocked, message_pool, creator, true);
  if (!made.ok()) {
    message_pool.release(unlocked, abi::kPortQueueCapacity);
    creator.ports.give_back(1);
    return made.error();
  }
  return creator.capabilities.insert(unlocked, Grant{made.value(), kAllPortRights, 0, 0});
}

base::Result<ChannelHandles> create_channel(Unlocked unlocked, Silo& creator, std::uint64_t capacity) {
  if (capacity == 0 || capacity > abi::kChannelCapacityMaximum) return base::Error::EINVAL;
  if (creator.capabilities.room() < 2) return base::Error::ENOSPC;
  const auto slots = static_cast<std::uint32_t>(capacity);
  const std::uint32_t nodes = ipc::Channel::nodes_needed(slots, true, true);
  TRY(creator.channels.charge(1));
  const auto charged = creator.messages.charge(nodes);
  if (!charged.ok()) {
    creator.channels.give_back(1);
    return charged.error();
  }
  const auto reserved = message_pool.reserve(unlocked, nodes);
  const auto made = reserved.ok() ? channel_pool.create(unlocked, message_pool, slots, true, true, &creator)
                                  : base::Result<ChannelObject*>(reserved.error());
  if (!made.ok()) {
    if (reserved.ok()) message_pool.release(unlocked, nodes);
    creator.messages.give_back(nodes);
    creator.channels.give_back(1);
    return made.error();
  }
  // There is room for both, so neither fails and no half of a channel is left.
  const std::uint64_t first = TRY(creator.capabilities.insert(unlocked, Grant{made.value(), kAllChannelRights, 0, 0}));
  const std::uint64_t second = TRY(creator.capabilities.insert(unlocked, Grant{made.value(), kAllChannelRights, 0, 1}));
  return ChannelHandles{{first, second}};
}

base::Result<PortObject*> make_manifest_port(Unlocked unlocked, Silo& owner, std::string_view name) {
  TRY(back_nodes(unlocked, abi::kPortQueueCapacity));
  TRY(port_pool.reserve(unlocked, 1));
  TRY(message_pool.reserve(unlocked, abi::kPortQueueCapacity));
  PortObject* const port = TRY(port_pool.create(unlocked, message_pool, owner, false));
  port->name = base::FixedName(name);
  return port;
}

base::Result<ChannelObject*> make_manifest_channel(Unlocked unlocked, std::string_view name, std::uint32_t capacity,
                                                   bool forward, bool backward) {
  const std::uint32_t nodes = ipc::Channel::nodes_needed(capacity, forward, backward);
  TRY(back_nodes(unlocked, nodes));
  TRY(channel_pool.reserve(unlocked, 1));
  TRY(message_pool.reserve(unlocked, nodes));
  Silo* const nobody = nullptr;
  ChannelObject* const channel = TRY(channel_pool.create(unlocked, message_pool, capacity, forward, backward, nobody));
  channel->name = base::FixedName(name);
  return channel;
}

void settle_manifest_object(Unlocked unlocked, ipc::Object& object) {
  if (object.type == abi::ObjectType::Port) {
    if (as_port(object).receivers == 0) begin_ending(as_port(object));
    return;
  }
  ChannelObject& channel = as_channel(object);
  for (unsigned end = 0; end < 2; ++end) {
    // Counting one up and down again tells whether there was none.
    channel.add_end(unlocked, end);
    if (channel.drop_end(unlocked, end)) channel.is_end_ending[end] = true;
  }
  if (channel.is_end_ending[0] || channel.is_end_ending[1]) begin_ending(channel);
}

base::Result<void> back_quota(Unlocked unlocked, std::uint32_t ports, std::uint32_t channels, std::uint32_t messages) {
  TRY(port_pool.reserve(unlocked, ports));
  TRY(channel_pool.reserve(unlocked, channels));
  TRY(back_nodes(unlocked, ports * abi::kPortQueueCapacity));
  return back_nodes(unlocked, messages);
}

base::Result<void> close_handle(Unlocked unlocked, Silo& silo, std::uint64_t handle) {
  note(TRY(silo.capabilities.remove(unlocked, handle)));
  return {};
}

void destroy_port(PortObject& port) { begin_ending(port); }

void give_up_capabilities(Silo& silo) {
  if (!silo.ending_node.is_linked()) ending_silos.push_back(silo);
}

bool reap_pending() { return !ending_ports.is_empty() || !ending_channels.is_empty() || !ending_silos.is_empty(); }

bool reap(Unlocked unlocked, ipc::WakeList& wakes) {
  if (PortObject* const port = ending_ports.front()) {
    reap_port(unlocked, *port, wakes);
  } else if (ChannelObject* const channel = ending_channels.front()) {
    reap_channel(unlocked, *channel, wakes);
  } else if (Silo* const silo = ending_silos.front()) {
    reap_silo(unlocked, *silo);
  }
  return !reap_pending();
}

ObjectCounts object_counts(Unlocked unlocked) {
  return ObjectCounts{port_pool.live(), channel_pool.live(), message_pool.counts(unlocked)};
}

}  // namespace kernel
