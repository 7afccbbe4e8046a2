// SPDX-License-Identifier: Apache-2.0
//
// VMSAv8-64 stage-1 descriptors of the EL2 translation regime (HCR_EL2.E2H = 0: one address range, one privilege
// level), 4 KiB granule. Arm ARM D8.3.1 (tables), D8.3.2 (blocks and pages), D8.4.1 (AP: in such a regime AP[1] is
// RES1), D8.5.2 (AttrIndx).
#pragma once

#include "hal/regs/field.hpp"
#include "hal/regs/mair_el2.hpp"
#include "hal/regs/translation_control.hpp"

namespace hal::regs {

struct Stage1Permissions {
  bool writable;
  bool executable;
  AttributeIndex attribute;
};

// clang-format off
struct Stage1Descriptor : Register<Stage1Descriptor> {
  static constexpr Bit<Stage1Descriptor, 54> xn{};                         ///< never executable
  static constexpr AddressField<Stage1Descriptor, 47, 12> address{};
  static constexpr Bit<Stage1Descriptor, 10> af{};                         ///< accessed
  static constexpr Field<Stage1Descriptor, 9, 8, Shareability> sh{};
  static constexpr Bit<Stage1Descriptor,  7> read_only{};                  ///< AP[2]
  static constexpr Bit<Stage1Descriptor,  6> ap1{};                        ///< AP[1], RES1
  static constexpr Field<Stage1Descriptor, 4, 2, AttributeIndex> attr_index{};
  static constexpr Bit<Stage1Descriptor,  1> table_or_page{};              ///< table (levels 1, 2) or page (level 3)
  static constexpr Bit<Stage1Descriptor,  0> valid{};

  static constexpr Stage1Descriptor table(std::uint64_t table_address) {
    return make().with(address, table_address).with(table_or_page, true).with(valid, true);
  }
  /// Level 2, 2 MiB; the address is aligned to it.
  static constexpr Stage1Descriptor block(std::uint64_t memory, Stage1Permissions permissions) {
    return make().with(xn, !permissions.executable).with(address, memory).with(af, true).with(sh, Shareability::Inner)
                 .with(read_only, !permissions.writable).with(ap1, true).with(attr_index, permissions.attribute)
                 .with(valid, true);
  }
  /// Level 3, 4 KiB.
  static constexpr Stage1Descriptor page(std::uint64_t memory, Stage1Permissions permissions) {
    return block(memory, permissions).with(table_or_page, true);
  }
};
// clang-format on

static_assert(Stage1Descriptor::table(0x1000).bits == 0x1003);
static_assert(Stage1Descriptor::page(0x1000, {true, true, AttributeIndex::Normal}).bits == 0x1743);
static_assert(Stage1Descriptor::block(0x20'0000, {false, false, AttributeIndex::Device}).bits == 0x0040'0000'0020'07c5);

}  // namespace hal::regs
