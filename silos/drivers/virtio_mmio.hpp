// SPDX-License-Identifier: Apache-2.0
//
// A virtio device behind memory-mapped registers (Virtual I/O Device 1.2, 4.2): found out, reset, features agreed,
// queues handed over. Both register layouts are there: version 2, and version 1 of before the standard, which is what
// QEMU has unless it is told `-global virtio-mmio.force-legacy=false`. Tested on the host.
#pragma once

#include <cstdint>

#include "virtqueue.hpp"

namespace drivers {

enum class VirtioFault {
  None,
  NotVirtio,
  UnknownVersion,
  OtherDevice,
  DoesNotReset,
  NoVersion1,
  FeaturesRefused,
  NoSuchQueue,
  QueueInUse,
  QueueTooShort,
  MemoryTooHigh,
};

constexpr const char* in_words(VirtioFault fault) {
  switch (fault) {
    case VirtioFault::None: return "nothing is wrong";
    case VirtioFault::NotVirtio: return "there is no virtio device behind these registers";
    case VirtioFault::UnknownVersion: return "its registers are of a version that this driver does not know";
    case VirtioFault::OtherDevice: return "there is another virtio device, or none, in this slot";
    case VirtioFault::DoesNotReset: return "the device does not reset";
    case VirtioFault::NoVersion1: return "the device has version 2 of the registers, but not version 1 of virtio";
    case VirtioFault::FeaturesRefused: return "the device refuses the features that it offered";
    case VirtioFault::NoSuchQueue: return "the device lacks a queue";
    case VirtioFault::QueueInUse: return "a queue of the device is in use after its reset";
    case VirtioFault::QueueTooShort: return "a queue of the device is too short";
    case VirtioFault::MemoryTooHigh: return "the queue lies too high in memory for the device";
  }
  return "?";
}

class VirtioDevice {
 public:
  enum class Kind : std::uint32_t { Net = 1, Block = 2 };
  static constexpr std::uint64_t kRegisterBytes = 0x200;

  explicit VirtioDevice(std::uint64_t registers) : registers_(registers) {}

  /// Reset, and ready for its queues; of the features it offers those of `wanted` (the first 32) are agreed on.
  VirtioFault begin(Kind kind, std::uint32_t wanted) {
    if (word(kMagic) != kMagicValue) return VirtioFault::NotVirtio;
    version_ = word(kVersion);
    if (version_ != 1 && version_ != 2) return VirtioFault::UnknownVersion;
    if (word(kDeviceId) != static_cast<std::uint32_t>(kind)) return VirtioFault::OtherDevice;
    if (!reset()) return VirtioFault::DoesNotReset;
    word(kStatus) = kAcknowledge;
    word(kStatus) = kAcknowledge | kDriver;
    word(kDeviceFeaturesSelect) = 0;
    features_ = word(kDeviceFeatures) & wanted;
    word(kDriverFeaturesSelect) = 0;
    word(kDriverFeatures) = features_;
    if (!is_modern()) {
      word(kGuestPageSize) = Virtqueue::kAlignment;
      return VirtioFault::None;
    }
    word(kDeviceFeaturesSelect) = 1;
    if ((word(kDeviceFeatures) & kVersion1) == 0) return VirtioFault::NoVersion1;
    word(kDriverFeaturesSelect) = 1;
    word(kDriverFeatures) = kVersion1;
    word(kStatus) = kAcknowledge | kDriver | kFeaturesOk;
    return (word(kStatus) & kFeaturesOk) != 0 ? VirtioFault::None : VirtioFault::FeaturesRefused;
  }

  VirtioFault hand_over(std::uint32_t index, const Virtqueue& queue) {
    word(kQueueSelect) = index;
    if ((is_modern() ? word(kQueueReady) : word(kQueuePage)) != 0) return VirtioFault::QueueInUse;
    const std::uint32_t most = word(kQueueMost);
    if (most == 0) return VirtioFault::NoSuchQueue;
    if (most < queue.entries()) return VirtioFault::QueueTooShort;
    word(kQueueEntries) = queue.entries();
    if (is_modern()) {
      set_address(kQueueDescriptors, queue.descriptors());
      set_address(kQueueAvailable, queue.available());
      set_address(kQueueUsed, queue.used());
      word(kQueueReady) = 1;
      return VirtioFault::None;
    }
    const std::uint64_t page = queue.descriptors() / Virtqueue::kAlignment;
    if (page > ~std::uint32_t{0}) return VirtioFault::MemoryTooHigh;
    word(kQueueAlignment) = Virtqueue::kAlignment;
    word(kQueuePage) = static_cast<std::uint32_t>(page);
    return VirtioFault::None;
  }

  /// All queues are there: it may begin.
  void go() { word(kStatus) = kAcknowledge | kDriver | (is_modern() ? kFeaturesOk : 0) | kDriverOk; }
  /// It touches no memory any more. False if it does not say so.
  bool reset() {
    word(kStatus) = 0;
    for (int i = 0; i < kPatience; ++i) {
      if (word(kStatus) == 0) return true;
    }
    return false;
  }
  void notify(std::uint32_t queue) { word(kQueueNotify) = queue; }
  /// The interrupt is seen: the device is quiet until it has something new. To be said before the queues are looked at.
  void quieten() {
    word(kInterruptAcknowledge) = word(kInterruptStatus) & 3;
    dma_barrier();
  }

  bool is_modern() const { return version_ == 2; }
  bool has(std::uint32_t feature) const { return (features_ & feature) != 0; }
  /// Of the device's configuration, which begins behind the registers.
  std::uint32_t configuration(std::uint64_t offset) const { return word(kConfiguration + offset); }

 private:
  static constexpr std::uint64_t kMagic = 0x000, kVersion = 0x004, kDeviceId = 0x008, kDeviceFeatures = 0x010,
                                 kDeviceFeaturesSelect = 0x014, kDriverFeatures = 0x020, kDriverFeaturesSelect = 0x024,
                                 kGuestPageSize = 0x028, kQueueSelect = 0x030, kQueueMost = 0x034,
                                 kQueueEntries = 0x038, kQueueAlignment = 0x03c, kQueuePage = 0x040,
                                 kQueueReady = 0x044, kQueueNotify = 0x050, kInterruptStatus = 0x060,
                                 kInterruptAcknowledge = 0x064, kStatus = 0x070, kQueueDescriptors = 0x080,
                                 kQueueAvailable = 0x090, kQueueUsed = 0x0a0, kConfiguration = 0x100;
  static constexpr std::uint32_t kMagicValue = 0x74726976;  // "virt"
  static constexpr std::uint32_t kAcknowledge = 1, kDriver = 2, kDriverOk = 4, kFeaturesOk = 8;
  static constexpr std::uint32_t kVersion1 = 1;  // feature 32
  static constexpr int kPatience = 100'000;

  volatile std::uint32_t& word(std::uint64_t offset) const {
    // SAFETY: the kernel has mapped the device's pages there for this silo, or it is stopped; a test has an array.
    return *reinterpret_cast<volatile std::uint32_t*>(registers_ + offset);
  }
  void set_address(std::uint64_t offset, std::uint64_t address) {
    word(offset) = static_cast<std::uint32_t>(address);
    word(offset + 4) = static_cast<std::uint32_t>(address >> 32);
  }

  std::uint64_t registers_;
  std::uint32_t version_ = 0;
  std::uint32_t features_ = 0;
};

}  // namespace drivers
