// SPDX-License-Identifier: Apache-2.0
//
// Images of silos: see silo_images.hpp. Boot adds them (system.hpp); core_images.cpp restarts a silo with another one.
#include "kernel/silo_images.hpp"

#include <algorithm>

#include "kernel/contracts.hpp"
#include "kernel/manifest_capabilities.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/port/memory_window.hpp"
#include "kernel/silo.hpp"
#include "kernel/system.hpp"
#include "kernel/thread.hpp"

namespace kernel {

namespace {

/// Of an image, checked in one step.
constexpr std::uint64_t kCheckedPerStep = 2 * base::kPageSize;
constexpr std::uint32_t kContractsPerStep = 32;
/// Of a region, unmapped in one step.
constexpr std::uint64_t kUnmappedPerStep = 16;

constinit ObjectPool<SiloImage> image_pool;

/// SAFETY: boot runs with interrupts masked and holds no lock.
Unlocked boot_phase() { return base::hold_nothing(base::TokenSource::interrupts_masked()); }

/// Before the silo has run.
base::Result<Silo*> silo_at_boot(base::SiloId id) {
  Silo* const silo = TRY(silo_of_number(id.value()));
  if (silo->state() != abi::SiloState::Ready) return base::Error::EINVAL;
  return silo;
}

base::Result<SiloImage*> last_image(Silo& silo) {
  if (silo.images.count < 2) return base::Error::EINVAL;
  return silo.images.image[silo.images.count - 1];
}

/// The one that it is loaded with at boot, put first.
base::Result<void> list_first(Silo& silo) {
  for (const Region& region : silo.regions()) {
    if (!region.has_room) return base::Error::EINVAL;
  }
  SiloImage& first = *TRY(image_pool.create(boot_phase()));
  first.name = base::FixedName("main");
  for (const Region& region : silo.regions()) {
    // Boot has just verified what the image says of them, and copied them.
    const std::uint32_t sum = port::crc32(0, region.data.data(), region.data.size());
    first.region[first.regions++] = {region.range, region.data, sum};
  }
  for (const Thread* const thread : silo.threads()) first.thread[first.threads++] = thread->beginning();
  silo.images.image[silo.images.count++] = &first;
  return {};
}

const ImageRegion* region_of(const SiloImage& image, base::SiloAddress address, std::uint32_t& index) {
  for (index = 0; index < image.regions; ++index) {
    if (image.region[index].range.contains(address)) return &image.region[index];
  }
  return nullptr;
}

bool lies_in(const Silo& silo, const SiloImage& image, base::SiloAddress address, port::Access access) {
  std::uint32_t index = 0;
  return region_of(image, address, index) != nullptr && silo.regions()[index].access == access;
}

}  // namespace

void forget_images() { image_pool.forget(); }
std::uint64_t image_pages_for(std::uint32_t images) { return ObjectPool<SiloImage>::pages_for(images); }

base::Result<void> add_image(base::SiloId id, std::string_view name) {
  Silo& silo = *TRY(silo_at_boot(id));
  if (name.empty() || name.size() > abi::kNameLengthMaximum) return base::Error::EINVAL;
  if (silo.images.count == abi::kImagesPerSiloMaximum) return base::Error::ENOSPC;
  if (silo.images.count == 0) TRY(list_first(silo));
  for (std::uint32_t i = 0; i < silo.images.count; ++i) {
    if (silo.images.image[i]->name.view() == name) return base::Error::EEXIST;
  }
  SiloImage& image = *TRY(image_pool.create(boot_phase()));
  image.name = base::FixedName(name);
  silo.images.image[silo.images.count++] = &image;
  return {};
}

base::Result<void> add_image_region(base::SiloId id, const ImageRegionDescription& description) {
  Silo& silo = *TRY(silo_at_boot(id));
  SiloImage& image = *TRY(last_image(silo));
  if (image.regions == silo.regions().size()) return base::Error::EINVAL;
  const Region& region = silo.regions()[image.regions];
  const AddressRange range = TRY(AddressRange::make(description.address, description.size));
  // Nothing but regions of the silo lies below that, so it overlaps nothing but perhaps another one of this image.
  if (range.end().value() > abi::kMessagePagesStart) return base::Error::EINVAL;
  if (region.name.view() != description.name || region.access != description.access ||
      range.size().value() > region.frames.size.value() || description.data.size() > range.size().bytes())
    return base::Error::EINVAL;
  for (std::uint32_t i = 0; i < image.regions; ++i) {
    if (image.region[i].range.overlaps(range)) return base::Error::EEXIST;
  }
  TRY(silo.space.prepare(boot_phase(), range));
  image.region[image.regions++] = {range, description.data, description.checksum};
  return {};
}

base::Result<void> add_image_thread(base::SiloId id, const ImageThreadDescription& description) {
  Silo& silo = *TRY(silo_at_boot(id));
  SiloImage& image = *TRY(last_image(silo));
  constexpr std::uint64_t kInstruction = 4, kStackAlignment = 16;
  if (image.threads == silo.threads().size() || silo.threads()[image.threads]->name() != description.name)
    return base::Error::EINVAL;
  const std::uint64_t stack = description.stack_pointer.value();
  if (description.entry.value() % kInstruction != 0 || stack % kStackAlignment != 0 || stack == 0)
    return base::Error::EINVAL;
  if (!lies_in(silo, image, description.entry, port::Access::ReadExecute) ||
      !lies_in(silo, image, base::SiloAddress(stack - 1), port::Access::ReadWrite))
    return base::Error::EINVAL;
  image.thread[image.threads++] = {description.entry, description.stack_pointer, description.argument};
  return {};
}

std::uint32_t image_count(const Silo& silo) { return silo.images.count == 0 ? 1 : silo.images.count; }

std::string_view image_name(const Silo& silo) {
  return silo.images.current == 0 ? std::string_view() : silo.images.image[silo.images.current]->name.view();
}

base::Result<void> request_image(Silo& silo, std::uint64_t number, base::SiloId by) {
  SiloImages& images = silo.images;
  if (number >= images.count) return base::Error::EINVAL;
  if (images.is_wanted) return base::Error::EBUSY;
  const SiloImage& image = *images.image[number];
  if (image.regions != silo.regions().size() || image.threads != silo.threads().size()) return base::Error::EBADMSG;
  images.is_wanted = true;
  images.is_checked = false;
  images.wanted = static_cast<std::uint8_t>(number);
  images.wanted_by = static_cast<std::uint16_t>(by.value());
  images.region = 0;
  images.capability = silo.manifest.first;
  images.done = 0;
  images.sum = 0;
  return {};
}

base::Result<void> check_some(Silo& silo) {
  SiloImages& images = silo.images;
  const SiloImage& image = *images.image[images.wanted];
  if (images.region == image.regions) {
    for (std::uint32_t step = 0; step < kContractsPerStep && images.capability != nullptr; ++step) {
      TRY(check_contract(*images.capability->object, images.capability->contract.of_image[images.wanted]));
      images.capability = images.capability->next;
    }
    if (images.capability != nullptr) return base::Error::EAGAIN;
    images.is_checked = true;
    return {};
  }
  const ImageRegion& region = image.region[images.region];
  const std::uint64_t bytes = std::min<std::uint64_t>(region.data.size() - images.done, kCheckedPerStep);
  images.sum = port::crc32(images.sum, region.data.data() + images.done, bytes);
  images.done += bytes;
  if (images.done != region.data.size()) return base::Error::EAGAIN;
  if (!region.data.empty() && images.sum != region.checksum) return base::Error::EBADMSG;
  images.done = 0;
  images.sum = 0;
  ++images.region;
  return base::Error::EAGAIN;
}

bool move_some(Silo& silo) {
  SiloImages& images = silo.images;
  SiloLife& life = silo.life;
  if (life.index < silo.regions().size()) {
    const AddressRange range = silo.regions()[life.index].range;
    const base::PageCount pages(std::min(range.size().value() - life.page, kUnmappedPerStep));
    const auto piece = AddressRange::make(range.start() + life.page * base::kPageSize, pages);
    // It is mapped by pages, each of them.
    if (!piece.ok() || !silo.space.unmap_pages(piece.value()).ok()) __builtin_trap();
    life.page += pages.value();
    if (life.page != range.size().value()) return false;
    life.page = 0;
    ++life.index;
    return false;
  }
  const SiloImage& image = *images.image[images.next];
  for (std::uint32_t i = 0; i < image.regions; ++i) silo.replace_region(i, image.region[i].range, image.region[i].data);
  for (std::uint32_t i = 0; i < image.threads; ++i) silo.threads()[i]->begins_at(image.thread[i]);
  images.current = images.next;
  life.index = 0;
  return true;
}

}  // namespace kernel
