// SPDX-License-Identifier: Apache-2.0
//
// The system image: who the silos are and what they may reach, made by `granary build`, brought by the loader as
// initial ramdisk. A header (ipc/abi/system_image.hpp), a device-tree blob, then the data that it points to. The
// checksum of the whole description is verified and its silos and objects are surveyed before the kernel is told
// anything (open, survey); each piece of data is verified before it is used (load). Whatever is wrong is an ImageDefect
// that names the silo and the thing. INVARIANT: views point into the mapped image; no byte of it is believed before its
// checksum was right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "boot/device_tree.hpp"
#include "boot/image_reader.hpp"
#include "ipc/abi/abi.hpp"

namespace boot {

class DeviceResources;

/// What the system is made of and what it needs.
struct SystemSummary {
  std::string_view name;
  std::uint32_t silos = 0;
  std::uint32_t threads = 0;
  std::uint32_t images = 0;                     ///< of silos with several: those of boot among them
  std::uint32_t budgets = 0;                    ///< threads that have one
  std::uint32_t capabilities = 0;               ///< of the manifest
  std::uint32_t ports = 0;                      ///< of the manifest
  std::uint32_t channels = 0;                   ///< of the manifest
  std::uint32_t async_channels = 0;             ///< of the manifest
  std::uint32_t async_chunks = 0;               ///< of the manifest's AsyncChans
  std::uint32_t notifications = 0;              ///< of the manifest
  std::uint32_t semaphores = 0;                 ///< of the manifest
  std::uint32_t regions = 0;                    ///< of the manifest, shared
  std::uint32_t interrupts = 0;                 ///< lines that silos have
  std::uint64_t quotas[abi::kQuotaKinds] = {};  ///< of all silos together
  std::uint64_t message_nodes = 0;              ///< that ports, channels and quotas reserve
  std::uint64_t capability_pages = 0;           ///< of the silos' tables
  std::uint64_t table_pages = 0;                ///< of stage-2 tables, at most
  std::uint64_t mappings = 0;                   ///< of shared regions, that silos can make
  std::uint64_t silo_bytes = 0;                 ///< memory of all regions, also those that quotas permit
  bool has_audit = false;                       ///< some silo may read the audit
  bool has_trace = false;                       ///< some silo has a capability to the trace
};

/// On which cores silos live.
struct Placement {
  std::uint64_t cores = 1;  ///< that run silos: bit n is core n
  /// 0: as the image says; else a seed that says it instead, for tests: silos that name the same core, if it is not 0,
  /// stay together, all others go wherever.
  std::uint64_t spread = 0;
  bool folds = false;  ///< core n is the one with that number modulo how many there are

  std::uint32_t core_for(std::uint32_t silo, std::uint32_t wanted) const;
};

class SystemImage {
 public:
  /// `bytes`: what the loader brought, 8-byte aligned. Checks size, header, checksum of the blob, compatible and ABI
  /// version.
  static ImageDefect open(std::span<const std::byte> bytes, SystemImage& image);
  std::string_view name() const { return name_; }

  /// Reads every node, tells the kernel nothing.
  ImageDefect survey(SystemSummary& summary) const;
  /// Creates everything by the functions of kernel/system.hpp, after kernel::initialize.
  /// `resources`: what its interrupts and devices are found in; without, there must be none.
  ImageDefect load(const Placement& placement = {}, const DeviceResources* resources = nullptr) const;

 private:
  DeviceTree tree_;
  std::span<const std::byte> bytes_;
  std::string_view name_;
  bool folds_cores_ = false;
};

/// Kernel memory for such a system: bytes, whole pages. Never too little for what the image describes.
std::uint64_t arena_bytes_for(const SystemSummary& summary, unsigned cores = 1);

}  // namespace boot
