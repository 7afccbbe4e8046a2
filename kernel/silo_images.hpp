// SPDX-License-Identifier: Apache-2.0
//
// The images that a silo can be loaded with. Most silos have one, and no list of it. One that has several keeps for
// each of them where its regions lie, what they begin with and where its threads begin; regions, threads, frames,
// capabilities and quotas are the silo's and the same for all of them. An operator chooses another one
// (SYSTEM_REPLACE): its checksums are verified in steps while the silo goes on with what it has; only then it is
// restarted with it, and every later restart loads the same one.
//
// INVARIANT: the silo's regions are those of the image `current`, but for the steps in which it is being loaded.
// INVARIANT: an image is `next` only after its checksums were right.
// INVARIANT: a silo with several images is mapped by pages, and the tables for each of them were made at boot: to map
// another one takes no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "ipc/abi/abi.hpp"
#include "ipc/party.hpp"
#include "kernel/address_space.hpp"
#include "kernel/base/fixed_name.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"
#include "kernel/kernel_memory.hpp"
#include "kernel/limits.hpp"

namespace kernel {

struct ManifestCapability;
class Silo;

struct ImageRegion {
  AddressRange range;
  std::span<const std::byte> data = {};
  std::uint32_t checksum = 0;
};

struct ImageThread {
  base::SiloAddress entry;
  base::SiloAddress stack_pointer;
  std::uint64_t argument = 0;
};

/// Region for region and thread for thread as the silo has them.
struct SiloImage {
  base::FixedName name;
  std::uint32_t regions = 0;
  std::uint32_t threads = 0;
  ImageRegion region[kRegionsPerSilo] = {};
  ImageThread thread[kThreadsPerSilo] = {};
};

struct SiloImages {
  SiloImage* image[abi::kImagesPerSiloMaximum] = {};
  std::uint8_t count = 0;  ///< 0: the one that it has is not listed
  std::uint8_t current = 0;
  std::uint8_t next = 0;    ///< what its next beginning loads
  bool is_moving = false;   ///< while it is being loaded with another one: its regions are mapped anew
  bool is_wanted = false;   ///< an operator wants `wanted`
  bool is_checked = false;  ///< and it is sound
  std::uint8_t wanted = 0;
  std::uint16_t wanted_by = 0;  ///< a silo
  // While it is being checked: how far.
  std::uint32_t region = 0;
  std::uint64_t done = 0;  ///< bytes of the region
  std::uint32_t sum = 0;
  const ManifestCapability* capability = nullptr;  ///< whose contract comes next
  ipc::PartyQueue replacers;                       ///< who waits for that; one at most
};

/// Start of boot: there is none.
void forget_images();

/// What SYSTEM_LIFE tells: 1 if it is not listed.
std::uint32_t image_count(const Silo& silo);

/// Of a further image that it runs; empty while that is the one of boot.
std::string_view image_name(const Silo& silo);

/// SYSTEM_REPLACE, on the silo's core. EINVAL: it has no such image; EBADMSG: that one lacks a region or a thread of
/// the silo; EBUSY: another request is being looked at.
base::Result<void> request_image(Silo& silo, std::uint64_t image, base::SiloId by);

/// Looks at some of the data and contracts of what is wanted. EAGAIN: not at all yet; EBADMSG: it is damaged;
/// EPROTOTYPE: it was built with another contract than one of the silo's objects has.
base::Result<void> check_some(Silo& silo);

/// Some pages of the old image are unmapped; true when all are, and the silo's regions and threads are the next one's.
bool move_some(Silo& silo);

}  // namespace kernel
