// SPDX-License-Identifier: Apache-2.0
//
// The kernel as boot composes it: see system.hpp. Owns the list of silos and, until start, the list of the manifest's
// objects. Every description is checked in full before anything is made of it, and what a refused one has taken is
// given back.
#include "kernel/system.hpp"

#include "kernel/audit.hpp"
#include "kernel/console.hpp"
#include "kernel/console_readable.hpp"
#include "kernel/contracts.hpp"
#include "kernel/core.hpp"
#include "kernel/devices.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/explanation.hpp"
#include "kernel/flow_policy.hpp"
#include "kernel/idle_report.hpp"
#include "kernel/interrupt_objects.hpp"
#include "kernel/link.hpp"
#include "kernel/message_page.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/objects.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/port/entry.hpp"
#include "kernel/published_names.hpp"
#include "kernel/region_objects.hpp"
#include "kernel/silo.hpp"
#include "kernel/silo_memory.hpp"
#include "kernel/thread.hpp"
#include "kernel/trace.hpp"
#include "kernel/vmid_allocator.hpp"

namespace kernel {

namespace {

constexpr std::uint64_t kArenaPagesMinimum = 16;
/// More message slots or pages than this no silo can use, nor more objects than its table can name.
constexpr std::uint32_t kQuotaAmountMaximum = kCapabilitySlotsMaximum * abi::kChannelCapacityMaximum;

struct ManifestObject {
  ipc::Object* object;
  bool lane[2];  ///< channels: whether end 0, end 1 may send
};

struct System {
  std::uint32_t silo_count = 0;
  std::uint32_t object_count = 0;
  bool is_once = false;
  bool is_started = false;
  Silo* silos[kSilosMaximum] = {};
  ManifestObject objects[kManifestObjectsMaximum] = {};
};
constinit System state;
constinit ObjectPool<Silo> silo_pool;

/// SAFETY: boot runs with interrupts masked and holds no lock (start.S masks them, nothing unmasks them before the
/// first silo runs).
Unlocked boot_phase() { return base::hold_nothing(base::TokenSource::interrupts_masked()); }

/// Names go to the console and into reports: printable, without blanks, and not to be mistaken for the brackets around
/// them.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > abi::kNameLengthMaximum) return false;
  for (const char character : name) {
    if (character <= ' ' || character > '~' || character == '[' || character == ']') return false;
  }
  return true;
}

bool are_sane(const abi::Quotas& quotas) {
  for (unsigned i = 0; i < abi::kQuotaKinds; ++i) {
    const auto kind = static_cast<abi::QuotaKind>(i);
    const bool is_amount = kind == abi::QuotaKind::Messages || kind == abi::QuotaKind::AsyncMessages ||
                           kind == abi::QuotaKind::RegionPages || kind == abi::QuotaKind::MappedPages;
    if (quotas[kind] > (is_amount ? kQuotaAmountMaximum : kCapabilitySlotsMaximum)) return false;
  }
  return quotas[abi::QuotaKind::Regions] <= abi::kSharedRegionsPerSiloMaximum;
}

bool is_watchdog(std::uint32_t microseconds) {
  return microseconds == 0 || (microseconds >= abi::kWatchdogMinimum && microseconds <= abi::kWatchdogMaximum);
}

base::Ticks ticks_of(std::uint32_t microseconds) {
  return base::Ticks(port::clock_frequency() * microseconds / 1'000'000);
}

RateLimit rate_of(const RateDescription& description) {
  return RateLimit(description, port::clock_frequency(), port::now());
}

base::Result<Silo*> find_silo(base::SiloId id) {
  if (state.is_started || id.value() >= state.silo_count) return base::Error::EINVAL;
  return state.silos[id.value()];
}

base::Result<void> check_object_name(std::string_view name) {
  if (state.is_started || !is_name(name)) return base::Error::EINVAL;
  for (std::uint32_t i = 0; i < state.object_count; ++i) {
    if (state.objects[i].object->name.view() == name) return base::Error::EEXIST;
  }
  if (state.object_count == kManifestObjectsMaximum) return base::Error::ENOSPC;
  return {};
}

struct Lanes {
  bool forward = false, backward = false;
};
base::Result<std::uint32_t> note_object(ipc::Object& object, std::uint64_t contract = 0, Lanes lanes = {}) {
  TRY(set_contract(object, contract));
  state.objects[state.object_count] = ManifestObject{&object, {lanes.forward, lanes.backward}};
  return state.object_count++;
}

/// Takes back everything of a silo whose creation went wrong; it has never run.
void discard(Unlocked unlocked, Silo& silo) {
  give_back_ground(unlocked, silo);
  silo.space.retire();
  while (!silo.space.release_step(unlocked)) {
  }
  silo_pool.give_back(silo);
}

void give_back_frames(Unlocked unlocked, FrameRange frames) {
  silo_frames().with(unlocked, [&](FrameAllocator& all, auto) {
    if (!all.give_back(frames).ok()) __builtin_trap();  // they were ours
  });
}

/// A capability's `object` and `end`, resolved.
base::Result<ipc::Object*> resolve(const Silo& holder, const CapabilityDescription& description) {
  const bool is_channel = description.type == abi::ObjectType::Channel;
  if (description.end > (is_channel ? 1u : 0u)) return base::Error::EINVAL;
  switch (description.type) {
    case abi::ObjectType::Console: return &console_object();
    case abi::ObjectType::System: return &system_object();
    case abi::ObjectType::Audit: TRY(back_audit(boot_phase())); return &audit_object();
    case abi::ObjectType::Trace: TRY(back_trace(boot_phase())); return &trace_object();
    case abi::ObjectType::Silo:
      if (description.object >= state.silo_count) return base::Error::EINVAL;
      return state.silos[description.object];
    case abi::ObjectType::Port:
    case abi::ObjectType::Channel:
    case abi::ObjectType::AsyncChannel:
    case abi::ObjectType::Notification:
    case abi::ObjectType::Semaphore:
    case abi::ObjectType::Region:
    case abi::ObjectType::Interrupt: break;
    case abi::ObjectType::Timer:
    case abi::ObjectType::None: return base::Error::EINVAL;
  }
  if (description.object >= state.object_count) return base::Error::EINVAL;
  const ManifestObject& found = state.objects[description.object];
  if (found.object->type != description.type) return base::Error::EINVAL;
  if (description.type == abi::ObjectType::Port) {
    const bool acts_as_owner = has_right(description.rights, abi::Right::PortReceive) ||
                               has_right(description.rights, abi::Right::PortDestroy);
    if (acts_as_owner && &static_cast<PortObject*>(found.object)->owner != &holder) return base::Error::EINVAL;
  }
  if (!is_channel) return found.object;
  const bool sends_nowhere = has_right(description.rights, abi::Right::ChannelSend) && !found.lane[description.end];
  const bool hears_nothing =
      has_right(description.rights, abi::Right::ChannelReceive) && !found.lane[1 - description.end];
  if (sends_nowhere || hears_nothing) return base::Error::EINVAL;
  return found.object;
}

}  // namespace

