// SPDX-License-Identifier: Apache-2.0
//
// Holds boot/start_registers.h to the typed layouts: if a constant of the assembly differs from what the layouts say,
// this file does not compile. It produces no code.
#include "boot/start_registers.h"

#include "hal/aarch64/kernel_layout.hpp"
#include "hal/regs/cptr_el2.hpp"
#include "hal/regs/hcr_el2.hpp"
#include "hal/regs/mair_el2.hpp"
#include "hal/regs/scr_el3.hpp"
#include "hal/regs/sctlr_el2.hpp"
#include "hal/regs/spsr_el2.hpp"
#include "hal/regs/stage1_descriptor.hpp"
#include "hal/regs/tcr_el2.hpp"

namespace boot {

using hal::regs::AttributeIndex;
using hal::regs::Stage1Descriptor;

static_assert(SCR_EL3_VALUE == hal::regs::ScrEl3::for_kernel().bits);
static_assert(SPSR_EL2_HANDLER == hal::regs::SpsrEl2::for_kernel().bits);
static_assert(HCR_EL2_FOR_BOOT == hal::regs::HcrEl2::for_boot().bits);
static_assert(std::uint64_t{1} << HCR_EL2_E2H_BIT == decltype(hal::regs::HcrEl2::e2h)::kMask);
static_assert(CPTR_EL2_FOR_BOOT == hal::regs::CptrEl2::floating_point_open().bits);
static_assert(SCTLR_EL2_MMU_OFF == hal::regs::SctlrEl2::mmu_off().bits);
static_assert(SCTLR_EL2_MMU_ON == hal::regs::SctlrEl2::mmu_on().bits);
static_assert(SCTLR_EL2_FINAL == hal::regs::SctlrEl2::final().bits);
static_assert(MAIR_EL2_VALUE == hal::regs::MairEl2::for_kernel().bits);
static_assert(TCR_EL2_VALUE ==
              hal::regs::TcrEl2::for_kernel(hal::kKernelAddressBits, hal::regs::PhysicalSize::Bits32).bits);
static_assert(std::uint64_t{7} << TCR_EL2_PS_SHIFT == decltype(hal::regs::TcrEl2::ps)::kMask);
static_assert(TCR_EL2_PS_48_BITS == static_cast<unsigned>(hal::regs::PhysicalSize::Bits48));
static_assert(DESCRIPTOR_TABLE == Stage1Descriptor::table(0).bits);
// Writable and executable: the start-up tables only, and WXN is off until they are left.
static_assert(DESCRIPTOR_NORMAL_PAGE == Stage1Descriptor::page(0, {true, true, AttributeIndex::Normal}).bits);
static_assert(DESCRIPTOR_NORMAL_BLOCK == Stage1Descriptor::block(0, {true, true, AttributeIndex::Normal}).bits);

}  // namespace boot
