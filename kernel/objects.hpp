// SPDX-License-Identifier: Apache-2.0
//
// Where objects come to be and where they end: the only place. An object lives as long as a capability names it; what
// its end means for others (a peer that waits, a quota, memory) is done in bounded steps by reap(), which the kernel
// calls at its exits. Each kind has its own file NAME_objects.cpp with its pool, its beginning and the steps of its
// end; this one has what they share: the list of what is ending, and the objects that there is one of.
//
// INVARIANT: what a silo creates is charged to it before it exists and given back when its memory is, never earlier.
// INVARIANT: a port works only while somebody can receive: when its last receiving capability goes, its callers get
// EPIPE. The same holds for the giving right of each kind (capability.hpp). INVARIANT: nothing points to an object
// whose memory is given back: no capability, no party, no owed reply, no watch, no binding.
#pragma once

#include <cstdint>

#include "ipc/async_channel.hpp"
#include "ipc/channel.hpp"
#include "ipc/port.hpp"
#include "kernel/base/result.hpp"
#include "kernel/capability_table.hpp"

namespace kernel {

class Core;
class Silo;

struct PortObject : ipc::Port {
  PortObject(ipc::MessagePool& pool, Silo& owner_silo, bool charged);
  Silo& owner;                  ///< only its threads receive
  bool measures_times = false;  ///< of its calls, since measure_times(); it is not called directly then
  void measure_times() {
    measures_times = true;
    withdraw_direct();
  }
  const bool is_charged;  ///< to the owner's quota; false if the manifest made it
};

struct ChannelObject : ipc::Channel {
  ChannelObject(ipc::MessagePool& pool, std::uint32_t capacity, bool forward, bool backward, Silo* charged,
                bool redelivers = false)
      : Channel(pool, capacity, forward, backward, redelivers), charged_to(charged) {}
  Silo* const charged_to;      ///< null if the manifest made it
  bool is_end_ending[2] = {};  ///< its last capability is gone and the other end is being told
};

struct AsyncObject : ipc::AsyncChannel {
  AsyncObject(std::span<ipc::AsyncChunk* const> its_chunks, std::uint32_t capacity, Silo* charged)
      : AsyncChannel(its_chunks, capacity), charged_to(charged), chunk_count(its_chunks.size()) {
    for (std::size_t i = 0; i < chunk_count; ++i) chunks[i] = its_chunks[i];
  }
  Silo* const charged_to;  ///< null if the manifest made it
  const std::size_t chunk_count;
  ipc::AsyncChunk* chunks[ipc::kAsyncChunksMaximum] = {};  ///< the ring's, to be given back after it
};

/// The console and the system: one object each, for capabilities to name.
ipc::Object& console_object();
ipc::Object& system_object();

/// The objects behind capabilities, which know their type.
PortObject& port_of(const Capability& capability);        ///< its object is a port
ChannelObject& channel_of(const Capability& capability);  ///< its object is a channel
AsyncObject& async_of(const Capability& capability);      ///< its object is an AsyncChan
Silo& silo_of(const Capability& capability);              ///< its object is a silo

// Objects that a silo makes.

/// A port owned by `creator`; the handle of its first capability, with every right. EDQUOT, ENOSPC, ENOMEM; nothing has
/// changed then.
base::Result<std::uint64_t> create_port(Unlocked, Silo& creator);
struct ChannelHandles {
  std::uint64_t end[2];
};
/// `capacity` of each direction. EINVAL if not 1 to abi::kChannelCapacityMaximum; otherwise as create_port.
base::Result<ChannelHandles> create_channel(Unlocked, Silo& creator, std::uint64_t capacity);

/// EINVAL if `capacity` is not 1 to abi::kAsyncCapacityMaximum; otherwise as create_port.
base::Result<std::uint64_t> create_async(Unlocked, Silo& creator, std::uint64_t capacity);

// Objects of the manifest, at boot. ENOMEM.

base::Result<PortObject*> make_manifest_port(Unlocked, Silo& owner, std::string_view name);
base::Result<ChannelObject*> make_manifest_channel(Unlocked, std::string_view name, std::uint32_t capacity,
                                                   bool forward, bool backward, bool redelivers = false);
base::Result<AsyncObject*> make_manifest_async(Unlocked, std::string_view name, std::uint32_t capacity);
/// The manifest's capabilities are all there: clients' are derived from the owner's, an end that none names is gone,
/// and what is of no use to those that name it is destroyed.
void settle_manifest_object(Unlocked, ipc::Object& object);
/// Start of boot: nothing is ending, and nothing has been promised to quotas.
void forget_objects();
/// Sets memory aside for everything that quotas permit, so that one silo's creations never fail for another one's.
/// ENOMEM.
base::Result<void> back_quotas(Unlocked, const abi::Quotas& quotas);

// Ends.

/// HANDLE_CLOSE and CHAN_CLOSE. EBADF; EBUSY a revoke proceeds from it. Operations blocked through it end with EPIPE;
/// what it means for others is left to reap().
base::Result<void> close_handle(Unlocked, Silo& silo, std::uint64_t handle);
/// From now on it is used in shared sections only, and so is what it signals by itself: it may get to another core.
/// Called on the core that has used it alone.
void become_shared(ipc::Object& object);
/// Acts on what the end of a capability means.
void note_departure(const Departure& departure);
/// Its end is worked on by reap(); nothing happens if it is already.
void begin_ending(ipc::Object& object);
/// PORT_DESTROY: what waits at the port gets EPIPE, by reap().
void destroy_port(PortObject& port);
/// ASYNC_CLOSE: nothing is sent any more; who waits is told by reap().
void close_async(AsyncObject& channel);
/// The silo has stopped: its capabilities end, by reap().
void give_up_capabilities(Silo& silo);

/// One bounded piece of what is left to do for ending objects; parties it completes are put on `wakes`. True when
/// nothing is left.
bool reap(Unlocked, Core& core, ipc::WakeList& wakes);
/// Whether reap() has something to do on this core.
bool reap_pending(const Core& core);
/// The same without saying that the core does it.
bool has_common_work(const Core& core);

/// How many there are, for tests and statistics.
struct ObjectCounts {
  std::uint32_t ports, channels, async_channels, async_chunks;
  ipc::MessagePool::Counts messages;
  std::uint32_t notifications, semaphores, timers, bindings;
  std::uint32_t regions, mappings;
};
ObjectCounts object_counts(Unlocked);

}  // namespace kernel
