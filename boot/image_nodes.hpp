// SPDX-License-Identifier: Apache-2.0
//
// The kinds of nodes in a system image as plain structs, how each is read, and the walk over all of them. Reading
// checks shapes and what can be judged from one node alone; whether a description makes sense is the kernel's to say.
#pragma once

#include <cstdint>
#include <string_view>

#include "boot/image_reader.hpp"
#include "ipc/abi/abi.hpp"

namespace boot {

struct RootNode {
  std::string_view compatible;
  std::uint32_t abi_version = 0;
  std::string_view system;
  std::uint32_t image_bytes = 0;
  std::uint32_t checksum = 0;
  bool folds_cores = false;              ///< on a machine with fewer cores, core n is n modulo their number
  const char* checksum_place = nullptr;  ///< the four bytes of the checksum in the blob
};

/// Where something is in the device tree: by board (kernel::Board); place 0 is for those that have none of their own.
struct PlaceNode {
  static constexpr unsigned kBoards = 3;
  std::string_view path[kBoards];
  std::uint32_t index[kBoards] = {};
  bool has_index[kBoards] = {};
};

struct ObjectNode {
  std::string_view name;
  abi::ObjectType type = abi::ObjectType::None;
  std::uint32_t owner = 0;     ///< ports; interrupts: the silo that it is for
  std::uint32_t amount = 0;    ///< AsyncChans: capacity; semaphores: initial count; regions: pages
  std::uint32_t capacity = 0;  ///< channels
  std::uint32_t lanes = 0;     ///< channels: bit 0 end 0 to end 1, bit 1 back
  bool redelivers = false;     ///< channels
  std::uint32_t rate = 0;      ///< interrupts: how often in a second
  std::uint32_t burst = 0;     ///< interrupts: and at once
  PlaceNode place = {};        ///< interrupts
  std::uint64_t contract = 0;  ///< ports, channels, AsyncChans: a hash of their messages, 0 if they are not declared
};

struct SiloNode {
  std::string_view name;
  std::uint64_t argument = 0;
  std::uint32_t capability_slots = 0;
  abi::Quotas quotas;
  std::uint32_t label = 0;
  std::uint64_t reach[2] = {~std::uint64_t{0}, ~std::uint64_t{0}};  ///< silos that it may ever reach, by number
  std::uint32_t rate_messages = 0;                                  ///< per second, 0 without limit
  std::uint32_t rate_bytes = 0;
  std::uint32_t rate_burst = 0;
  std::uint32_t partition = 0;
  std::uint32_t restart = 0;          ///< abi::RestartMode
  std::uint32_t restart_limit = 0;    ///< in restart_period
  std::uint32_t restart_period = 0;   ///< microseconds
  std::uint32_t restart_backoff = 0;  ///< microseconds
  std::uint32_t restart_then = 0;     ///< abi::SafeState
  std::uint32_t restart_group = 0;
  std::uint32_t watchdog = 0;  ///< microseconds, 0 none
};

struct RegionNode {
  std::string_view name;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::uint32_t access = 0;
  bool has_data = false;
  std::uint32_t data_position = 0;
  std::uint32_t data_size = 0;
  std::uint32_t checksum = 0;
  std::uint64_t room = 0;  ///< of a silo with several images: bytes for the largest; 0: `size`
};

/// A further image of a silo: regions and threads, in the order of the silo's own.
struct ImageNode {
  std::string_view name;
};

struct ThreadNode {
  std::string_view name;
  std::uint64_t entry = 0;
  std::uint64_t stack_pointer = 0;
  std::uint32_t priority = 0;
  std::uint32_t core = 0;
  std::uint64_t argument = 0;
  std::uint32_t budget = 0;  ///< microseconds; 0: none
  std::uint32_t period = 0;
  std::uint32_t overrun = 0;  ///< abi::Overrun
};

/// Pages of a device for a silo.
struct GivenDeviceNode {
  std::string_view name;
  std::uint64_t address = 0;  ///< where the silo has them
  std::uint64_t size = 0;     ///< there is room for so many bytes, whole pages
  PlaceNode place;
};

struct CapabilityNode {
  std::uint32_t slot = 0;
  std::string_view name;
  abi::ObjectType type = abi::ObjectType::None;
  std::uint32_t object = 0;
  std::uint32_t end = 0;
  std::uint64_t rights = 0;
  std::uint64_t badge = 0;
  std::uint32_t deadline = 0;                               ///< microseconds, 0 none
  std::uint64_t contract[abi::kImagesPerSiloMaximum] = {};  ///< that the silo's programs, its images, were built with
};

/// A silo may publish a port under a name, or connect to it.
struct NameNode {
  std::string_view name;
  std::uint32_t silo = 0;
  bool connects = false;
  std::uint64_t badge = 0;
  std::uint64_t contract = 0;          ///< of the name; of the publisher's node
  std::uint64_t program_contract = 0;  ///< that the silo's program was built with
};

/// One more window of a core's schedule.
struct WindowNode {
  std::string_view name;  ///< it has none
  std::uint32_t core = 0;
  std::uint32_t length = 0;  ///< microseconds
  std::uint32_t partition = 0;
};

/// Read the properties of the node just entered. nullptr, or a sentence.
const char* read(ImageReader& reader, RootNode& node);
const char* read(ImageReader& reader, ObjectNode& node);
const char* read(ImageReader& reader, SiloNode& node);
const char* read(ImageReader& reader, RegionNode& node);
const char* read(ImageReader& reader, ThreadNode& node);
const char* read(ImageReader& reader, ImageNode& node);
const char* read(ImageReader& reader, GivenDeviceNode& node);
const char* read(ImageReader& reader, CapabilityNode& node);
const char* read(ImageReader& reader, NameNode& node);
const char* read(ImageReader& reader, WindowNode& node);

/// Enters each child of the node entered last, reads it as a Node, and hands it to visit, which returns an ImageDefect;
/// its silo, kind and name are filled in here if visit left them empty.
template <typename Node, typename Visit>
ImageDefect for_each_child(ImageReader& reader, std::string_view silo, const char* kind, Visit visit) {
  while (reader.enter()) {
    Node node;
    ImageDefect defect;
    defect.text = read(reader, node);
    if (!defect) defect = visit(node);
    if (defect) {
      if (defect.silo.empty()) defect.silo = silo;
      if (defect.name.empty()) {
        defect.kind = kind;
        defect.name = node.name.empty() ? reader.node_name() : node.name;
      }
      return defect;
    }
    reader.leave();
  }
  return {};
}

/// The images of a silo, for a visitor with image, image_region and image_thread.
template <typename Visitor>
ImageDefect for_each_image(ImageReader& reader, std::string_view silo, Visitor& visitor) {
  return for_each_child<ImageNode>(reader, silo, "image", [&](const ImageNode& image) -> ImageDefect {
    if (const ImageDefect defect = visitor.image(image)) return defect;
    const auto region = [&](const RegionNode& node) { return visitor.image_region(node); };
    const auto thread = [&](const ThreadNode& node) { return visitor.image_thread(node); };
    while (reader.enter()) {
      ImageDefect defect;
      if (reader.node_name() == "regions") defect = for_each_child<RegionNode>(reader, silo, "image's region", region);
      if (reader.node_name() == "threads") defect = for_each_child<ThreadNode>(reader, silo, "image's thread", thread);
      if (defect) return defect;
      reader.leave();
    }
    return {};
  });
}

/// What a silo consists of. `visitor` has any of region, thread, image, device and capability; what it lacks is passed
/// over.
template <typename Visitor>
ImageDefect for_each_part(ImageReader& reader, std::string_view silo, Visitor& visitor) {
  while (reader.enter()) {
    ImageDefect defect;
    if constexpr (requires(RegionNode node) { visitor.region(node); }) {
      const auto visit = [&](const RegionNode& node) { return visitor.region(node); };
      if (reader.node_name() == "regions") defect = for_each_child<RegionNode>(reader, silo, "region", visit);
    }
    if constexpr (requires(ThreadNode node) { visitor.thread(node); }) {
      const auto visit = [&](const ThreadNode& node) { return visitor.thread(node); };
      if (reader.node_name() == "threads") defect = for_each_child<ThreadNode>(reader, silo, "thread", visit);
    }
    if constexpr (requires(GivenDeviceNode node) { visitor.device(node); }) {
      const auto visit = [&](const GivenDeviceNode& node) { return visitor.device(node); };
      if (reader.node_name() == "devices") defect = for_each_child<GivenDeviceNode>(reader, silo, "device", visit);
    }
    if constexpr (requires(ImageNode node) { visitor.image(node); }) {
      if (reader.node_name() == "images") defect = for_each_image(reader, silo, visitor);
    }
    if constexpr (requires(CapabilityNode node) { visitor.capability(node); }) {
      const auto visit = [&](const CapabilityNode& node) { return visitor.capability(node); };
      if (reader.node_name() == "capabilities")
        defect = for_each_child<CapabilityNode>(reader, silo, "capability", visit);
    }
    if (defect) return defect;
    reader.leave();
  }
  return {};
}

/// The whole image in document order. `visitor` has object, name, or silo and any of for_each_part's; what it lacks is
/// passed over.
template <typename Visitor>
ImageDefect for_each_node(ImageReader& reader, Visitor& visitor) {
  if (!reader.enter()) return {"its structure is damaged", {}, "", {}};
  while (reader.enter()) {
    ImageDefect defect;
    if constexpr (requires(ObjectNode node) { visitor.object(node); }) {
      const auto visit = [&](const ObjectNode& node) { return visitor.object(node); };
      if (reader.node_name() == "objects") defect = for_each_child<ObjectNode>(reader, {}, "object", visit);
    }
    if constexpr (requires(NameNode node) { visitor.name(node); }) {
      const auto visit = [&](const NameNode& node) { return visitor.name(node); };
      if (reader.node_name() == "names") defect = for_each_child<NameNode>(reader, {}, "name", visit);
    } else if constexpr (!requires(SiloNode node) { visitor.silo(node); }) {
      if (reader.node_name() == "objects") return defect;  // the rest is not this visitor's
    }
    if constexpr (requires(WindowNode node) { visitor.window(node); }) {
      const auto visit = [&](const WindowNode& node) { return visitor.window(node); };
      if (reader.node_name() == "windows") defect = for_each_child<WindowNode>(reader, {}, "window", visit);
    }
    if constexpr (requires(SiloNode node) { visitor.silo(node); }) {
      const auto visit = [&](const SiloNode& node) -> ImageDefect {
        if (const ImageDefect found = visitor.silo(node)) return found;
        return for_each_part(reader, node.name, visitor);
      };
      if (reader.node_name() == "silos") defect = for_each_child<SiloNode>(reader, {}, "silo", visit);
    }
    if (defect) return defect;
    reader.leave();
  }
  reader.leave();
  if (reader.damaged()) return {"its structure is damaged", {}, "", {}};
  return {};
}

}  // namespace boot
