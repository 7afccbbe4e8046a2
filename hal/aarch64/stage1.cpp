// SPDX-License-Identifier: Apache-2.0
//
// This kernel's one EL2 map: the instance of Stage1Tables, its pool, and the registers. Entries only go from invalid to
// valid here, so a DSB ISHST behind the stores is all that a walker needs (Arm ARM D8.14: break-before-make concerns
// valid entries only).
#include "hal/aarch64/stage1.hpp"

#include <span>

#include "hal/aarch64/barrier.hpp"
#include "hal/aarch64/kernel_layout.hpp"
#include "hal/aarch64/stage1_tables.hpp"
#include "hal/aarch64/sysreg.hpp"
#include "hal/aarch64/tlb.hpp"

namespace hal::stage1 {

using base::Error;
using base::PhysicalAddress;
using base::Result;
using base::VirtualAddress;
using regs::AttributeIndex;
using regs::Stage1Permissions;

namespace {

// Root 1, image 2, arena 3, devices 4, device tree 3, system image 3, windows 1 + one per core; the rest is reserve.
constexpr std::uint32_t kPoolPages = 32;
constexpr std::uint32_t kEntireWindows = 1 + kMaximumCores;
static_assert(1 + 2 + 3 + 4 + 3 + 3 + kEntireWindows <= kPoolPages);

constexpr Stage1Permissions kText = {false, true, AttributeIndex::Normal};
constexpr Stage1Permissions kReadOnly = {false, false, AttributeIndex::Normal};
constexpr Stage1Permissions kReadWrite = {true, false, AttributeIndex::Normal};
constexpr Stage1Permissions kDevice = {true, false, AttributeIndex::Device};

// Not cleared at start: each page is cleared when it is taken.
[[gnu::section(".noinit")]] Stage1Table pool[kPoolPages];
constinit Stage1Tables tables;
constinit PhysicalAddress image;
constinit std::uint64_t next_device = kDeviceBase;
constinit std::uint64_t* windows[kMaximumCores] = {};

std::uint64_t address_of(const void* in_image) {
  // SAFETY: only the number is used; the image is linked at its virtual address.
  return reinterpret_cast<std::uint64_t>(in_image);
}

Result<void> map_image_part(const void* start, const void* end, Stage1Permissions permissions) {
  return tables.map(VirtualAddress(address_of(start)), physical_address_of(start), address_of(end) - address_of(start),
                    permissions);
}

/// Each slot but its guard page, which lies lowest.
Result<void> map_stacks(const std::byte* slots, std::uint64_t slot_bytes) {
  for (std::uint32_t core = 0; core < kMaximumCores; ++core) {
    const std::byte* slot = slots + core * slot_bytes;
    TRY(map_image_part(slot + base::kPageSize, slot + slot_bytes, kReadWrite));
  }
  return {};
}

/// Whole pages around [start, start + bytes), the first one at `first_page`.
Result<VirtualAddress> map_around(VirtualAddress first_page, PhysicalAddress start, std::uint64_t bytes,
                                  Stage1Permissions permissions) {
  if (bytes == 0 || start.value() + bytes < start.value()) return Error::EINVAL;
  const base::PageCount pages = base::PageCount::containing(start.offset_in_page() + bytes);
  TRY(tables.map(first_page, start.page(), pages.bytes(), permissions));
  barrier::dsb_ishst();  // the entries are visible to this core's table walker before the caller's first access ...
  barrier::isb();        // ... and that access is not made ahead of them
  return first_page + start.offset_in_page();
}

/// The first page of a part of the address space, moved on so that blocks of 2 MiB can be used.
VirtualAddress congruent(std::uint64_t base_address, PhysicalAddress start) {
  return VirtualAddress(base_address + start.page().value() % kBlockSize);
}

}  // namespace

Result<void> build_image_map(PhysicalAddress start) {
  image = start;
  tables = Stage1Tables(pool, physical_address_of(pool), kPoolPages);
  TRY(map_image_part(kernel_image_start, kernel_text_end, kText));
  TRY(map_image_part(kernel_text_end, kernel_rodata_end, kReadOnly));
  // .data, .bss, start-up tables and the pool, up to the stacks; then the stacks without their guards; then the rest.
  TRY(map_image_part(kernel_rodata_end, kernel_stacks, kReadWrite));
  TRY(map_stacks(kernel_stacks, KERNEL_STACK_SLOT));
  TRY(map_stacks(emergency_stacks, EMERGENCY_STACK_SLOT));
  return map_image_part(emergency_stacks + kMaximumCores * EMERGENCY_STACK_SLOT, kernel_image_end, kReadWrite);
}

void activate() {
  // The start-up tables map the image to the same addresses, page by page, so the switch changes permissions only, and
  // takes the 1:1 block away; nothing that is needed between the two TLBIs differs.
  barrier::dsb_ishst();  // the tables are in memory before a walker can be led to them
  sysreg::Ttbr0El2::write(regs::PlainRegister::from(tables.root().value()));
  barrier::isb();  // walks use the new root from here on
  tlb::invalidate_kernel_map();
  barrier::dsb_nsh();  // writable text and the 1:1 block are forgotten
  barrier::isb();
  sysreg::SctlrEl2::write(regs::SctlrEl2::final());
  barrier::isb();
  tlb::invalidate_kernel_map();  // WXN may be cached in a TLB (Arm ARM D8.4.1)
  barrier::dsb_nsh();
  barrier::isb();
}

PhysicalAddress translation_base() { return tables.root(); }

PhysicalAddress physical_address_of(const void* in_image) { return image + (address_of(in_image) - kImageBase); }

PhysicalAddress image_start() { return image; }

Result<VirtualAddress> map_device(PhysicalAddress registers, std::uint64_t bytes) {
  std::uint64_t first = next_device;
  if (bytes >= kBlockSize) {  // large ones by blocks: the next address that is congruent
    first = congruent((first + kBlockSize - 1) & ~(kBlockSize - 1), registers).value();
  }
  if (first >= kDeviceTreeBase || bytes > kDeviceTreeBase - first - base::kPageSize) return Error::EINVAL;
  const VirtualAddress at = TRY(map_around(VirtualAddress(first), registers, bytes, kDevice));
  next_device = (at + (bytes - 1)).page().value() + base::kPageSize;
  return at;
}

Result<VirtualAddress> map_device_tree(PhysicalAddress start, std::uint64_t bytes) {
  return map_around(congruent(kDeviceTreeBase, start), start, bytes, kReadOnly);
}

Result<VirtualAddress> map_system_image(PhysicalAddress start, std::uint64_t bytes) {
  return map_around(congruent(kSystemImageBase, start), start, bytes, kReadOnly);
}

Result<VirtualAddress> map_arena(PhysicalAddress start, std::uint64_t bytes) {
  if (!start.is_page_aligned() || bytes % base::kPageSize != 0) return Error::EINVAL;
  return map_around(congruent(kArenaBase, start), start, bytes, kReadWrite);
}

Result<void> prepare_window(std::uint32_t core) {
  if (core >= kMaximumCores) return Error::EINVAL;
  windows[core] = TRY(tables.table_for(VirtualAddress(kWindowBase + core * kWindowBytes)));
  barrier::dsb_ishst();  // the table is in memory before its first entry is used
  return {};
}

std::uint64_t* window_entries(std::uint32_t core) { return core < kMaximumCores ? windows[core] : nullptr; }

}  // namespace hal::stage1
