// SPDX-License-Identifier: Apache-2.0
//
// Beginnings and ends of AsyncChans, and the pools of the objects and of the chunks that their messages lie in. The
// pools are touched in shared sections.
#include "kernel/object_kinds.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/silo.hpp"

namespace kernel {

namespace {

constexpr std::uint64_t kAllRights = rights_of_type(abi::ObjectType::AsyncChannel);
static_assert(ipc::kAsyncCapacityMaximum == abi::kAsyncCapacityMaximum);

constinit ObjectPool<AsyncObject> pool;
constinit ObjectPool<ipc::AsyncChunk> chunk_pool;

/// What a channel of that capacity takes from the quota.
constexpr std::uint32_t messages_charged(std::size_t chunks) {
  return static_cast<std::uint32_t>(chunks) * ipc::kAsyncSlotsPerChunk;
}

void give_back_chunks(std::span<ipc::AsyncChunk* const> chunks) {
  for (ipc::AsyncChunk* const chunk : chunks) chunk_pool.give_back(*chunk);
}

/// A channel and its chunks. EINVAL, ENOMEM; nothing has changed then.
base::Result<AsyncObject*> make_channel(Unlocked unlocked, std::uint32_t capacity, Silo* charged) {
  const std::uint32_t count = TRY(ipc::AsyncRing::chunks_needed(capacity));
  ipc::AsyncChunk* chunks[ipc::kAsyncChunksMaximum] = {};
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto chunk = chunk_pool.create(unlocked);
    if (!chunk.ok()) {
      give_back_chunks({chunks, i});
      return chunk.error();
    }
    chunks[i] = chunk.value();
  }
  const std::span<ipc::AsyncChunk* const> all(chunks, count);
  const auto made = pool.create(unlocked, all, capacity, charged);
  if (!made.ok()) give_back_chunks(all);
  return made;
}

void free_channel(AsyncObject& channel) {
  channel.readable.forget();
  if (channel.charged_to != nullptr) {
    channel.charged_to->quota(abi::QuotaKind::AsyncMessages).give_back(messages_charged(channel.chunk_count));
    channel.charged_to->quota(abi::QuotaKind::AsyncChannels).give_back(1);
  }
  give_back_chunks({channel.chunks, channel.chunk_count});
  pool.give_back(channel);
}

}  // namespace

base::Result<void> back_async(Unlocked unlocked, std::uint32_t channels, std::uint32_t messages) {
  TRY(pool.reserve(unlocked, channels));
  return chunk_pool.reserve(unlocked, messages / ipc::kAsyncSlotsPerChunk);
}

std::uint32_t live_async_channels() { return pool.live(); }
std::uint32_t live_async_chunks() { return chunk_pool.live(); }

base::Result<std::uint64_t> create_async(Unlocked unlocked, Silo& creator, std::uint64_t capacity) {
  if (capacity > abi::kAsyncCapacityMaximum) return base::Error::EINVAL;
  const auto slots = static_cast<std::uint32_t>(capacity);
  const std::uint32_t messages = messages_charged(TRY(ipc::AsyncRing::chunks_needed(slots)));
  if (creator.capabilities.room() < 1) return base::Error::ENOSPC;
  Quota& channel_quota = creator.quota(abi::QuotaKind::AsyncChannels);
  Quota& message_quota = creator.quota(abi::QuotaKind::AsyncMessages);
  TRY(channel_quota.charge(1));
  const auto charged = message_quota.charge(messages);
  const auto made =
      charged.ok() ? make_channel(unlocked, slots, &creator) : base::Result<AsyncObject*>(charged.error());
  if (!made.ok()) {
    if (charged.ok()) message_quota.give_back(messages);
    channel_quota.give_back(1);
    return made.error();
  }
  return creator.capabilities.insert(unlocked, Grant{made.value(), kAllRights, 0, 0});
}

base::Result<AsyncObject*> make_manifest_async(Unlocked unlocked, std::string_view name, std::uint32_t capacity) {
  const std::uint32_t chunks = TRY(ipc::AsyncRing::chunks_needed(capacity));
  TRY(back_async(unlocked, 1, messages_charged(chunks)));
  AsyncObject* const channel = TRY(make_channel(unlocked, capacity, nullptr));
  channel->name = base::FixedName(name);
  return channel;
}

void close_async(AsyncObject& channel) {
  channel.close();
  begin_ending(channel);
}

bool end_async(Unlocked, AsyncObject& channel, ipc::WakeList& wakes) {
  // Nobody can send any more, or nobody can receive.
  if (channel.givers == 0 || channel.takers == 0) channel.close();
  if (channel.is_closed() && !channel.disconnect(kReapParties, wakes)) return false;
  if (channel.references != 0 || channel.is_kept) return true;
  // Who watched it is still being told.
  if (channel.readable.is_watched()) return false;
  free_channel(channel);
  return true;
}

}  // namespace kernel
