// SPDX-License-Identifier: Apache-2.0
//
// Regions in the windows of silos. Addresses are the kernel's choice: the lowest gap that holds the region and a guard
// page. The entries change in the order of design 2.2: invalid and visible first, then the flush of the space's VMID;
// only then is a page of the mapping gone.
#include <algorithm>

#include "kernel/object_kinds.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/region_objects.hpp"
#include "kernel/silo.hpp"

namespace kernel {

namespace {

using enum abi::QuotaKind;

constinit ObjectPool<Mapping> pool;

AddressRange pages_of(const Mapping& mapping, std::uint32_t first, std::uint32_t count) {
  const auto range = AddressRange::make(mapping.range.start() + first * base::kPageSize, base::PageCount(count));
  if (!range.ok()) __builtin_trap();  // a part of the mapping's own range
  return range.value();
}

void finish(Mapping& mapping, base::Result<void> outcome, const ipc::Delivery& delivery, ipc::WakeList& wakes) {
  if (ipc::Party* const party = mapping.waiter.pop_front()) {
    ipc::complete(*party, outcome, delivery);
    wakes.push_back(*party);
  }
}

/// From now on its pages go. Nothing happens if they are going already.
void begin_unmapping(Mapping& mapping, base::Result<void> outcome) {
  if (mapping.state == Mapping::State::Dying) return;
  if (mapping.state == Mapping::State::Live) mapping.region.work.push_back(mapping);
  mapping.state = Mapping::State::Dying;
  mapping.outcome = outcome;
}

void map_some(Unlocked unlocked, Mapping& mapping, ipc::WakeList& wakes) {
  RegionObject& region = mapping.region;
  const std::uint32_t pages = std::min(region.pages() - mapping.mapped, kRegionStepPages);
  const auto mapped = mapping.silo.space.map(unlocked, pages_of(mapping, mapping.mapped, pages),
                                             region.frames.start + mapping.mapped * base::kPageSize, mapping.access,
                                             port::MemoryKind::Normal, false);
  if (!mapped.ok()) return begin_unmapping(mapping, mapped);  // the space is at its end
  mapping.mapped += pages;
  if (mapping.mapped < region.pages()) return;
  mapping.state = Mapping::State::Live;
  region.work.remove(mapping);
  ipc::Delivery delivery = {};
  delivery.message.word[0] = mapping.range.start().value();
  delivery.message.word[1] = mapping.range.size().bytes();
  finish(mapping, {}, delivery, wakes);
}

void unmap_some(Mapping& mapping, ipc::WakeList& wakes) {
  RegionObject& region = mapping.region;
  Silo& silo = mapping.silo;
  const std::uint32_t pages = std::min(mapping.mapped, kRegionStepPages);
  if (pages != 0) {
    const AddressRange last = pages_of(mapping, mapping.mapped - pages, pages);
    if (!silo.space.unmap_pages(last).ok()) __builtin_trap();  // they were mapped, and by nobody else
    mapping.mapped -= pages;
  }
  if (mapping.mapped != 0) return;
  region.work.remove(mapping);
  --region.mappings;
  silo.shared.window.remove(mapping);
  silo.quota(MappedPages).give_back(region.pages());
  finish(mapping, mapping.outcome, {}, wakes);
  pool.give_back(mapping);
}

/// A mapping of which nothing is mapped yet, with its place and its charge.
base::Result<Mapping*> make_mapping(Unlocked unlocked, Silo& silo, const Capability& capability, port::Access access) {
  RegionObject& region = region_of(capability);
  const auto right = access == port::Access::ReadWrite ? abi::Right::RegionWrite : abi::Right::RegionRead;
  if (!has_right(capability.rights, right)) return base::Error::EPERM;
  if (silo.shared.window.count() == kMappingsPerSilo) return base::Error::ENOSPC;
  TRY(silo.quota(MappedPages).charge(region.pages()));
  const auto made = pool.create(unlocked, region, silo, capability.handle, access);
  const auto placed = made.ok() ? silo.shared.window.place(*made.value(), region.pages() + 1) : made.error();
  if (!placed.ok()) {
    if (made.ok()) pool.give_back(*made.value());
    silo.quota(MappedPages).give_back(region.pages());
    return placed.error();
  }
  Mapping& mapping = *made.value();
  mapping.range = TRY(AddressRange::make(kSharedWindow + mapping.first_page * base::kPageSize, region.frames.size));
  region.work.push_back(mapping);
  ++region.mappings;
  return &mapping;
}

}  // namespace

Mapping* SharedMemory::mapping_at(base::SiloAddress address) const {
  if (address < kSharedWindow) return nullptr;
  PageRun* const run = window.find((address - kSharedWindow) / base::kPageSize);
  if (run == nullptr || !Mapping::of(*run).range.contains(address)) return nullptr;
  return &Mapping::of(*run);
}

AddressRange window_of(const Silo& silo) {
  const auto range = AddressRange::make(kSharedWindow, base::PageCount(silo.shared.window.size()));
  return range.ok() ? range.value() : AddressRange();
}

base::Result<void> prepare_shared_memory(Unlocked unlocked, Silo& silo) {
  const std::uint32_t mapped_pages = silo.quota(MappedPages).limit();
  if (mapped_pages != 0) {
    const std::uint64_t pages = shared_window_pages(mapped_pages);
    const AddressRange window = TRY(AddressRange::make(kSharedWindow, base::PageCount(pages)));
    TRY(silo.space.prepare(unlocked, window));
    TRY(pool.reserve(unlocked, kMappingsPerSilo));
    silo.shared.window.set_size(static_cast<std::uint32_t>(pages));
  }
  const std::uint32_t ground_pages = silo.quota(RegionPages).limit();
  if (ground_pages != 0) {
    const FrameRange frames = TRY(silo_frames().with(unlocked, [&](FrameAllocator& all, auto) {
      return all.allocate(base::PageCount(ground_pages), base::SiloAddress());
    }));
    silo.shared.ground_start = frames.start;
    silo.shared.ground.set_size(ground_pages);
  }
  return {};
}

void give_back_ground(Unlocked unlocked, Silo& silo) {
  const base::PageCount pages(silo.shared.ground.size());
  if (pages.value() == 0) return;
  silo_frames().with(unlocked, [&](FrameAllocator& all, auto) {
    if (!all.give_back({silo.shared.ground_start, pages}).ok()) __builtin_trap();  // they were ours
  });
  silo.shared.ground.set_size(0);
}

std::uint32_t live_mappings() { return pool.live(); }

void work_on_mapping(Unlocked unlocked, Mapping& mapping, ipc::WakeList& wakes) {
  if (mapping.state == Mapping::State::Growing) {
    map_some(unlocked, mapping, wakes);
  } else {
    unmap_some(mapping, wakes);
  }
}

ipc::Outcome map_region(Unlocked unlocked, ipc::Party& caller, Silo& silo, const Capability& capability,
                        port::Access access, ipc::WakeList& wakes) {
  const auto made = make_mapping(unlocked, silo, capability, access);
  if (!made.ok()) {
    ipc::complete(caller, made.error());
    return ipc::Outcome::Completed;
  }
  return work_for(unlocked, caller, made.value()->region, made.value()->waiter, wakes);
}

ipc::Outcome unmap_region(Unlocked unlocked, ipc::Party& caller, Silo& silo, const Capability& capability,
                          base::SiloAddress address, ipc::WakeList& wakes) {
  Mapping* const mapping = silo.shared.mapping_at(address);
  const bool is_this =
      mapping != nullptr && mapping->range.start() == address && &mapping->region == &region_of(capability);
  if (!is_this || mapping->state != Mapping::State::Live) {
    ipc::complete(caller, is_this ? base::Error::EBUSY : base::Error::EINVAL);
    return ipc::Outcome::Completed;
  }
  begin_unmapping(*mapping, {});
  return work_for(unlocked, caller, mapping->region, mapping->waiter, wakes);
}

void note_region_departure(const Departure& departure) {
  RegionObject& region = static_cast<RegionObject&>(*departure.object);
  bool is_work = departure.is_last;
  if (departure.holder < silos().size()) {
    const PageRuns& window = silos()[departure.holder]->shared.window;
    for (PageRun* run = window.first(); run != nullptr; run = window.next(*run)) {
      Mapping& mapping = Mapping::of(*run);
      if (&mapping.region != &region || mapping.handle != departure.handle) continue;
      begin_unmapping(mapping, base::Error::EPIPE);
      is_work = true;
    }
  }
  if (is_work) begin_ending(region);
}

bool region_is_mapped(const RegionObject& region) { return region.mappings != 0; }

}  // namespace kernel
