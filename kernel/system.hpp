// SPDX-License-Identifier: Apache-2.0
//
// The kernel as the boot layer composes it: give it memory, describe each silo, each object and each capability, then
// start. All of it happens once, on the boot core, before the first silo runs (BootPhase). Every description is checked
// here again, although the tool has checked it: a system image is input. Nothing here keeps a pointer into the caller's
// strings; the content of regions is read again when a silo is restarted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "ipc/abi/abi.hpp"
#include "ipc/object.hpp"
#include "kernel/base/address.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"
#include "kernel/contracts.hpp"
#include "kernel/port/interrupts.hpp"
#include "kernel/port/stage2.hpp"
#include "kernel/rate_limit.hpp"
#include "kernel/restart_policy.hpp"
#include "kernel/scheduling_context.hpp"

namespace kernel {

struct MemoryRange {
  base::PhysicalAddress start;
  std::uint64_t bytes = 0;
};

struct MemoryDescription {
  base::PhysicalAddress arena_physical;      ///< kernel memory: contiguous, mapped, zeroed by the kernel page by page
  std::byte* arena;                          ///< where it is mapped at EL2
  std::uint64_t arena_bytes;                 ///< a multiple of the page size
  std::span<const MemoryRange> silo_memory;  ///< page-aligned RAM for silos, not mapped, any content
  std::uint64_t cores = 1;                   ///< that run silos: bit n is core n; core 0, which runs this, is one
};

struct SiloDescription {
  std::string_view name;
  std::uint64_t argument;
  std::uint32_t capability_slots;  ///< power of two, 8 to 4096
  abi::Quotas quotas;
  std::uint32_t label = 0;                       ///< stamped on every message the silo sends
  ipc::SiloSet may_reach = ipc::SiloSet::all();  ///< the flow policy: whom it may ever reach
  RateDescription rate = {};                     ///< burst at most abi::kRateBurstMaximum
  std::uint32_t partition = 0;                   ///< below abi::kPartitionsMaximum; 0: in no window
  RestartDescription restart = {};               ///< what becomes of it when it has ended
  std::uint32_t watchdog = 0;  ///< microseconds, abi::kWatchdogMinimum to abi::kWatchdogMaximum; 0: none
};

struct RegionDescription {
  base::SiloAddress address;  ///< page-aligned, not page 0, below port::kSiloAddressLimit, not where message pages are
  base::PageCount size;
  port::Access access;
  std::span<const std::byte> data;  ///< at most `size`; the rest is zero. Read again at each restart: it stays there
  std::string_view name = {};       ///< for fault reports
  base::PageCount room = {};        ///< of a silo with several images: what the largest of them needs here; else 0
};

/// What another image has in place of a region of the silo: the next one.
struct ImageRegionDescription {
  std::string_view name;  ///< and access: the region's
  port::Access access;
  base::SiloAddress address;
  base::PageCount size;             ///< at most the room of the region
  std::span<const std::byte> data;  ///< stays there; not looked at before somebody wants the image
  std::uint32_t checksum;           ///< CRC-32 of `data`
};

/// Where another image has the beginning of a thread of the silo: the next one.
struct ImageThreadDescription {
  std::string_view name;
  base::SiloAddress entry;
  base::SiloAddress stack_pointer;
  std::uint64_t argument;
};

struct ThreadDescription {
  std::string_view name;
  base::SiloAddress entry;
  base::SiloAddress stack_pointer;  ///< 16-byte aligned
  std::uint64_t argument;           ///< X0 of the thread; X1 is the silo's argument
  base::Priority priority;
  base::CoreId core;
  BudgetDescription budget = {};
};

struct PortDescription {
  std::string_view name;
  base::SiloId owner;
  std::uint64_t contract = 0;  ///< a hash of the messages that travel through it (kernel/contracts.hpp); 0: not said
};

struct ChannelDescription {
  std::string_view name;
  std::uint32_t capacity;   ///< per direction, 1 to abi::kChannelCapacityMaximum
  bool forward;             ///< end 0 to end 1
  bool backward;            ///< end 1 to end 0
  bool redelivers = false;  ///< a message that was in the hand of a receiver that restarts comes again, once
  std::uint64_t contract = 0;
};

/// A shared region (RegionDescription is a part of one silo's own memory).
struct SharedRegionDescription {
  std::string_view name;
  base::PageCount size;  ///< 1 page to abi::kRegionPagesMaximum
};

struct AsyncDescription {
  std::string_view name;
  std::uint32_t capacity;  ///< 1 to abi::kAsyncCapacityMaximum
  std::uint64_t contract = 0;
};

struct NotificationDescription {
  std::string_view name;
};

struct SemaphoreDescription {
  std::string_view name;
  std::uint32_t initial;  ///< at most abi::kSemaphoreMaximum
};

struct InterruptDescription {
  std::string_view name;
  base::SiloId silo;  ///< that the line is for
  base::InterruptId line;
  port::Trigger trigger;
  std::uint32_t rate;   ///< how often it may fire in a second, 1 to abi::kInterruptRateMaximum
  std::uint32_t burst;  ///< and at once, as many at most
};

/// By whose path in the device tree a device was found; the values are part of the interface (DEVICE_INFO).
enum class Board : std::uint8_t { Another = 0, Virt = 1, RaspberryPi4 = 2 };

/// Pages of a device for a silo: the whole pages that its registers lie in.
struct DeviceDescription {
  std::string_view name;
  base::SiloAddress address;  ///< page-aligned, where nothing else is
  base::PhysicalAddress registers;
  std::uint64_t bytes;  ///< at least 1
  Board board;
};

struct CapabilityDescription {
  std::uint32_t slot;  ///< 1 to capability_slots - 1; its handle is abi::make_manifest_handle(slot)
  abi::ObjectType type;
  std::uint32_t object;  ///< index of the object (in the order of creation) or of the silo (type Silo)
  std::uint32_t end;     ///< channels: 0 or 1
  std::uint64_t rights;  ///< only bits that belong to the type
  std::uint64_t badge;
  std::uint32_t deadline = 0;     ///< of the link, microseconds (kernel/link.hpp); ports and channels only; 0: none
  SpokenContracts contract = {};  ///< what the silo's programs were built with
};

/// First call: hands the kernel its memory. ENOMEM if the arena is too small to begin with.
base::Result<void> initialize(const MemoryDescription& memory);

/// EINVAL for a bad description, EEXIST for a name or address twice, ENOMEM, ENOSPC (too many silos).
base::Result<base::SiloId> create_silo(const SiloDescription& description);
base::Result<void> add_region(base::SiloId silo, const RegionDescription& description);
/// Its entry lies in an executable region and its stack in a writable one: after the regions.
base::Result<void> add_thread(base::SiloId silo, const ThreadDescription& description);
/// A further image of the silo (silo_images.hpp): after its regions and threads, which all have room. Then all regions
/// of the image, then its threads. EINVAL, EEXIST, ENOSPC, ENOMEM.
base::Result<void> add_image(base::SiloId silo, std::string_view name);
base::Result<void> add_image_region(base::SiloId silo, const ImageRegionDescription& description);
base::Result<void> add_image_thread(base::SiloId silo, const ImageThreadDescription& description);
/// Kernel memory for so many, those of boot among them.
std::uint64_t image_pages_for(std::uint32_t images);
/// Objects are numbered from 0 in the order of creation, all kinds together.
base::Result<std::uint32_t> create_port(const PortDescription& description);
base::Result<std::uint32_t> create_channel(const ChannelDescription& description);
base::Result<std::uint32_t> create_region(const SharedRegionDescription& description);
base::Result<std::uint32_t> create_async(const AsyncDescription& description);
base::Result<std::uint32_t> create_notification(const NotificationDescription& description);
base::Result<std::uint32_t> create_semaphore(const SemaphoreDescription& description);
/// The line is off until the silo binds it. EINVAL no such line, EEXIST the line is some silo's already.
base::Result<std::uint32_t> create_interrupt(const InterruptDescription& description);
/// EINVAL, EEXIST a page is some silo's already or the address is taken. Whether the pages may be given at all the
/// caller has judged.
base::Result<void> add_device(base::SiloId silo, const DeviceDescription& description);
/// One more window of the core's schedule, behind those that are there: for `microseconds` the silos of `partition` run
/// and no others; abi::kIdlePartition: nobody. The schedule begins anew behind the last. EINVAL, ENOSPC.
base::Result<void> add_window(base::CoreId core, std::uint32_t microseconds, std::uint32_t partition);
/// Besides: EACCES the flow policy forbids that the silo holds it, EPROTOTYPE the object has another contract.
base::Result<void> install_capability(base::SiloId silo, const CapabilityDescription& description);
/// The contract of what is published under a name, and the one that a silo's program was built with.
struct NameContracts {
  std::uint64_t of_name = 0, of_program = 0;
};
/// The silo may publish a port under the name. EINVAL, EEXIST, ENOSPC, EPROTOTYPE.
base::Result<void> permit_publishing(std::string_view name, base::SiloId silo, NameContracts contracts = {});
/// The silo may connect to it; `badge` is what the publisher sees. EINVAL, ENOENT, EEXIST, EACCES, EPROTOTYPE.
base::Result<void> permit_connecting(std::string_view name, base::SiloId silo, std::uint64_t badge,
                                     std::uint64_t contract_of_program = 0);

/// SYSTEM_VERDICT ends the machine (boot argument `once`).
void set_once(bool once);
bool is_once();

/// Runs the silos on all cores; never comes back.
[[noreturn]] void start();

}  // namespace kernel
