// SPDX-License-Identifier: Apache-2.0
//
// What each kind of object does for the life of all (kernel/objects.cpp), and what kinds share: the pool of message
// nodes. Nobody else includes this.
#pragma once

#include "kernel/event_objects.hpp"
#include "kernel/objects.hpp"
#include "kernel/region_objects.hpp"

namespace kernel {

inline constexpr std::uint32_t kReapParties = 16;  ///< completed by one step at most

// One bounded step of an object's end: true when this end is over. If no capability names the object then, its memory
// has been given back; otherwise the object stays, of no more use, until the last one goes.

bool end_port(Unlocked, PortObject& port, ipc::WakeList& wakes);
bool end_channel(Unlocked, ChannelObject& channel, ipc::WakeList& wakes);
bool end_async(Unlocked, AsyncObject& channel, ipc::WakeList& wakes);
bool end_notification(NotificationObject& notification, ipc::WakeList& wakes);
bool end_semaphore(SemaphoreObject& semaphore, ipc::WakeList& wakes);
bool end_timer(TimerObject& timer);

/// A timer or a binding of the notification is gone; if nobody can signal it any more, that is acted on.
void source_has_ended(NotificationObject& notification);
/// Out of its point and its notification, quota and memory given back; its right to signal ends.
void free_binding(ipc::Binding& binding);
/// It has a notification: it never signals that again, and its right to do so ends.
void silence_timer(TimerObject& timer);
/// Also the steps of what is not an end: making a region, mapping it, unmapping it.
bool end_region(Unlocked, RegionObject& region, ipc::WakeList& wakes);

// Memory set aside for what a quota permits. ENOMEM.

base::Result<void> back_ports(Unlocked, std::uint32_t ports);
base::Result<void> back_channels(Unlocked, std::uint32_t channels, std::uint32_t messages);
/// `messages`: whole chunks of 16 count.
base::Result<void> back_async(Unlocked, std::uint32_t channels, std::uint32_t messages);

base::Result<void> back_notifications(Unlocked, std::uint32_t count);
base::Result<void> back_semaphores(Unlocked, std::uint32_t count);
/// ENOSPC: more than abi::kTimersMaximum in the system.
base::Result<void> back_timers(Unlocked, std::uint32_t count);
base::Result<void> back_bindings(Unlocked, std::uint32_t count);
base::Result<void> back_regions(Unlocked, std::uint32_t regions);

/// The nodes in which queued messages lie, of all ports and channels.
ipc::MessagePool& message_pool();
/// `count` nodes more than before are there for reservations. ENOMEM.
base::Result<void> back_message_nodes(Unlocked, std::uint32_t count);

std::uint32_t live_ports();
std::uint32_t live_channels();
std::uint32_t live_async_channels();
std::uint32_t live_async_chunks();
std::uint32_t live_notifications();
std::uint32_t live_semaphores();
std::uint32_t live_timers();
std::uint32_t live_bindings();
std::uint32_t live_regions();
std::uint32_t live_mappings();

// Between region_objects.cpp and region_mappings.cpp.

/// The caller waits in `place` for work on the region, of which one step is done at once: Completed if that was all.
ipc::Outcome work_for(Unlocked, ipc::Party& caller, RegionObject& region, ipc::PartyQueue& place, ipc::WakeList& wakes);
/// One step for a mapping that is in RegionObject::work.
void work_on_mapping(Unlocked, Mapping& mapping, ipc::WakeList& wakes);

}  // namespace kernel
