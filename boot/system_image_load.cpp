// SPDX-License-Identifier: Apache-2.0
//
// Telling the kernel what the image describes: silos with their regions and threads, then objects (a port needs its
// owner), then capabilities (they need both). Three walks, each of which passes over what the others read.
#include <algorithm>
#include <iterator>
#include <optional>

#include "boot/device_resources.hpp"
#include "boot/image_nodes.hpp"
#include "boot/system_image.hpp"
#include "ipc/abi/system_image.hpp"
#include "kernel/console.hpp"
#include "kernel/port/memory_window.hpp"
#include "kernel/system.hpp"

namespace boot {

namespace {

constexpr const char* kNoMachine = "there is no device tree to find it in";

/// In words that fit behind "silo x, region y: ".
const char* refusal(base::Error error) {
  if (error == base::Error::ENOMEM) return "there is too little memory for it";
  if (error == base::Error::EEXIST) return "its name or address is taken already";
  if (error == base::Error::ENOSPC) return "there are more of its kind than the kernel holds";
  if (error == base::Error::EAGAIN) return "the cores have no address-space number (VMID) left for it";
  if (error == base::Error::ENOENT) return "it refers to something that is not there";
  if (error == base::Error::EPROTOTYPE)
    return "the silo's program was built with another contract than the system has; build it again";
  return "the kernel refuses its description";
}

template <typename Outcome>
ImageDefect defect_of(const Outcome& outcome) {
  if (outcome.ok()) return {};
  return {refusal(outcome.error()), {}, "", {}};
}

/// Silos with regions and threads.
class Creator {
 public:
  Creator(std::span<const std::byte> image, std::uint32_t data_begin, const Placement& placement,
          const DeviceResources* resources, std::optional<base::SiloId> console_owner)
      : image_(image),
        data_begin_(data_begin),
        placement_(placement),
        resources_(resources),
        console_owner_(console_owner) {}

  ImageDefect silo(const SiloNode& node) {
    kernel::SiloDescription description{};
    description.name = node.name;
    description.argument = node.argument;
    description.capability_slots = node.capability_slots;
    description.quotas = node.quotas;
    description.label = node.label;
    description.may_reach = {.word = {node.reach[0], node.reach[1]}};
    description.partition = node.partition;
    description.restart = {.mode = static_cast<abi::RestartMode>(node.restart),
                           .limit = node.restart_limit,
                           .period = node.restart_period,
                           .backoff = node.restart_backoff,
                           .then = static_cast<abi::SafeState>(node.restart_then),
                           .group = static_cast<std::uint8_t>(node.restart_group)};
    description.watchdog = node.watchdog;
    description.rate = {.messages = node.rate_messages, .bytes = node.rate_bytes, .burst = node.rate_burst};
    const auto created = kernel::create_silo(description);
    if (created.ok()) silo_ = created.value();
    ++silos_;
    return defect_of(created);
  }

  ImageDefect region(const RegionNode& node) {
    kernel::RegionDescription description{};
    description.name = node.name;
    description.address = base::SiloAddress(node.address);
    if (const ImageDefect defect = take_pages(node, description.size, description.access, description.data))
      return defect;
    if (node.room % base::kPageSize != 0) return {"its room is not whole pages", {}, "", {}};
    description.room = base::PageCount(node.room / base::kPageSize);
    if (node.has_data) {
      const std::uint32_t sum = port::crc32(0, description.data.data(), description.data.size());
      if (sum != node.checksum) return {"the checksum of its data is wrong", {}, "", {}, true, sum, node.checksum};
    }
    return defect_of(kernel::add_region(silo_, description));
  }

  ImageDefect image(const ImageNode& node) { return defect_of(kernel::add_image(silo_, node.name)); }

  /// Its data are verified when somebody wants the image: one that is damaged keeps nothing from running.
  ImageDefect image_region(const RegionNode& node) {
    kernel::ImageRegionDescription description{};
    description.name = node.name;
    description.address = base::SiloAddress(node.address);
    description.checksum = node.checksum;
    if (const ImageDefect defect = take_pages(node, description.size, description.access, description.data))
      return defect;
    return defect_of(kernel::add_image_region(silo_, description));
  }

  ImageDefect image_thread(const ThreadNode& node) {
    return defect_of(kernel::add_image_thread(
        silo_, {node.name, base::SiloAddress(node.entry), base::SiloAddress(node.stack_pointer), node.argument}));
  }