base::Result<void> initialize(const MemoryDescription& memory) {
  const Unlocked unlocked = boot_phase();
  if ((memory.cores & 1) == 0 || memory.cores >> kCoresMaximum != 0) return base::Error::EINVAL;
  if (memory.arena_bytes < kArenaPagesMinimum * base::kPageSize) return base::Error::ENOMEM;
  TRY(initialize_kernel_memory(unlocked, memory.arena_physical, memory.arena, memory.arena_bytes));
  vmids().with(unlocked, [](VmidAllocator& all, auto) { all.reset(); });
  state.silo_count = 0;
  state.object_count = 0;
  state.is_started = false;
  forget_threads();
  forget_images();
  reset_cores(memory.cores);
  reset_idle_report();
  forget_objects();
  forget_devices();
  forget_explanations();
  forget_links();
  reset_audit();
  reset_console_owner();
  reset_trace();
  return silo_frames().with(unlocked, [&](FrameAllocator& all, auto) -> base::Result<void> {
    all.reset();
    for (const MemoryRange& range : memory.silo_memory) {
      if (range.bytes % base::kPageSize != 0) return base::Error::EINVAL;
      TRY(all.add(FrameRange{range.start, base::PageCount(range.bytes / base::kPageSize)}));
    }
    return {};
  });
}

