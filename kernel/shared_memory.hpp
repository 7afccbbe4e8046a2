// SPDX-License-Identifier: Apache-2.0
//
// What a silo has for shared regions, all of it set aside when the silo is made, so that no other silo can take it:
// the window, addresses in which the kernel maps regions, with every table page of stage 2 that it can need; the
// ground, frames of which the silo makes its own regions; and room for its mappings. So mapping and creating fail for
// want of memory only by the silo's own doing (docs/decisions/0020).
//
// INVARIANT: behind every mapping lies one page of the window in which nothing is ever mapped while the mapping lives.
// INVARIANT: a page of the ground that no region has is zero or has never been a region's.
#pragma once

#include <cstdint>

#include "ipc/party.hpp"
#include "kernel/address_space.hpp"
#include "kernel/frame_allocator.hpp"
#include "kernel/page_runs.hpp"

namespace kernel {

class Silo;
struct RegionObject;

/// Far above everything that `granary build` lays out, and half of the address space.
inline constexpr base::SiloAddress kSharedWindow{0x40'0000'0000};
inline constexpr std::uint32_t kMappingsPerSilo = abi::kMappingsPerSiloMaximum;

/// The window of a silo that may map so many pages: one guard page more for each mapping.
constexpr std::uint64_t shared_window_pages(std::uint64_t mapped_pages) {
  return mapped_pages == 0 ? 0 : mapped_pages + kMappingsPerSilo;
}
/// Table pages of that window: one for 2 MiB, and one for 1 GiB of those.
constexpr std::uint64_t shared_window_table_pages(std::uint64_t mapped_pages) {
  const std::uint64_t tables = (shared_window_pages(mapped_pages) + 511) / 512;
  return tables + (tables + 511) / 512;
}
static_assert(kSharedWindow.value() % (std::uint64_t{1} << 30) == 0, "as few tables as its size says");

/// One region in one silo's window. The run is that of its pages in the window and the guard page behind them.
struct Mapping : PageRun {
  enum class State : std::uint8_t {
    Growing,  ///< its pages are being mapped, from the first on
    Live,
    Dying  ///< its pages are being unmapped, from the last on
  };

  Mapping(RegionObject& of_region, Silo& into, std::uint64_t through, port::Access granted)
      : region(of_region), silo(into), handle(through), access(granted) {}

  RegionObject& region;
  Silo& silo;
  const std::uint64_t handle;  ///< by which it was made; it goes when that capability goes
  AddressRange range;
  const port::Access access;
  State state = State::Growing;
  std::uint32_t mapped = 0;           ///< how many of its pages are mapped
  base::Result<void> outcome = {};    ///< what whoever waits for its end is told
  base::ListNode<Mapping> work_node;  ///< in RegionObject::work unless Live
  ipc::PartyQueue waiter;             ///< whose call the kernel works on; nobody if that thread has ended

  /// SAFETY of the cast: the runs of a window are mappings (region_mappings.cpp).
  static Mapping& of(PageRun& run) { return static_cast<Mapping&>(run); }
};

struct SharedMemory {
  PageRuns window;  ///< Mappings, in pages from kSharedWindow on
  PageRuns ground;  ///< the silo's regions, in pages from ground_start on
  base::PhysicalAddress ground_start;

  /// The mapping that has this address, null if there is none: at most kMappingsPerSilo steps.
  Mapping* mapping_at(base::SiloAddress address) const;
};

}  // namespace kernel