  ImageDefect thread(const ThreadNode& node) {
    if (node.priority >= abi::kPriorityCount) return {"its priority is above 63", {}, "", {}};
    kernel::ThreadDescription description{};
    description.name = node.name;
    description.entry = base::SiloAddress(node.entry);
    description.stack_pointer = base::SiloAddress(node.stack_pointer);
    description.argument = node.argument;
    description.priority = base::Priority(static_cast<std::uint8_t>(node.priority));
    const std::uint32_t core = placement_.core_for(silos_ - 1, node.core);
    if (core >= abi::kCoresMaximum || ((placement_.cores >> core) & 1) == 0) {
      return {"no core of this number runs here (QEMU: --smp or SMP=; in the manifest: core, or fold_cores = true)",
              {},
              "",
              {}};
    }
    description.core = base::CoreId(core);
    description.budget = {node.budget, node.period, static_cast<abi::Overrun>(node.overrun)};
    return defect_of(kernel::add_thread(silo_, description));
  }

  ImageDefect device(const GivenDeviceNode& node) {
    if (resources_ == nullptr) return {kNoMachine, {}, "", {}};
    DeviceResources resources = *resources_;
    if (console_owner_ == silo_) resources.let_console_go();
    DeviceRegisters registers;
    kernel::DeviceDescription description{};
    description.name = node.name;
    description.address = base::SiloAddress(node.address);
    if (const char* defect = resources.find_device(node.place, registers, description.board))
      return {defect, {}, "", {}};
    description.registers = base::PhysicalAddress(registers.address);
    description.bytes = registers.bytes;
    const std::uint64_t needed =
        base::PageCount::containing(registers.address % base::kPageSize + registers.bytes).bytes();
    if (needed > node.size) {
      return {"it is larger than the manifest says; give it `size`, in bytes", {}, "", {}, true, needed, node.size};
    }
    const auto given = kernel::add_device(silo_, description);
    if (!given.ok() && given.error() == base::Error::EEXIST)
      return {"a page of it is given to a silo already", {}, "", {}};
    if (given.ok()) kernel::log("device {}: {}, {} bytes", node.name, base::Hex{registers.address}, registers.bytes);
    return defect_of(given);
  }

 private:
  static constexpr std::uint32_t kRead = 1, kWrite = 2, kExecute = 4;

  /// Size, access and where its data lie, which are not looked at.
  ImageDefect take_pages(const RegionNode& node, base::PageCount& size, port::Access& access,
                         std::span<const std::byte>& data) const {
    if (node.size % base::kPageSize != 0) return {"its size is not whole pages", {}, "", {}};
    size = base::PageCount(node.size / base::kPageSize);
    switch (node.access) {
      case kRead: access = port::Access::Read; break;
      case kRead | kWrite: access = port::Access::ReadWrite; break;
      case kRead | kExecute: access = port::Access::ReadExecute; break;
      default: return {"its access is not read, read-write or read-execute", {}, "", {}};
    }
    if (!node.has_data) return {};
    if (node.data_position < data_begin_ || std::uint64_t{node.data_position} + node.data_size > image_.size())
      return {"its data lie outside of the image", {}, "", {}};
    if (node.data_size > node.size) return {"its data are larger than the region", {}, "", {}};
    data = image_.subspan(node.data_position, node.data_size);
    return {};
  }

  std::span<const std::byte> image_;
  std::uint32_t data_begin_;
  Placement placement_;
  std::uint32_t silos_ = 0;
  const DeviceResources* resources_;
  const std::optional<base::SiloId> console_owner_;  ///< may have the console's registers
  base::SiloId silo_;
};

class ObjectCreator {
 public:
  explicit ObjectCreator(const DeviceResources* resources) : resources_(resources) {}

  ImageDefect object(const ObjectNode& node) {
    switch (node.type) {
      case abi::ObjectType::Port:
        return defect_of(kernel::create_port({node.name, base::SiloId(node.owner), node.contract}));
      case abi::ObjectType::Channel:
        return defect_of(kernel::create_channel(
            {node.name, node.capacity, (node.lanes & 1) != 0, (node.lanes & 2) != 0, node.redelivers, node.contract}));
      case abi::ObjectType::AsyncChannel:
        return defect_of(kernel::create_async({node.name, node.amount, node.contract}));
      case abi::ObjectType::Notification: return defect_of(kernel::create_notification({node.name}));
      case abi::ObjectType::Semaphore: return defect_of(kernel::create_semaphore({node.name, node.amount}));
      case abi::ObjectType::Region: return defect_of(kernel::create_region({node.name, base::PageCount(node.amount)}));
      case abi::ObjectType::Interrupt: return interrupt(node);
      case abi::ObjectType::None:
      case abi::ObjectType::Console:
      case abi::ObjectType::Silo:
      case abi::ObjectType::System:
      case abi::ObjectType::Timer:
      case abi::ObjectType::Audit:
      case abi::ObjectType::Trace: break;
    }
    return {"its type is none of an object of the manifest", {}, "", {}};  // read() has refused it
  }

