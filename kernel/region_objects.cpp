// SPDX-License-Identifier: Apache-2.0
//
// Beginnings and ends of regions; their mappings are in region_mappings.cpp. The pool is touched in shared sections.
#include "kernel/region_objects.hpp"

#include <algorithm>

#include "kernel/object_kinds.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/silo.hpp"
#include "kernel/silo_memory.hpp"

namespace kernel {

namespace {

using enum abi::QuotaKind;

/// Where it is in physical memory is for those to know whom the manifest names.
constexpr std::uint64_t kAllRights =
    rights_of_type(abi::ObjectType::Region) & ~static_cast<std::uint64_t>(abi::Right::RegionPhysical);

constinit ObjectPool<RegionObject> pool;

base::Result<void> charge(Silo& silo, std::uint32_t pages) {
  TRY(silo.quota(Regions).charge(1));
  const auto charged = silo.quota(RegionPages).charge(pages);
  if (!charged.ok()) silo.quota(Regions).give_back(1);
  return charged;
}

void give_back_charge(Silo& silo, std::uint32_t pages) {
  silo.quota(RegionPages).give_back(pages);
  silo.quota(Regions).give_back(1);
}

void give_back_frames(Unlocked unlocked, FrameRange frames) {
  silo_frames().with(unlocked, [&](FrameAllocator& all, auto) {
    if (!all.give_back(frames).ok()) __builtin_trap();  // they were ours
  });
}

/// Nothing names it, nothing maps it, and its frames are zero or were never seen by a silo.
void free_region(Unlocked unlocked, RegionObject& region) {
  if (region.home != nullptr) {
    region.home->shared.ground.remove(region);
  } else {
    give_back_frames(unlocked, region.frames);
  }
  if (region.charged_to != nullptr) give_back_charge(*region.charged_to, region.pages());
  pool.give_back(region);
}

/// Zeroes the next pages; true when all are. C1, C6: silo_memory.hpp.
bool zero_some(RegionObject& region) {
  const std::uint32_t pages = std::min(region.pages() - region.done, kRegionStepPages);
  const FrameRange piece{region.frames.start + region.done * base::kPageSize, base::PageCount(pages)};
  if (!fill_frames(piece, {}, false).ok()) __builtin_trap();  // whole pages of RAM, and the window is closed
  region.done += pages;
  return region.done == region.pages();
}

/// A step of making a region; true when there is nothing left to do.
bool create_some(Unlocked unlocked, RegionObject& region, ipc::WakeList& wakes) {
  Silo& silo = *region.charged_to;
  const bool is_wanted = !region.creator.is_empty() && !silo.has_stopped();
  if (is_wanted && !zero_some(region)) return false;
  const auto handle = is_wanted ? silo.capabilities.insert(unlocked, Grant{&region, kAllRights, 0, 0})
                                : base::Result<std::uint64_t>(base::Error::EPIPE);
  if (ipc::Party* const creator = region.creator.pop_front()) {
    ipc::Delivery delivery = {};
    if (handle.ok()) delivery.message.word[0] = handle.value();
    ipc::complete(*creator, handle.ok() ? base::Result<void>() : handle.error(), delivery);
    wakes.push_back(*creator);
  }
  region.state = RegionObject::State::Ready;
  if (!handle.ok()) free_region(unlocked, region);
  return true;
}

bool scrub_some(Unlocked unlocked, RegionObject& region) {
  if (region.state == RegionObject::State::Ready) {
    region.state = RegionObject::State::Scrubbing;
    region.done = 0;
  }
  if (!zero_some(region)) return false;
  free_region(unlocked, region);
  return true;
}

}  // namespace

std::uint32_t live_regions() { return pool.live(); }

base::Result<void> back_regions(Unlocked unlocked, std::uint32_t regions) { return pool.reserve(unlocked, regions); }

ipc::Outcome create_region(Unlocked unlocked, ipc::Party& caller, Silo& silo, std::uint64_t pages,
                           ipc::WakeList& wakes) {
  const auto refuse = [&](base::Error error) {
    ipc::complete(caller, error);
    return ipc::Outcome::Completed;
  };
  if (pages == 0 || pages > abi::kRegionPagesMaximum) return refuse(base::Error::EINVAL);
  if (silo.capabilities.room() < 1) return refuse(base::Error::ENOSPC);
  const auto page_count = static_cast<std::uint32_t>(pages);
  const auto charged = charge(silo, page_count);
  if (!charged.ok()) return refuse(charged.error());
  const auto made = pool.create(unlocked, &silo, &silo);
  const auto placed = made.ok() ? silo.shared.ground.place(*made.value(), page_count) : made.error();
  if (!placed.ok()) {
    if (made.ok()) pool.give_back(*made.value());
    give_back_charge(silo, page_count);
    return refuse(placed.error());
  }
  RegionObject& region = *made.value();
  region.frames = {silo.shared.ground_start + region.first_page * base::kPageSize, base::PageCount(pages)};
  return work_for(unlocked, caller, region, region.creator, wakes);
}

base::Result<RegionObject*> make_manifest_region(Unlocked unlocked, std::string_view name, base::PageCount pages) {
  if (pages.value() == 0 || pages.value() > abi::kRegionPagesMaximum) return base::Error::EINVAL;
  const FrameRange frames = TRY(silo_frames().with(
      unlocked, [&](FrameAllocator& all, auto) { return all.allocate(pages, base::SiloAddress()); }));
  Silo* const nobody = nullptr;
  const auto backed = back_regions(unlocked, 1);
  const auto made = backed.ok() ? pool.create(unlocked, nobody, nobody) : backed.error();
  const auto filled = made.ok() ? fill_frames(frames, {}, false) : made.error();
  if (!filled.ok()) {
    if (made.ok()) pool.give_back(*made.value());
    give_back_frames(unlocked, frames);
    return filled.error();
  }
  RegionObject& region = *made.value();
  region.name = base::FixedName(name);
  region.frames = frames;
  region.state = RegionObject::State::Ready;
  return &region;
}

bool can_own(const RegionObject& region, const Silo& to) {
  if (region.charged_to == nullptr || region.charged_to == &to) return true;
  return to.quota(abi::QuotaKind::Regions).room() >= 1 &&
         to.quota(abi::QuotaKind::RegionPages).room() >= region.pages();
}

base::Result<void> change_owner(RegionObject& region, Silo& to) {
  if (region.charged_to == nullptr || region.charged_to == &to) return {};
  TRY(charge(to, region.pages()));
  give_back_charge(*region.charged_to, region.pages());
  region.charged_to = &to;
  return {};
}

bool end_region(Unlocked unlocked, RegionObject& region, ipc::WakeList& wakes) {
  if (region.state == RegionObject::State::Zeroing) return create_some(unlocked, region, wakes);
  if (!region.work.is_empty()) {
    work_on_mapping(unlocked, *region.work.front(), wakes);
  } else if (region.references == 0 && region.mappings == 0 && !region.is_kept) {
    return scrub_some(unlocked, region);
  }
  const bool is_to_be_scrubbed = region.references == 0 && region.mappings == 0 && !region.is_kept;
  return region.work.is_empty() && !is_to_be_scrubbed;
}

ipc::Outcome work_for(Unlocked unlocked, ipc::Party& caller, RegionObject& region, ipc::PartyQueue& place,
                      ipc::WakeList& wakes) {
  static_cast<void>(ipc::wait_for_kernel(caller, place, region));
  if (!end_region(unlocked, region, wakes)) begin_ending(region);
  if (caller.waiting == ipc::Waiting::Kernel) return ipc::Outcome::Blocked;
  wakes.remove(caller);  // it has never slept
  return ipc::Outcome::Completed;
}

}  // namespace kernel
