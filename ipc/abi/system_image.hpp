// SPDX-License-Identifier: Apache-2.0
//
// What the tool and the kernel must agree on about a system image before either reads it: how it begins. A header of
// sixteen characters, then the device-tree blob, then the programs' data; positions count from the header's first byte.
// The header is there because U-Boot's booti takes an initial ramdisk that begins with a device tree for a FIT image
// and refuses it (seen, 2023.01, qemu_arm64: "Bad FIT ramdisk image format"). `fdtdump -s` finds the blob behind it.
#pragma once

#include <cstdint>

namespace abi {

inline constexpr char kSystemImageMagic[] = "granary-system-1";
inline constexpr std::uint32_t kSystemImageHeaderBytes = 16;
inline constexpr char kSystemImageCompatible[] = "granary,system-image-1";

static_assert(sizeof kSystemImageMagic == kSystemImageHeaderBytes + 1,
              "sixteen characters and the terminator, which is not written");
static_assert(kSystemImageHeaderBytes % 8 == 0, "a device-tree blob is 8-byte aligned");

}  // namespace abi
