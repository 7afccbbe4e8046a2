// SPDX-License-Identifier: Apache-2.0
//
// Opening and surveying an image; loading is in system_image_load.cpp. Node kinds and their properties are in
// image_nodes.hpp.
#include "boot/system_image.hpp"

#include "boot/image_nodes.hpp"
#include "ipc/abi/abi.hpp"
#include "ipc/abi/system_image.hpp"
#include "ipc/channel.hpp"
#include "ipc/message_pool.hpp"
#include "kernel/audit.hpp"
#include "kernel/base/address.hpp"
#include "kernel/capability_table.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/interrupt_objects.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/objects.hpp"
#include "kernel/port/memory_window.hpp"
#include "kernel/region_objects.hpp"
#include "kernel/silo.hpp"
#include "kernel/system.hpp"
#include "kernel/thread.hpp"
#include "kernel/trace.hpp"

namespace boot {

namespace {

constexpr std::uint32_t kHeader = abi::kSystemImageHeaderBytes;

/// CRC-32 of the blob with the four bytes at `hole` taken as zero.
std::uint32_t blob_checksum(std::span<const std::byte> blob, std::size_t hole) {
  constexpr std::byte kZero[4] = {};
  std::uint32_t sum = port::crc32(0, blob.data(), hole);
  sum = port::crc32(sum, kZero, sizeof kZero);
  return port::crc32(sum, blob.data() + hole + 4, blob.size() - hole - 4);
}

class Surveyor {
 public:
  explicit Surveyor(SystemSummary& summary) : summary_(summary) {}

  ImageDefect silo(const SiloNode& silo) {
    ++summary_.silos;
    has_images_ = false;
    for (unsigned kind = 0; kind < abi::kQuotaKinds; ++kind) summary_.quotas[kind] += silo.quotas.limit[kind];
    summary_.message_nodes += std::uint64_t{silo.quotas[abi::QuotaKind::Ports]} * abi::kPortQueueCapacity +
                              silo.quotas[abi::QuotaKind::Messages];
    const std::uint64_t table_bytes = std::uint64_t{silo.capability_slots} * sizeof(kernel::Capability);
    summary_.capability_pages += base::PageCount::containing(table_bytes).value();
    summary_.table_pages += 2;  // root and one level 2 table; the rest by region
    const std::uint32_t mapped_pages = silo.quotas[abi::QuotaKind::MappedPages];
    summary_.table_pages += kernel::shared_window_table_pages(mapped_pages);
    if (mapped_pages != 0) summary_.mappings += kernel::kMappingsPerSilo;
    summary_.silo_bytes += base::PageCount(silo.quotas[abi::QuotaKind::RegionPages]).bytes();
    summary_.table_pages += 2;  // of the message pages, which have a GiB of their own
    return {};
  }
  ImageDefect region(const RegionNode& region) {
    constexpr std::uint64_t kTableReach = std::uint64_t{2} << 20;
    if (region.size == 0 || region.address + region.size < region.address)
      return {"its size makes no range", {}, "", {}};
    const std::uint64_t last = region.address + region.size - 1;
    // A table per 2 MiB touched, and for every GiB one more; counted per region, so rather too many.
    summary_.table_pages += last / kTableReach - region.address / kTableReach + 1;
    summary_.table_pages += (last >> 30) - (region.address >> 30);
    summary_.silo_bytes += region.room > region.size ? region.room : region.size;
    return {};
  }
  ImageDefect image(const ImageNode&) {
    summary_.images += has_images_ ? 1 : 2;
    has_images_ = true;
    return {};
  }
  ImageDefect image_region(const RegionNode& region) {
    const std::uint64_t bytes_before = summary_.silo_bytes;
    const ImageDefect defect = this->region(region);
    summary_.silo_bytes = bytes_before;  // it lies in what the silo has
    return defect;
  }
  ImageDefect image_thread(const ThreadNode&) { return {}; }
  ImageDefect thread(const ThreadNode& thread) {
    ++summary_.threads;
    if (thread.budget != 0) ++summary_.budgets;
    return {};
  }
  ImageDefect device(const GivenDeviceNode& device) {
    if (device.address < abi::kDevicesStart || device.address >= abi::kDevicesEnd ||
        device.size > abi::kDevicesEnd - device.address || device.size == 0)
      return {"its address is none for a device", {}, "", {}};
    constexpr std::uint64_t kTableReach = std::uint64_t{2} << 20;
    summary_.table_pages += (device.address + device.size - 1) / kTableReach - device.address / kTableReach + 1;
    return {};
  }
  ImageDefect capability(const CapabilityNode& capability) {
    ++summary_.capabilities;
    summary_.has_audit = summary_.has_audit || capability.type == abi::ObjectType::Audit;
    summary_.has_trace = summary_.has_trace || capability.type == abi::ObjectType::Trace;
    return {};
  }
  ImageDefect object(const ObjectNode& object) {
    switch (object.type) {
      case abi::ObjectType::Port:
        ++summary_.ports;
        summary_.message_nodes += abi::kPortQueueCapacity;
        break;
      case abi::ObjectType::Channel:
        ++summary_.channels;
        summary_.message_nodes += ipc::Channel::nodes_needed(object.capacity, (object.lanes & 1) != 0,
                                                             (object.lanes & 2) != 0, object.redelivers);
        break;
      case abi::ObjectType::AsyncChannel:
        ++summary_.async_channels;
        if (const auto chunks = ipc::AsyncRing::chunks_needed(object.amount); chunks.ok())
          summary_.async_chunks += chunks.value();
        break;
      case abi::ObjectType::Notification: ++summary_.notifications; break;
      case abi::ObjectType::Semaphore: ++summary_.semaphores; break;
      case abi::ObjectType::Region:
        ++summary_.regions;
        summary_.silo_bytes += std::uint64_t{object.amount} * base::kPageSize;
        break;
      case abi::ObjectType::Interrupt: ++summary_.interrupts; break;
      case abi::ObjectType::None:
      case abi::ObjectType::Console:
      case abi::ObjectType::Silo:
      case abi::ObjectType::System:
      case abi::ObjectType::Timer:
      case abi::ObjectType::Audit:
      case abi::ObjectType::Trace: break;
    }
    return {};
  }