base::Result<base::SiloId> create_silo(const SiloDescription& description) {
  const Unlocked unlocked = boot_phase();
  if (state.is_started || !is_name(description.name) || !are_sane(description.quotas)) return base::Error::EINVAL;
  if (!is_sane(description.restart)) return base::Error::EINVAL;
  if (description.rate.burst > abi::kRateBurstMaximum || description.partition >= abi::kPartitionsMaximum)
    return base::Error::EINVAL;
  if (!is_watchdog(description.watchdog)) return base::Error::EINVAL;
  for (const Silo* const other : silos()) {
    if (other->name.view() == description.name) return base::Error::EEXIST;
  }
  if (state.silo_count == kSilosMaximum) return base::Error::ENOSPC;

  const base::SiloId id(state.silo_count);
  Silo* const silo = TRY(
      silo_pool.create(unlocked, SiloSettings{.id = id,
                                              .name = base::FixedName(description.name),
                                              .argument = description.argument,
                                              .quotas = description.quotas,
                                              .label = description.label,
                                              .may_reach = description.may_reach,
                                              .rate = rate_of(description.rate),
                                              .partition = static_cast<std::uint8_t>(description.partition),
                                              .restart = RestartPolicy(description.restart, port::clock_frequency()),
                                              .watchdog = ticks_of(description.watchdog)}));
  auto made = silo->space.create(unlocked);
  if (made.ok()) made = silo->capabilities.create(unlocked, id, description.capability_slots);
  if (made.ok()) made = back_quotas(unlocked, description.quotas);
  if (made.ok()) made = prepare_shared_memory(unlocked, *silo);
  if (!made.ok()) {
    discard(unlocked, *silo);
    return made.error();
  }
  for (Silo* const other : silos()) {
    if (other->may_reach.has(id.value())) silo->reached_by.add(other->id.value());
    if (silo->may_reach.has(other->id.value())) other->reached_by.add(id.value());
  }
  state.silos[state.silo_count++] = silo;
  return id;
}

base::Result<void> add_region(base::SiloId id, const RegionDescription& description) {
  const Unlocked unlocked = boot_phase();
  Silo& silo = *TRY(find_silo(id));
  const AddressRange range = TRY(AddressRange::make(description.address, description.size));
  if (description.data.size() > range.size().bytes() || description.name.size() > abi::kNameLengthMaximum)
    return base::Error::EINVAL;
  if (window_of(silo).overlaps(range)) return base::Error::EEXIST;
  if (range.overlaps(TRY(message_pages_range()))) return base::Error::EINVAL;

  const bool has_room = description.room.value() != 0;
  if (has_room && description.room.value() < range.size().value()) return base::Error::EINVAL;
  const base::PageCount size = has_room ? description.room : range.size();
  const FrameRange frames =
      TRY(silo_frames().with(unlocked, [&](FrameAllocator& all, auto) { return all.allocate(size, range.start()); }));
  const bool is_executable = description.access == port::Access::ReadExecute;
  auto done = fill_frames(frames, description.data, is_executable);
  const bool is_filled = done.ok();
  if (is_filled)
    done = silo.space.map(unlocked, range, frames.start, description.access, port::MemoryKind::Normal, !has_room);
  const bool is_mapped = is_filled && done.ok();
  if (is_mapped)
    done = silo.add_region(
        Region{base::FixedName(description.name), range, description.access, frames, description.data, has_room});
  if (done.ok()) return {};
  if (is_mapped && !silo.space.unmap(range).ok()) __builtin_trap();  // it was mapped just now
  give_back_frames(unlocked, frames);
  return done;
}

base::Result<void> add_thread(base::SiloId id, const ThreadDescription& description) {
  Silo& silo = *TRY(find_silo(id));
  if (!is_name(description.name) || description.entry.value() % 4 != 0) return base::Error::EINVAL;
  const Region* const code = silo.region_at(description.entry);
  if (code == nullptr || code->access != port::Access::ReadExecute) return base::Error::EINVAL;
  // The stack grows down from its pointer, so the byte below it is the first one used.
  if (description.stack_pointer.value() == 0) return base::Error::EINVAL;
  const Region* const stack = silo.region_at(base::SiloAddress(description.stack_pointer.value() - 1));
  if (stack == nullptr || stack->access != port::Access::ReadWrite) return base::Error::EINVAL;
  TRY(create_thread(silo, description));
  return {};
}

base::Result<std::uint32_t> create_port(const PortDescription& description) {
  Silo& owner = *TRY(find_silo(description.owner));
  TRY(check_object_name(description.name));
  PortObject* const port = TRY(make_manifest_port(boot_phase(), owner, description.name));
  return note_object(*port, description.contract);
}

base::Result<std::uint32_t> create_channel(const ChannelDescription& description) {
  const bool has_capacity = description.capacity >= 1 && description.capacity <= abi::kChannelCapacityMaximum;
  if (!has_capacity || (!description.forward && !description.backward)) return base::Error::EINVAL;
  TRY(check_object_name(description.name));
  ChannelObject* const channel =
      TRY(make_manifest_channel(boot_phase(), description.name, description.capacity, description.forward,
                                description.backward, description.redelivers));
  return note_object(*channel, description.contract, {description.forward, description.backward});
}

base::Result<std::uint32_t> create_region(const SharedRegionDescription& description) {
  TRY(check_object_name(description.name));
  RegionObject* const region = TRY(make_manifest_region(boot_phase(), description.name, description.size));
  return note_object(*region);
}

