// SPDX-License-Identifier: Apache-2.0
//
// What all kinds of objects share: see objects.hpp. All of it is touched in shared sections.
#include "kernel/objects.hpp"

#include <new>

#include "ipc/watch.hpp"
#include "kernel/audit.hpp"
#include "kernel/blocking_call.hpp"
#include "kernel/core.hpp"
#include "kernel/derivation.hpp"
#include "kernel/interrupt_objects.hpp"
#include "kernel/manifest_capabilities.hpp"
#include "kernel/object_kinds.hpp"
#include "kernel/published_names.hpp"
#include "kernel/revoke.hpp"
#include "kernel/silo.hpp"
#include "kernel/trace.hpp"
#include "kernel/transfer.hpp"

namespace kernel {

namespace {

constexpr std::uint32_t kReapCapabilities = 16;  // given up by one reap() at most

constinit ipc::Object console(abi::ObjectType::Console);
constinit ipc::Object system_itself(abi::ObjectType::System);

// What is ending is in the list of the core that is to end it, the oldest first (Core::endings): of an object that a
// core alone may look into, that core, else the one that was there when it happened.

/// Who works on what belongs to no core: the one in whose time it began. So the work that silos of one core cause is
/// done in that core's time.
constinit std::uint8_t common_worker = ipc::kNoCore;

/// Left-over work that is in lists of which there is one.
bool common_work_pending() { return ipc::raising_is_pending() || ipc::some_are_dropped() || admission_pending(); }

/// SAFETY of the casts: type says what an object is, and every object of a type is made in the file of its kind.
PortObject& as_port(ipc::Object& object) { return static_cast<PortObject&>(object); }
ChannelObject& as_channel(ipc::Object& object) { return static_cast<ChannelObject&>(object); }
RegionObject& as_region(ipc::Object& object) { return static_cast<RegionObject&>(object); }
AsyncObject& as_async(ipc::Object& object) { return static_cast<AsyncObject&>(object); }
Silo& as_silo(ipc::Object& object) { return static_cast<Silo&>(object); }

/// A stopped silo gives up its capabilities and the names under which it has published any, and its peers are told.
bool end_capabilities(Unlocked unlocked, Silo& silo, ipc::WakeList& wakes) {
  for (std::uint32_t count = 0; count < kReapCapabilities; ++count) {
    const auto departure = silo.capabilities.remove_any(unlocked);
    if (departure.ok()) {
      note_departure(departure.value());
      continue;
    }
    if (departure.error() != base::Error::ENOENT) return false;
    if (forget_published_by(unlocked, silo)) return false;
    if (silo.life.comes_back && !tell_some_peers(unlocked, silo, wakes)) return false;
    this_core().end_of_stop(silo);
    return true;
  }
  return false;
}

/// One step of the end of any object.
bool end_step(Unlocked unlocked, ipc::Object& object, ipc::WakeList& wakes) {
  switch (object.type) {
    case abi::ObjectType::Port: return end_port(unlocked, as_port(object), wakes);

    case abi::ObjectType::Channel: return end_channel(unlocked, as_channel(object), wakes);

    case abi::ObjectType::Silo: return end_capabilities(unlocked, as_silo(object), wakes);

    case abi::ObjectType::AsyncChannel: return end_async(unlocked, as_async(object), wakes);

    case abi::ObjectType::Notification: return end_notification(static_cast<NotificationObject&>(object), wakes);

    case abi::ObjectType::Semaphore: return end_semaphore(static_cast<SemaphoreObject&>(object), wakes);

    case abi::ObjectType::Timer: return end_timer(static_cast<TimerObject&>(object));

    case abi::ObjectType::Region: return end_region(unlocked, as_region(object), wakes);

    case abi::ObjectType::None:
    case abi::ObjectType::Console:
    case abi::ObjectType::System:
    case abi::ObjectType::Interrupt:
    case abi::ObjectType::Audit:
    case abi::ObjectType::Trace: break;  // exist as long as the system runs
  }
  return true;
}

/// The clients' capabilities of the manifest become children of the owner's, so that the owner can revoke them.
void derive_from_giver(ipc::Object& object) {
  if (Capability* const giver = derivation::find_with(object, giving_right(object.type)))
    derivation::derive_all_from(*giver);
}

}  // namespace

ipc::Object& console_object() { return console; }
ipc::Object& system_object() { return system_itself; }

PortObject& port_of(const Capability& capability) { return as_port(*capability.object); }
ChannelObject& channel_of(const Capability& capability) { return as_channel(*capability.object); }
RegionObject& region_of(const Capability& capability) { return as_region(*capability.object); }
AsyncObject& async_of(const Capability& capability) { return as_async(*capability.object); }
Silo& silo_of(const Capability& capability) { return as_silo(*capability.object); }

void settle_manifest_object(Unlocked unlocked, ipc::Object& object) {
  if (object.type == abi::ObjectType::Port) derive_from_giver(object);
  if (object.type != abi::ObjectType::Channel) {
    const bool gives_nobody = giving_right(object.type) != abi::Right::None && object.givers == 0;
    const bool takes_nobody = taking_right(object.type) != abi::Right::None && object.takers == 0;
    if (object.references == 0 || gives_nobody || takes_nobody) begin_ending(object);
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

void forget_objects() {
  common_worker = ipc::kNoCore;
  // Those of which there is one are not made anew by a boot, but nothing of an earlier one names them.
  for (ipc::Object* const object : {&console, &system_itself, &audit_object(), &trace_object()}) {
    const abi::ObjectType type = object->type;
    ::new (object) ipc::Object(type);
  }
  while (ipc::next_dropped() != nullptr) {
  }
  forget_transfers();
  ipc::forget_raises();
  forget_timers();
  forget_lines();
  forget_names();
  forget_manifest_capabilities();
}

base::Result<void> back_quotas(Unlocked unlocked, const abi::Quotas& quotas) {
  using enum abi::QuotaKind;
  TRY(back_ports(unlocked, quotas[Ports]));

  TRY(back_channels(unlocked, quotas[Channels], quotas[Messages]));

  TRY(back_regions(unlocked, quotas[Regions]));
  TRY(back_transfers(unlocked, quotas[Transfers]));
  TRY(back_async(unlocked, quotas[AsyncChannels], quotas[AsyncMessages]));
  TRY(back_notifications(unlocked, quotas[Notifications]));

  TRY(back_semaphores(unlocked, quotas[Semaphores]));

  TRY(back_timers(unlocked, quotas[Timers]));

  TRY(back_bindings(unlocked, quotas[Bindings]));

  return {};
}

void become_shared(ipc::Object& object) {
  object.sole_core = ipc::kSeveralCores;
  NotificationObject* signalled = nullptr;
  if (object.type == abi::ObjectType::Timer) signalled = static_cast<TimerObject&>(object).notification;
  if (object.type == abi::ObjectType::Interrupt) signalled = line_of(object).notification;
  if (signalled != nullptr) signalled->sole_core = ipc::kSeveralCores;
}

void note_departure(const Departure& departure) {
  ipc::Object& object = *departure.object;
  end_bindings_through(departure);
  switch (object.type) {
    case abi::ObjectType::Channel: {
      ChannelObject& channel = as_channel(object);
      if (departure.is_last_of_end) channel.is_end_ending[departure.end] = true;
      if (departure.is_last || departure.is_last_of_end) begin_ending(channel);
      return;
    }
    case abi::ObjectType::Port:
      if (departure.is_last_giver) destroy_port(as_port(object));  // nothing new gets in from now on
      if (departure.is_last) begin_ending(object);
      return;
    case abi::ObjectType::AsyncChannel:
      // At once: nothing is sent any more.
      if (departure.is_last_giver || departure.is_last_taker) as_async(object).close();
      if (departure.is_last || departure.is_last_giver || departure.is_last_taker) begin_ending(object);
      return;
    case abi::ObjectType::Notification:
    case abi::ObjectType::Semaphore:
    case abi::ObjectType::Timer:
      if (departure.is_last || departure.is_last_giver) begin_ending(object);
      return;
    case abi::ObjectType::Region: note_region_departure(departure); return;
    case abi::ObjectType::Interrupt:
      if (departure.is_last) end_line(line_of(object));
      return;
    case abi::ObjectType::None:
    case abi::ObjectType::Console:
    case abi::ObjectType::Silo:
    case abi::ObjectType::System:
    case abi::ObjectType::Audit:
    case abi::ObjectType::Trace: return;  // exist as long as the system runs
  }
}

void begin_ending(ipc::Object& object) {
  if (object.ending_node.is_linked()) return;
  Core& core = object.home == ipc::kNoCore ? this_core() : core_of(base::CoreId(object.home));
  core.endings.push_back(object);
  core.signal();
}

base::Result<void> close_handle(Unlocked unlocked, Silo& silo, std::uint64_t handle) {
  const Capability* const capability = TRY(silo.capabilities.lookup(handle));
  if (is_being_revoked_from(*capability)) return base::Error::EBUSY;
  end_operations_through(silo, handle, base::Error::EPIPE);
  note_departure(TRY(silo.capabilities.remove(unlocked, handle)));
  return {};
}

void give_up_capabilities(Silo& silo) { begin_ending(silo); }

bool has_common_work(const Core& core) {
  return !core.endings.is_empty() || !core.revokers.is_empty() || common_work_pending();
}

bool reap_pending(const Core& core) {
  if (!core.endings.is_empty() || !core.revokers.is_empty()) return true;
  if (!common_work_pending()) return false;
  if (common_worker == ipc::kNoCore && core.is_this_core())
    common_worker = static_cast<std::uint8_t>(core.id().value());
  return common_worker == core.id().value();
}

bool reap(Unlocked unlocked, Core& core, ipc::WakeList& wakes) {
  if (common_worker == core.id().value() || common_worker == ipc::kNoCore) {
    ipc::continue_raising_one(wakes);
    static_cast<void>(take_back_dropped(unlocked));
    static_cast<void>(admit_step(unlocked, wakes));
    if (!common_work_pending()) common_worker = ipc::kNoCore;
  }
  revoke_step(unlocked, core, wakes);
  if (ipc::Object* const object = core.endings.pop_front()) {
    // Out of the list for the step, which may give the object's memory back.
    if (!end_step(unlocked, *object, wakes)) begin_ending(*object);
  }
  return !reap_pending(core);
}

ObjectCounts object_counts(Unlocked unlocked) {
  return ObjectCounts{live_ports(),
                      live_channels(),
                      live_async_channels(),
                      live_async_chunks(),
                      message_pool().counts(unlocked),
                      live_notifications(),
                      live_semaphores(),
                      live_timers(),
                      live_bindings(),
                      live_regions(),
                      live_mappings()};
}

}  // namespace kernel
