// SPDX-License-Identifier: Apache-2.0
//
// MAIR_EL2, Memory Attribute Indirection Register. Arm ARM D19.2.98. A stage-1 descriptor names one of the eight
// attributes.
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

enum class MemoryAttribute : std::uint8_t {
  DeviceNgnrne = 0x00,
  DeviceNgnre = 0x04,
  NormalNonCacheable = 0x44,
  NormalWriteBack = 0xff,  ///< inner and outer, non-transient, read and write allocate
};

/// The attributes this kernel uses, by index; stage-1 descriptors carry the index.
enum class AttributeIndex : std::uint8_t { Normal = 0, Device = 1 };

// clang-format off
struct MairEl2 : Register<MairEl2> {
  static constexpr Field<MairEl2, 15, 8, MemoryAttribute> attr1{};
  static constexpr Field<MairEl2,  7, 0, MemoryAttribute> attr0{};

  static constexpr MairEl2 for_kernel() {
    return make().with(attr1, MemoryAttribute::DeviceNgnre).with(attr0, MemoryAttribute::NormalWriteBack);
  }
};
// clang-format on

static_assert(MairEl2::for_kernel().bits == 0x04ff);

}  // namespace hal::regs