base::Result<std::uint32_t> create_async(const AsyncDescription& description) {
  if (description.capacity == 0 || description.capacity > abi::kAsyncCapacityMaximum) return base::Error::EINVAL;
  TRY(check_object_name(description.name));
  AsyncObject* const channel = TRY(make_manifest_async(boot_phase(), description.name, description.capacity));
  return note_object(*channel, description.contract);
}

base::Result<std::uint32_t> create_notification(const NotificationDescription& description) {
  TRY(check_object_name(description.name));
  NotificationObject* const notification = TRY(make_manifest_notification(boot_phase(), description.name));
  return note_object(*notification);
}

base::Result<std::uint32_t> create_semaphore(const SemaphoreDescription& description) {
  if (description.initial > abi::kSemaphoreMaximum) return base::Error::EINVAL;
  TRY(check_object_name(description.name));
  SemaphoreObject* const semaphore = TRY(make_manifest_semaphore(boot_phase(), description.name, description.initial));
  return note_object(*semaphore);
}

base::Result<std::uint32_t> create_interrupt(const InterruptDescription& description) {
  Silo& silo = *TRY(find_silo(description.silo));
  TRY(check_object_name(description.name));
  InterruptObject* const line = TRY(make_manifest_line(boot_phase(), description, silo));
  return note_object(*line);
}

base::Result<void> add_device(base::SiloId id, const DeviceDescription& description) {
  return give_device(boot_phase(), *TRY(find_silo(id)), description);
}

base::Result<void> install_capability(base::SiloId id, const CapabilityDescription& description) {
  Silo& holder = *TRY(find_silo(id));
  if ((description.rights & ~rights_of_type(description.type)) != 0) return base::Error::EINVAL;
  ipc::Object* const object = TRY(resolve(holder, description));
  if (!flow_permits(holder, *object, description.rights)) return base::Error::EACCES;
  const bool may_have_deadline =
      description.type == abi::ObjectType::Port || description.type == abi::ObjectType::Channel;
  if (description.deadline != 0 && !may_have_deadline) return base::Error::EINVAL;
  // Of the program that it is loaded with now; another image is looked at when somebody wants it (silo_images.hpp).
  TRY(check_contract(*object, description.contract.of_image[0]));
  const LinkNumber link = TRY(make_link(id, description.slot, description.deadline));
  const Grant grant{object, description.rights, description.badge, description.end, link};
  TRY(holder.capabilities.insert_at(boot_phase(), description.slot, grant));
  return note_manifest_capability(boot_phase(), holder, description.slot, grant, description.contract);
}

base::Result<void> add_window(base::CoreId core, std::uint32_t microseconds, std::uint32_t partition) {
  if (state.is_started || !core_runs(core) || partition > abi::kIdlePartition) return base::Error::EINVAL;
  return core_of(core).add_window(microseconds, static_cast<std::uint8_t>(partition));
}

base::Result<void> permit_publishing(std::string_view name, base::SiloId id, NameContracts contracts) {
  Silo& silo = *TRY(find_silo(id));
  if (!is_name(name)) return base::Error::EINVAL;
  return add_name(name, silo, contracts.of_name, contracts.of_program);
}

base::Result<void> permit_connecting(std::string_view name, base::SiloId id, std::uint64_t badge,
                                     std::uint64_t contract_of_program) {
  return add_connector(name, *TRY(find_silo(id)), badge, contract_of_program);
}

void set_once(bool once) { state.is_once = once; }
bool is_once() { return state.is_once; }

base::Result<Silo*> silo_of_number(std::uint64_t number) {
  if (number >= state.silo_count) return base::Error::EINVAL;
  return state.silos[number];
}

std::span<Silo* const> silos() { return {state.silos, state.silo_count}; }

void start() {
  state.is_started = true;
  for (std::uint32_t i = 0; i < state.object_count; ++i) settle_manifest_object(boot_phase(), *state.objects[i].object);
  begin_audit(state.silo_count);
  for (Silo* const silo : silos()) {
    if (!silo->start()) __builtin_trap();  // nothing has run, so each is ready
    silo->life.started = port::now();
    audit_life(this_core(), *silo, abi::AuditLife::Started);
  }
  for (std::uint32_t core = 0; core < kCoresMaximum; ++core) {
    if (core_runs(base::CoreId(core))) core_of(base::CoreId(core)).begin_schedule();
  }
  for (Silo* const silo : silos()) core_of(silo->core()).start_watchdog(*silo);
  set_console_mode(ConsoleMode::Buffered);
  if (reap_pending(this_core())) this_core().note_work(base::Priority(abi::kPriorityCount - 1));
  port::start_other_cores();
  // Nothing runs yet, so there is nothing to stay with: the most urgent thread is chosen, or the core idles.
  port::kernel_on_core_start();
}

}  // namespace kernel