 private:
  SystemSummary& summary_;
  bool has_images_ = false;  ///< the silo
};

}  // namespace

ImageDefect SystemImage::open(std::span<const std::byte> bytes, SystemImage& image) {
  const auto about = [](const char* text) { return ImageDefect{text, {}, "", {}}; };
  const auto about_numbers = [](const char* text, std::uint64_t found, std::uint64_t expected) {
    return ImageDefect{text, {}, "", {}, true, found, expected};
  };
  if (bytes.size() < kHeader + kDeviceTreeHeaderBytes) return about("it is too short");
  // SAFETY: bytes seen as characters; kHeader of them are there.
  const auto* const begin = reinterpret_cast<const char*>(bytes.data());
  if (std::string_view(begin, kHeader) != std::string_view(abi::kSystemImageMagic, kHeader)) {
    return about("it has a bad magic number; is the initial ramdisk a file that `granary build` made?");
  }
  DeviceTree tree;
  const DeviceTreeDefect defect = DeviceTree::check(begin + kHeader, tree);
  if (defect != DeviceTreeDefect::None) return about(device_tree_defect_text(defect));
  const std::span<const std::byte> blob = bytes.subspan(kHeader);
  if (tree.total_bytes() > blob.size())
    return about_numbers("it is cut short", bytes.size(), kHeader + tree.total_bytes());

  ImageReader reader(tree);
  RootNode root;
  if (!reader.enter()) return about("its structure is damaged");
  if (const char* text = read(reader, root)) return about(text);
  // SAFETY: both point into the blob; the property lies inside it (the cursor checked).
  const auto hole = static_cast<std::size_t>(root.checksum_place - tree.start());
  const std::uint32_t sum = blob_checksum(blob.first(tree.total_bytes()), hole);
  if (sum != root.checksum) return about_numbers("the checksum of its description is wrong", sum, root.checksum);
  if (root.compatible != abi::kSystemImageCompatible) return about("its format is not granary,system-image-1");
  if (root.abi_version >> 16 != abi::kVersionMajor || (root.abi_version & 0xffff) > abi::kVersionMinor) {
    return about_numbers("it was built for another version of the interface", root.abi_version,
                         abi::kVersionMajor << 16 | abi::kVersionMinor);
  }
  if (root.image_bytes < kHeader + tree.total_bytes()) return about("its size is smaller than its description");
  if (root.image_bytes > bytes.size()) return about_numbers("it is cut short", bytes.size(), root.image_bytes);
  image.tree_ = tree;
  image.bytes_ = bytes.first(root.image_bytes);
  image.name_ = root.system;
  image.folds_cores_ = root.folds_cores;
  return {};
}

ImageDefect SystemImage::survey(SystemSummary& summary) const {
  summary = SystemSummary{};
  summary.name = name_;
  Surveyor surveyor(summary);
  ImageReader reader(tree_);
  if (const ImageDefect defect = for_each_node(reader, surveyor)) return defect;
  if (summary.silos == 0) return {"it contains no silo", {}, "", {}};
  if (summary.threads == 0) return {"it contains no thread", {}, "", {}};
  return {};
}

std::uint64_t arena_bytes_for(const SystemSummary& summary, unsigned cores) {
  using enum abi::QuotaKind;
  const auto quota = [&](abi::QuotaKind kind) { return summary.quotas[static_cast<unsigned>(kind)]; };
  // A system that is as large as the format allows needs more than the kernel can use; then the kernel says what does
  // not fit.
  constexpr std::uint64_t kMaximum = kernel::kArenaPagesMaximum;
  // What is taken in passing, and room for table pages of mappings that running silos may come to need.
  constexpr std::uint64_t kReserve = 16;
  const std::uint64_t pages =
      kReserve + kernel::ObjectPool<kernel::Silo>::pages_for(summary.silos) +
      kernel::ObjectPool<kernel::ManifestCapability>::pages_for(summary.capabilities) +
      kernel::ObjectPool<kernel::Thread>::pages_for(summary.threads) + summary.threads +  // a message page each
      kernel::ObjectPool<kernel::Limit>::pages_for(summary.budgets) + kernel::image_pages_for(summary.images) +
      kernel::ObjectPool<kernel::PortObject>::pages_for(summary.ports + quota(Ports)) +
      kernel::ObjectPool<kernel::ChannelObject>::pages_for(summary.channels + quota(Channels)) +
      kernel::ObjectPool<kernel::RegionObject>::pages_for(summary.regions + quota(Regions)) +
      kernel::ObjectPool<kernel::Mapping>::pages_for(summary.mappings) +
      kernel::ObjectPool<kernel::AsyncObject>::pages_for(summary.async_channels + quota(AsyncChannels)) +
      kernel::ObjectPool<ipc::AsyncChunk>::pages_for(summary.async_chunks +
                                                     quota(AsyncMessages) / ipc::kAsyncSlotsPerChunk) +
      kernel::ObjectPool<kernel::NotificationObject>::pages_for(summary.notifications + quota(Notifications)) +
      kernel::ObjectPool<kernel::SemaphoreObject>::pages_for(summary.semaphores + quota(Semaphores)) +
      kernel::ObjectPool<kernel::TimerObject>::pages_for(quota(Timers)) +
      kernel::ObjectPool<kernel::InterruptObject>::pages_for(summary.interrupts) +
      kernel::ObjectPool<kernel::BindingObject>::pages_for(quota(Bindings)) +
      summary.message_nodes / ipc::MessagePool::kNodesPerPage + 1 + summary.capability_pages + summary.table_pages +
      (summary.has_audit ? kernel::kAuditPages.value() : 0) +
      (summary.has_trace ? cores * kernel::kTracePages.value() : 0);
  return (pages > kMaximum ? kMaximum : pages) * base::kPageSize;
}

}  // namespace boot