 private:
  ImageDefect interrupt(const ObjectNode& node) {
    const auto about = [&node](const char* text) { return ImageDefect{text, {}, "interrupt", node.name}; };
    if (resources_ == nullptr) return about(kNoMachine);
    DeviceResources::Line line;
    if (const char* defect = resources_->find_line(node.place, line)) return about(defect);
    const auto made = kernel::create_interrupt(
        {node.name, base::SiloId(node.owner), line.number, line.trigger, node.rate, node.burst});
    if (!made.ok() && made.error() == base::Error::EEXIST)
      return about("the line is given to a silo already, or its name is taken");
    if (!made.ok() && made.error() == base::Error::EINVAL)
      return about("the interrupt controller has no such line, or its rate is out of range");
    if (made.ok()) kernel::log("interrupt {}: line {}", node.name, line.number.value());
    return defect_of(made);
  }

  const DeviceResources* resources_;
};

/// Which silo may take the console over, if any.
class ConsoleOwnerFinder {
 public:
  explicit ConsoleOwnerFinder(std::optional<base::SiloId>& owner) : owner_(owner) {}

  ImageDefect silo(const SiloNode&) {
    silo_ = base::SiloId(next_++);
    return {};
  }
  ImageDefect capability(const CapabilityNode& node) {
    if ((node.rights & static_cast<std::uint64_t>(abi::Right::ConsoleOwn)) == 0) return {};
    if (owner_ && *owner_ != silo_) return {"two silos own the console", {}, "", {}};
    owner_ = silo_;
    return {};
  }

 private:
  std::optional<base::SiloId>& owner_;
  base::SiloId silo_;
  std::uint32_t next_ = 0;
};

/// Names and windows.
class Namer {
 public:
  ImageDefect name(const NameNode& node) {
    const base::SiloId silo(node.silo);
    return defect_of(node.connects
                         ? kernel::permit_connecting(node.name, silo, node.badge, node.program_contract)
                         : kernel::permit_publishing(node.name, silo, {node.contract, node.program_contract}));
  }
  ImageDefect window(const WindowNode& node) {
    return defect_of(kernel::add_window(base::CoreId(node.core), node.length, node.partition));
  }
};

class Installer {
 public:
  ImageDefect silo(const SiloNode&) {
    silo_ = base::SiloId(next_++);  // silos are numbered as they are created: in document order
    return {};
  }
  ImageDefect capability(const CapabilityNode& node) {
    kernel::CapabilityDescription description{};
    description.slot = node.slot;
    description.type = node.type;
    description.object = node.object;
    description.end = node.end;
    description.rights = node.rights;
    description.badge = node.badge;
    description.deadline = node.deadline;
    std::copy(std::begin(node.contract), std::end(node.contract), description.contract.of_image);
    return defect_of(kernel::install_capability(silo_, description));
  }

 private:
  base::SiloId silo_;
  std::uint32_t next_ = 0;
};

template <typename Visitor>
ImageDefect walk(const DeviceTree& tree, Visitor visitor) {
  ImageReader reader(tree);
  return for_each_node(reader, visitor);
}

}  // namespace

std::uint32_t Placement::core_for(std::uint32_t silo, std::uint32_t wanted) const {
  if (spread == 0 && !folds) return wanted;
  std::uint32_t fit[abi::kCoresMaximum] = {};
  std::uint32_t count = 0;
  for (std::uint32_t core = 0; core < abi::kCoresMaximum; ++core) {
    if (((cores >> core) & 1) != 0) fit[count++] = core;
  }
  if (spread == 0) return fit[wanted % count];
  // SplitMix64 (Steele, Lea, Flood 2014): neighbours in, nothing alike out.
  const std::uint64_t who = wanted == 0 ? silo : abi::kSilosMaximum + wanted;
  std::uint64_t mixed = spread * 0x1'0000'0000 + who + 0x9e37'79b9'7f4a'7c15;
  mixed = (mixed ^ mixed >> 30) * 0xbf58'476d'1ce4'e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d0'49bb'1331'11eb;
  return fit[(mixed ^ mixed >> 31) % count];
}

ImageDefect SystemImage::load(const Placement& placement, const DeviceResources* resources) const {
  std::optional<base::SiloId> console_owner;
  if (const ImageDefect defect = walk(tree_, ConsoleOwnerFinder(console_owner))) return defect;
  Placement chosen = placement;
  chosen.folds = folds_cores_;
  const std::uint32_t data_begin = abi::kSystemImageHeaderBytes + tree_.total_bytes();
  if (const ImageDefect defect = walk(tree_, Creator(bytes_, data_begin, chosen, resources, console_owner)))
    return defect;
  if (const ImageDefect defect = walk(tree_, ObjectCreator(resources))) return defect;
  if (const ImageDefect defect = walk(tree_, Installer())) return defect;
  return walk(tree_, Namer());
}

}  // namespace boot
