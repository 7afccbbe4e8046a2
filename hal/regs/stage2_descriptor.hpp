// SPDX-License-Identifier: Apache-2.0
//
// VMSAv8-64 stage-2 descriptors, 4 KiB granule, 48-bit addresses. Arm ARM D8.3.2 (layout), D8.4.2 (S2AP, XN), D8.5.5
// (MemAttr with HCR_EL2.FWB = 0: combined with stage 1, which HCR_EL2.DC makes Normal write-back).
#pragma once

#include "hal/regs/field.hpp"
#include "hal/regs/translation_control.hpp"

namespace hal::regs {

/// MemAttr[3:0]. The stronger of the stages wins, so Device here is Device for the silo.
enum class Stage2Attribute : std::uint8_t { DeviceNgnrne = 0, DeviceNgnre = 1, NormalWriteBack = 0xf };
/// S2AP[1:0].
enum class Stage2Permission : std::uint8_t { None = 0, Read = 1, Write = 2, ReadWrite = 3 };

// clang-format off
struct Stage2Descriptor : Register<Stage2Descriptor> {
  static constexpr Bit<Stage2Descriptor, 54> execute_never{};                          ///< XN[1]; XN[0] = 0: EL1 too
  static constexpr AddressField<Stage2Descriptor, 47, 12> output_address{};
  static constexpr Bit<Stage2Descriptor, 10> access_flag{};                            ///< AF
  static constexpr Field<Stage2Descriptor, 9, 8, Shareability> shareability{};         ///< SH
  static constexpr Field<Stage2Descriptor, 7, 6, Stage2Permission> permission{};       ///< S2AP
  static constexpr Field<Stage2Descriptor, 5, 2, Stage2Attribute> attribute{};         ///< MemAttr
  static constexpr Bit<Stage2Descriptor,  1> table_or_page{};                          ///< 0: block
  static constexpr Bit<Stage2Descriptor,  0> valid{};

  static constexpr Stage2Descriptor table(std::uint64_t physical) {
    return make().with(output_address, physical).with(table_or_page, true).with(valid, true);
  }
};
// clang-format on

static_assert(Stage2Descriptor::table(0x8000).bits == 0x8003);
static_assert(Stage2Descriptor::make().with(Stage2Descriptor::permission, Stage2Permission::ReadWrite).bits == 0xc0);
static_assert(Stage2Descriptor::make().with(Stage2Descriptor::attribute, Stage2Attribute::NormalWriteBack).bits ==
              0x3c);

}  // namespace hal::regs
