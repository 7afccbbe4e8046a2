// SPDX-License-Identifier: Apache-2.0
//
// Beginnings and ends of channels. The pool is touched in shared sections.
#include "kernel/object_kinds.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/silo.hpp"

namespace kernel {

namespace {

constexpr std::uint64_t kAllRights = rights_of_type(abi::ObjectType::Channel);

constinit ObjectPool<ChannelObject> pool;

bool is_watched(const ChannelObject& channel) {
  bool is_any = false;
  for (unsigned end = 0; end < 2; ++end) {
    is_any = is_any || channel.readable[end].is_watched() || channel.writable[end].is_watched();
  }
  return is_any;
}

void free_channel(Unlocked unlocked, ChannelObject& channel) {
  for (unsigned end = 0; end < 2; ++end) {
    channel.readable[end].forget();
    channel.writable[end].forget();
  }
  message_pool().release(unlocked, channel.reserved_nodes());
  if (channel.charged_to != nullptr) {
    channel.charged_to->quota(abi::QuotaKind::Messages).give_back(channel.reserved_nodes());
    channel.charged_to->quota(abi::QuotaKind::Channels).give_back(1);
  }
  pool.give_back(channel);
}

}  // namespace

base::Result<void> back_channels(Unlocked unlocked, std::uint32_t channels, std::uint32_t messages) {
  TRY(pool.reserve(unlocked, channels));
  return back_message_nodes(unlocked, messages);
}

std::uint32_t live_channels() { return pool.live(); }

base::Result<ChannelHandles> create_channel(Unlocked unlocked, Silo& creator, std::uint64_t capacity) {
  if (capacity == 0 || capacity > abi::kChannelCapacityMaximum) return base::Error::EINVAL;
  if (creator.capabilities.room() < 2) return base::Error::ENOSPC;
  const auto slots = static_cast<std::uint32_t>(capacity);
  const std::uint32_t nodes = ipc::Channel::nodes_needed(slots, true, true);
  Quota& channels = creator.quota(abi::QuotaKind::Channels);
  Quota& messages = creator.quota(abi::QuotaKind::Messages);
  TRY(channels.charge(1));
  const auto charged = messages.charge(nodes);
  if (!charged.ok()) {
    channels.give_back(1);
    return charged.error();
  }
  const auto reserved = message_pool().reserve(unlocked, nodes);
  const auto made = reserved.ok() ? pool.create(unlocked, message_pool(), slots, true, true, &creator)
                                  : base::Result<ChannelObject*>(reserved.error());
  if (!made.ok()) {
    if (reserved.ok()) message_pool().release(unlocked, nodes);
    messages.give_back(nodes);
    channels.give_back(1);
    return made.error();
  }
  // There is room for both, so neither fails and no half of a channel is left.
  const std::uint64_t first = TRY(creator.capabilities.insert(unlocked, Grant{made.value(), kAllRights, 0, 0}));
  const std::uint64_t second = TRY(creator.capabilities.insert(unlocked, Grant{made.value(), kAllRights, 0, 1}));
  return ChannelHandles{{first, second}};
}

base::Result<ChannelObject*> make_manifest_channel(Unlocked unlocked, std::string_view name, std::uint32_t capacity,
                                                   bool forward, bool backward, bool redelivers) {
  const std::uint32_t nodes = ipc::Channel::nodes_needed(capacity, forward, backward, redelivers);
  TRY(back_channels(unlocked, 1, nodes));
  TRY(message_pool().reserve(unlocked, nodes));
  Silo* const nobody = nullptr;
  ChannelObject* const channel =
      TRY(pool.create(unlocked, message_pool(), capacity, forward, backward, nobody, redelivers));
  channel->name = base::FixedName(name);
  return channel;
}

bool end_channel(Unlocked unlocked, ChannelObject& channel, ipc::WakeList& wakes) {
  for (unsigned end = 0; end < 2; ++end) {
    if (!channel.is_end_ending[end]) continue;
    if (!channel.disconnect(unlocked, end, kReapParties, wakes)) return false;
    channel.is_end_ending[end] = false;
  }
  if (channel.references != 0 || channel.is_kept) return true;
  // Who watched it is still being told.
  if (is_watched(channel)) return false;
  free_channel(unlocked, channel);
  return true;
}

}  // namespace kernel
