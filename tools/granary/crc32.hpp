// SPDX-License-Identifier: Apache-2.0
//
// CRC-32 as zlib, Ethernet and the Cortex-A72's CRC32 instructions have it: polynomial 0x04C11DB7 reflected, all ones
// before and after. The kernel computes the same over the system image (boot/).
#pragma once

#include <cstdint>
#include <span>

namespace tool {

std::uint32_t crc32(std::span<const std::uint8_t> bytes);

}  // namespace tool
