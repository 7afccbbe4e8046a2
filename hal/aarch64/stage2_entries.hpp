// SPDX-License-Identifier: Apache-2.0
//
// What the kernel asks of a mapping, as a stage-2 descriptor and back. Constant expressions, checked below against
// known values. C1: memory of silos is Normal write-back inner-shareable, here as in the kernel's own windows.
// INVARIANT: no descriptor made here is both writable and executable, and Device memory is never executable.
#pragma once

#include <cstdint>

#include "hal/regs/stage2_descriptor.hpp"
#include "kernel/port/stage2.hpp"

namespace hal {

constexpr regs::Stage2Permission stage2_permission_of(port::Access access) {
  switch (access) {
    case port::Access::Read:
    case port::Access::ReadExecute: return regs::Stage2Permission::Read;
    case port::Access::ReadWrite: return regs::Stage2Permission::ReadWrite;
  }
  return regs::Stage2Permission::None;
}

/// `level` 2 or 3; `memory` aligned to it.
constexpr regs::Stage2Descriptor stage2_leaf(std::uint64_t memory, unsigned level, port::Access access,
                                             port::MemoryKind kind) {
  using Descriptor = regs::Stage2Descriptor;
  const bool is_normal = kind == port::MemoryKind::Normal;
  return Descriptor::make()
      .with(Descriptor::valid, true)
      .with(Descriptor::table_or_page, level == 3)
      .with(Descriptor::output_address, memory)
      .with(Descriptor::access_flag, true)
      .with(Descriptor::permission, stage2_permission_of(access))
      .with(Descriptor::execute_never, access != port::Access::ReadExecute || !is_normal)
      .with(Descriptor::attribute,
            is_normal ? regs::Stage2Attribute::NormalWriteBack : regs::Stage2Attribute::DeviceNgnre)
      .with(Descriptor::shareability, is_normal ? regs::Shareability::Inner : regs::Shareability::None);
}

/// What a leaf made above permits.
constexpr port::Access stage2_access(regs::Stage2Descriptor leaf) {
  if (leaf.get(regs::Stage2Descriptor::permission) == regs::Stage2Permission::ReadWrite) return port::Access::ReadWrite;
  return leaf.get(regs::Stage2Descriptor::execute_never) ? port::Access::Read : port::Access::ReadExecute;
}

static_assert(stage2_leaf(0x4000'1000, 3, port::Access::ReadWrite, port::MemoryKind::Normal).bits ==
              0x0040'0000'4000'17ff);
static_assert(stage2_leaf(0x4000'1000, 3, port::Access::Read, port::MemoryKind::Normal).bits == 0x0040'0000'4000'177f);
static_assert(stage2_leaf(0x4000'1000, 3, port::Access::ReadExecute, port::MemoryKind::Normal).bits == 0x4000'177f);
static_assert(stage2_leaf(0x4020'0000, 2, port::Access::ReadWrite, port::MemoryKind::Normal).bits ==
              0x0040'0000'4020'07fd);
static_assert(stage2_leaf(0x0900'0000, 3, port::Access::ReadWrite, port::MemoryKind::Device).bits ==
              0x0040'0000'0900'04c7);
static_assert(stage2_access(stage2_leaf(0, 3, port::Access::Read, port::MemoryKind::Normal)) == port::Access::Read);
static_assert(stage2_access(stage2_leaf(0, 3, port::Access::ReadWrite, port::MemoryKind::Normal)) ==
              port::Access::ReadWrite);
static_assert(stage2_access(stage2_leaf(0, 2, port::Access::ReadExecute, port::MemoryKind::Normal)) ==
              port::Access::ReadExecute);

}  // namespace hal
