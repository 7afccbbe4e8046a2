// SPDX-License-Identifier: Apache-2.0
//
// kernel/port/stage2.hpp: descriptors by hal/regs, maintenance in the order of design 2.2 and 2.3. Owns the empty
// table, on which VTTBR_EL2 stands while no silo runs: 512 invalid entries, VMID 0. C1: memory of silos is Normal
// write-back inner-shareable, here as in the kernel's own windows.
#include "kernel/port/stage2.hpp"

#include "hal/aarch64/barrier.hpp"
#include "hal/aarch64/stage1.hpp"
#include "hal/aarch64/stage2_entries.hpp"
#include "hal/aarch64/sysreg.hpp"
#include "hal/aarch64/tlb.hpp"

namespace {

using hal::regs::Stage2Descriptor;
using hal::regs::VttbrEl2;

struct alignas(base::kPageSize) EmptyTable {
  std::uint64_t entry[port::kStage2EntriesPerTable];
};
constinit EmptyTable empty_table = {};

void use_translation_base(std::uint64_t translation_base) {
  hal::sysreg::VttbrEl2::write(VttbrEl2::from(translation_base));
}

/// The empty table under the VMID of a space. Invalid entries are never cached, so nothing can be filled under that
/// VMID; and a test on an emulator that flushes on every change of VMID sees a TLBI that is missing (design 2.3).
std::uint64_t empty_table_under_vmid_of(std::uint64_t translation_base) {
  return VttbrEl2::of(hal::stage1::physical_address_of(&empty_table).value(),
                      VttbrEl2::from(translation_base).get(VttbrEl2::vmid))
      .bits;
}

}  // namespace

namespace port {

Stage2Entry stage2_table_entry(base::PhysicalAddress table) { return {Stage2Descriptor::table(table.value()).bits}; }

Stage2Entry stage2_leaf_entry(base::PhysicalAddress memory, unsigned level, Access access, MemoryKind kind) {
  return {hal::stage2_leaf(memory.value(), level, access, kind).bits};
}

bool stage2_entry_is_valid(Stage2Entry entry) {
  return Stage2Descriptor::from(entry.bits).get(Stage2Descriptor::valid);
}

bool stage2_entry_is_table(Stage2Entry entry, unsigned level) {
  const Stage2Descriptor descriptor = Stage2Descriptor::from(entry.bits);
  return level < 3 && descriptor.get(Stage2Descriptor::valid) && descriptor.get(Stage2Descriptor::table_or_page);
}

base::PhysicalAddress stage2_entry_address(Stage2Entry entry) {
  return base::PhysicalAddress(Stage2Descriptor::from(entry.bits).get(Stage2Descriptor::output_address));
}

Access stage2_entry_access(Stage2Entry leaf) { return hal::stage2_access(Stage2Descriptor::from(leaf.bits)); }

void stage2_publish(std::uint64_t& slot, Stage2Entry entry) {
  // ORDERING: release: what a table entry leads to was written before the entry, for every walker (Arm ARM D8.2.6).
  __atomic_store_n(&slot, entry.bits, __ATOMIC_RELEASE);
  hal::barrier::dsb_ishst();  // the entry is visible to every walker before the kernel goes on, be it to EL0 or to a
                              // TLBI
}

std::uint64_t stage2_translation_base(base::PhysicalAddress root, base::Vmid vmid) {
  return VttbrEl2::of(root.value(), vmid.value()).bits;
}

std::uint64_t stage2_empty_translation_base() {
  return VttbrEl2::of(hal::stage1::physical_address_of(&empty_table).value(), 0).bits;
}

std::uint32_t stage2_vmid_count() {
  constexpr std::uint64_t kSixteenBits = 2;
  const auto bits = hal::sysreg::IdAa64Mmfr1El1::read().get(hal::regs::IdAa64Mmfr1El1::vmid_bits);
  return bits == kSixteenBits ? 65536 : 256;
}

void stage2_invalidate_page(std::uint64_t translation_base, base::SiloAddress page) {
  stage2_invalidate_pages(translation_base, page, base::PageCount(1));
}

void stage2_invalidate_pages(std::uint64_t translation_base, base::SiloAddress first, base::PageCount pages) {
  // The caller's stage2_publish(invalid) ended with DSB ISHST: the invalid entries are visible to every walker by now.
  use_translation_base(translation_base);
  hal::barrier::isb();  // TLBI takes the VMID from VTTBR_EL2
  for (std::uint64_t page = 0; page < pages.value(); ++page) {
    hal::tlb::invalidate_stage2_page_everywhere(first + page * base::kPageSize);
  }
  hal::barrier::dsb_ish();  // stage-2 entries are gone before the combined ones are, or a walk would make new ones of
                            // them
  hal::tlb::invalidate_stage1_of_space_everywhere();
  hal::barrier::dsb_ish();  // no core uses the old translation when this returns
  use_translation_base(empty_table_under_vmid_of(translation_base));
  hal::barrier::isb();  // nothing later on this core, a speculative walk included, uses the space's tables
}

void stage2_retire_space(std::uint64_t translation_base) {
  use_translation_base(translation_base);
  hal::barrier::isb();  // TLBI takes the VMID from VTTBR_EL2
  hal::tlb::invalidate_space_everywhere();
  hal::barrier::dsb_ish();  // every core has forgotten the VMID, and no walk of its tables is under way any more
  use_translation_base(empty_table_under_vmid_of(translation_base));
  hal::barrier::isb();  // as above: the VMID and the tables may be reused from here on
}

void stage2_leave_space() {
  use_translation_base(stage2_empty_translation_base());
  hal::barrier::isb();  // no speculative walk of the old tables begins after this
}

}  // namespace port
