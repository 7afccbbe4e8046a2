// SPDX-License-Identifier: Apache-2.0
//
// Loading a silo that comes back (silo_restart.hpp), step by step: regions from the system image and zero, the message
// pages of its threads, the manifest's capabilities, its threads; then it runs (Core::run_again).
#include <algorithm>

#include "kernel/core.hpp"
#include "kernel/manifest_capabilities.hpp"
#include "kernel/message_page.hpp"
#include "kernel/silo.hpp"
#include "kernel/silo_memory.hpp"
#include "kernel/silo_restart.hpp"

namespace kernel {

namespace {

using Part = SiloLife::Part;

/// Of a region, loaded in one step.
constexpr std::uint64_t kPagesPerStep = 4;

/// The next pages of the region; true when it is as after boot.
bool load_some(Unlocked unlocked, Silo& silo, const Region& region, std::uint64_t& page) {
  const std::uint64_t pages = std::min(region.range.size().value() - page, kPagesPerStep);
  const std::uint64_t offset = page * base::kPageSize;
  const std::uint64_t left = region.data.size() > offset ? region.data.size() - offset : 0;
  const FrameRange piece{region.frames.start + offset, base::PageCount(pages)};
  const auto data =
      left == 0 ? std::span<const std::byte>() : region.data.subspan(offset, std::min(left, piece.size.bytes()));
  if (!fill_frames(piece, data, region.access == port::Access::ReadExecute).ok()) __builtin_trap();  // RAM, as at boot
  if (silo.images.is_moving) {
    const auto range = AddressRange::make(region.range.start() + offset, piece.size);
    // Nothing lies there, and there are tables for it since boot (add_image_region).
    if (!range.ok() ||
        !silo.space.map(unlocked, range.value(), piece.start, region.access, port::MemoryKind::Normal, false).ok())
      __builtin_trap();
  }
  page += pages;
  return page == region.range.size().value();
}

}  // namespace

bool Core::load_step(Unlocked held, Silo& silo) {
  SiloLife& life = silo.life;
  switch (life.part) {
    case Part::AnotherImage:
      if (move_some(silo)) life.part = Part::Regions;
      return true;
    case Part::Regions:
      if (life.index == silo.regions().size()) {
        silo.images.is_moving = false;
        life.index = 0;
        life.part = Part::MessagePages;
      } else if (load_some(held, silo, silo.regions()[life.index], life.page)) {
        life.page = 0;
        ++life.index;
      }
      return true;
    case Part::MessagePages:
      if (life.index == silo.threads().size()) {
        life.index = 0;
        life.part = Part::Capabilities;
      } else {
        clear_message_page(silo.threads()[life.index++]->message_page());
      }
      return true;
    case Part::Capabilities: {
      const auto given = give_some_again(held, silo);
      if (given.ok()) {
        if (given.value()) life.part = Part::Threads;
        return true;
      }
      if (given.error() == base::Error::EAGAIN) return false;
      life.reason = given.error() == base::Error::EPROTOTYPE ? abi::StaysDownReason::OtherContract
                                                             : abi::StaysDownReason::NoCapability;
      leave(silo);
      return true;
    }
    case Part::Threads:
      if (life.index != silo.threads().size()) {
        silo.threads()[life.index++]->begin_again();
      } else {
        run_again(silo);
      }
      return true;
  }
  return false;
}

}  // namespace kernel
