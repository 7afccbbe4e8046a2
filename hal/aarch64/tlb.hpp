// SPDX-License-Identifier: Apache-2.0
//
// TLB invalidation, one named instruction each (Arm ARM D8.14, C5.5). None waits: the caller follows with the DSB that
// completes it, and says what may be reused afterwards. "Everywhere" is the inner shareable domain: all cores.
#pragma once

#include <atomic>
#include <cstdint>

#include "hal/aarch64/sysreg.hpp"
#include "hal/regs/tlbi_operand.hpp"
#include "kernel/base/address.hpp"

namespace hal::tlb {

// SAFETY (all): invalidation only forgets cached translations.

/// TLBI ALLE2: this core forgets the kernel's own map.
inline void invalidate_kernel_map() { asm volatile("tlbi alle2" ::: "memory"); }
/// TLBI VAE2IS: one page of the kernel's own map, everywhere.
inline void invalidate_kernel_page_everywhere(base::VirtualAddress page) {
  asm volatile("tlbi vae2is, %0" : : "r"(regs::TlbiOperand::of(page.value()).bits) : "memory");
}
/// TLBI IPAS2E1IS: stage-2 translations of one page of the space in VTTBR_EL2, everywhere. Combined entries stay:
/// follow with DSB ISH and invalidate_stage1_of_space_everywhere.
inline void invalidate_stage2_page_everywhere(base::SiloAddress page) {
  asm volatile("tlbi ipas2e1is, %0" : : "r"(regs::TlbiOperand::of(page.value()).bits) : "memory");
}
/// TLBI VMALLE1IS: stage-1 and combined entries of the VMID in VTTBR_EL2, everywhere.
inline void invalidate_stage1_of_space_everywhere() { asm volatile("tlbi vmalle1is" ::: "memory"); }
/// What invalidate_space_everywhere did, for the test that every freed VMID was invalidated (design 2.3): an emulator
/// that flushes on any change of VMID hides a missing TLBI; these words do not.
struct SpaceInvalidations {
  std::atomic<std::uint64_t> count{0};
  std::atomic<std::uint64_t> last_vmid{0};
};
inline constinit SpaceInvalidations space_invalidations;

/// TLBI VMALLS12E1IS: everything of the VMID in VTTBR_EL2, both stages, everywhere.
inline void invalidate_space_everywhere() {
  asm volatile("tlbi vmalls12e1is" ::: "memory");
  // ORDERING: relaxed: counts, read by a test on the same core.
  space_invalidations.count.fetch_add(1, std::memory_order_relaxed);
  space_invalidations.last_vmid.store(sysreg::VttbrEl2::read().get(regs::VttbrEl2::vmid), std::memory_order_relaxed);
}
/// TLBI ALLE1IS: everything of every VMID, everywhere. Once at boot: what a loader's guests left behind.
inline void invalidate_all_spaces_everywhere() { asm volatile("tlbi alle1is" ::: "memory"); }

}  // namespace hal::tlb
