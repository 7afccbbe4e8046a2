// SPDX-License-Identifier: Apache-2.0
//
// Shared regions: whole pages of zeroed memory that silos map by capability, read-only or read-write, never executable.
// Everything that grows with a region's size goes in steps of kRegionStepPages, with interrupts taken between two
// (Core::work, reap()): zeroing, mapping, unmapping, scrubbing. A call whose work is not over with its first step
// blocks its thread, and the step that ends the work completes it. If the thread ends meanwhile, the work ends without
// it.
//
// INVARIANT: a region's frames are zero before the first capability to it exists, and zero again before they can be
// another region's: they are scrubbed when no capability names it and nothing maps it any more.
// INVARIANT: a mapping lives no longer than the capability by which it was made, and is writable only if that one was.
// INVARIANT: before a page is scrubbed, its entry in every space that had it is invalid and no TLB holds it.
// INVARIANT: whatever is charged stays charged until its memory can be used again.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernel/objects.hpp"
#include "kernel/shared_memory.hpp"

namespace kernel {

inline constexpr std::uint32_t kRegionStepPages = 16;

struct RegionObject : ipc::Object, PageRun {
  enum class State : std::uint8_t { Zeroing, Ready, Scrubbing };

  RegionObject(Silo* pays, Silo* from) : Object(abi::ObjectType::Region), charged_to(pays), home(from) {}

  Silo* charged_to;  ///< Regions and RegionPages; null if the manifest made it
  Silo* const home;  ///< in whose ground the frames lie; null: they are of silo_frames() itself
  FrameRange frames = {};
  State state = State::Zeroing;
  std::uint32_t done = 0;                                  ///< pages that are zeroed, while Zeroing or Scrubbing
  std::uint32_t mappings = 0;                              ///< in whatever state
  ipc::PartyQueue creator;                                 ///< while Zeroing: who waits for the handle
  base::IntrusiveList<Mapping, &Mapping::work_node> work;  ///< mappings that are Growing or Dying

  std::uint32_t pages() const { return static_cast<std::uint32_t>(frames.size.value()); }
};

RegionObject& region_of(const Capability& capability);  ///< its object is a region

/// A silo's share (shared_memory.hpp), at boot: window and tables, ground, room for mappings. ENOMEM; the silo is of no
/// use then.
base::Result<void> prepare_shared_memory(Unlocked, Silo& silo);
void give_back_ground(Unlocked, Silo& silo);
/// Where the silo's mappings lie; empty if it may make none.
AddressRange window_of(const Silo& silo);

// Calls. Each completes `caller` or blocks it for the kernel's steps (Waiting::Kernel); then there is work for reap().

/// A region of `pages` for the caller's silo. Word 0: the handle of its first capability, with every right. EINVAL no
/// pages or too many; EDQUOT; ENOSPC the table is full; ENOMEM the silo's ground is too fragmented.
ipc::Outcome create_region(Unlocked, ipc::Party& caller, Silo& silo, std::uint64_t pages, ipc::WakeList& wakes);
/// Maps the region of `capability` into the caller's silo. Word 0: the address, word 1: bytes. EPERM it does not permit
/// `access`; EDQUOT; ENOSPC kMappingsPerSilo are there; ENOMEM the silo's window is too fragmented; EPIPE the
/// capability went before the end.
ipc::Outcome map_region(Unlocked, ipc::Party& caller, Silo& silo, const Capability& capability, port::Access access,
                        ipc::WakeList& wakes);
/// Unmaps the mapping of that region that begins at `address`. EINVAL there is none in this silo; EBUSY another
/// thread's call is making or ending it.
ipc::Outcome unmap_region(Unlocked, ipc::Party& caller, Silo& silo, const Capability& capability,
                          base::SiloAddress address, ipc::WakeList& wakes);

/// The manifest's, at boot: zeroed at once, charged to nobody. ENOMEM.
base::Result<RegionObject*> make_manifest_region(Unlocked, std::string_view name, base::PageCount pages);

/// A capability of a region has gone: what was mapped through it goes.
void note_region_departure(const Departure& departure);

/// Whether any silo maps it, or is about to, or has not yet ceased to.
bool region_is_mapped(const RegionObject& region);
/// Whether change_owner() would succeed.
bool can_own(const RegionObject& region, const Silo& to);
/// `to` pays for the region from now on, whoever did before. EDQUOT; nothing has changed then. A region that the
/// manifest made is charged to nobody and stays so.
base::Result<void> change_owner(RegionObject& region, Silo& to);

}  // namespace kernel
