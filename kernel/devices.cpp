// SPDX-License-Identifier: Apache-2.0
//
// Devices given to silos: see devices.hpp.
#include "kernel/devices.hpp"

#include "kernel/message_page.hpp"
#include "kernel/region_objects.hpp"
#include "kernel/silo.hpp"

namespace kernel {

namespace {

constexpr std::uint64_t kPhysicalLimit = std::uint64_t{1} << 40;  ///< what stage 2 can say

constinit GivenDevice devices[abi::kDevicesMaximum] = {};
constinit std::uint32_t device_count = 0;

}  // namespace

std::span<const GivenDevice> given_devices() { return {devices, device_count}; }

const GivenDevice* device_at(base::SiloId silo, base::SiloAddress address) {
  for (const GivenDevice& device : given_devices()) {
    if (device.silo == silo && device.range.contains(address)) return &device;
  }
  return nullptr;
}

void forget_devices() { device_count = 0; }

base::Result<void> give_device(Unlocked unlocked, Silo& silo, const DeviceDescription& description) {
  if (device_count == abi::kDevicesMaximum) return base::Error::ENOSPC;
  const std::uint64_t first = description.registers.value() / base::kPageSize * base::kPageSize;
  if (description.bytes == 0 || description.registers.value() >= kPhysicalLimit ||
      description.bytes > kPhysicalLimit - description.registers.value())
    return base::Error::EINVAL;
  const auto pages = base::PageCount::containing(description.registers.value() - first + description.bytes);
  const AddressRange range = TRY(AddressRange::make(description.address, pages));
  if (range.overlaps(TRY(message_pages_range())) || window_of(silo).overlaps(range)) return base::Error::EINVAL;
  for (const GivenDevice& other : given_devices()) {
    const std::uint64_t begin = other.registers.value() / base::kPageSize * base::kPageSize;
    const std::uint64_t end = begin + other.range.size().bytes();
    if (first < end && begin < first + pages.bytes()) return base::Error::EEXIST;
  }
  TRY(silo.space.map(unlocked, range, base::PhysicalAddress(first), port::Access::ReadWrite, port::MemoryKind::Device,
                     false));
  devices[device_count++] = GivenDevice{
      silo.id, range, description.registers, description.bytes, description.board, base::FixedName(description.name)};
  return {};
}

}  // namespace kernel
