// SPDX-License-Identifier: Apache-2.0
//
// Writing an SD card image to a card. Invariant: nothing but a whole, removable, unmounted disk that is large enough
// is ever opened for writing; who names the machine's own disk by mistake is refused.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "tools/granary/diagnostics.hpp"

namespace tool {

/// Where the machine tells about its disks; tests have folders of their own.
struct Disks {
  std::filesystem::path block = "/sys/class/block";
  std::filesystem::path mounts = "/proc/self/mounts";
};

/// Says why `device` cannot be the card for an image of so many bytes; nothing if it can.
void refuse_device(const std::filesystem::path& device, std::uint64_t bytes, const Disks& disks,
                   Diagnostics& diagnostics);

/// Writes the image and waits until it is on the card. Only for a device that was not refused.
void write_card(const std::filesystem::path& image, const std::filesystem::path& device, Diagnostics& diagnostics);

}  // namespace tool
