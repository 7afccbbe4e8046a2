// SPDX-License-Identifier: Apache-2.0
//
// The system image: a header of 16 bytes, an FDT blob that describes the system, and behind it the programs' data,
// page-aligned, found by data-position and data-size (docs/system_image.md). Read by boot/system_image.cpp;
// `fdtdump -s` prints the blob.
// Invariant: the same manifest and programs give the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/layout.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

/// U-Boot on the Raspberry Pi 4 loads the image at 0x02700000 and has the device tree at 0x08000000.
inline constexpr std::uint64_t kPi4ImageLimit = 0x08000000 - 0x02700000;

/// `layouts` has one entry for each silo of the manifest, in its order.
std::vector<std::uint8_t> make_image(const Manifest& manifest, const std::vector<Layout>& layouts);

/// Refuses an image that the board cannot load; with no board named, warns.
void check_image_size(std::uint64_t bytes, const std::string& board, const Location& where, Diagnostics& diagnostics);

}  // namespace tool
