// SPDX-License-Identifier: Apache-2.0
//
// Implements kernel/port/stage2.hpp on the host. See fake_stage2.hpp.
// Descriptors: bit 0 valid, bit 1 table or page, bits 2-3 access, bit 4 device, bits 12-47 address.
#include "test/fakes/fake_stage2.hpp"

#include <map>

#include "kernel/kernel_memory.hpp"

namespace fakes {
namespace {

constexpr std::uint64_t kValid = 1;
constexpr std::uint64_t kTableOrPage = 2;
constexpr std::uint64_t kAddressMask = 0x0000'ffff'ffff'f000;
constexpr unsigned kVmidShift = 48;

struct State {
  std::vector<Stage2Operation> log;
  std::vector<std::string> violations;
  std::map<const std::uint64_t*, std::uint64_t> unflushed;  // made invalid and no TLBI of it since; what it was
  std::uint32_t vmids = 256;
};
State state;

std::uint64_t* table_at(std::uint64_t entry) {
  return reinterpret_cast<std::uint64_t*>(kernel::kernel_memory_at(base::PhysicalAddress(entry & kAddressMask)));
}

/// The entry that a walk for this address ends at, valid or not: what TLBI IPAS2E1IS by this address is about.
const std::uint64_t* last_entry(std::uint64_t translation_base, std::uint64_t address) {
  std::uint64_t* slot = nullptr;
  std::uint64_t table = translation_base;
  for (unsigned shift = 30; shift >= 12; shift -= 9) {
    slot = &table_at(table)[(address >> shift) % port::kStage2EntriesPerTable];
    const bool is_table = (*slot & kValid) != 0 && (*slot & kTableOrPage) != 0;
    if (!is_table || shift == 12) break;
    table = *slot;
  }
  return slot;
}

}  // namespace

void reset_stage2() { state = State{}; }
const std::vector<Stage2Operation>& stage2_log() { return state.log; }
void clear_stage2_log() { state.log.clear(); }
unsigned stage2_count(Stage2Action action) {
  unsigned count = 0;
  for (const auto& operation : state.log) count += operation.action == action ? 1 : 0;
  return count;
}
void note_memory_access(base::PhysicalAddress start, std::uint64_t bytes) {
  for (std::uint64_t done = 0; done < bytes; done += base::kPageSize) {
    if (is_unflushed(start + done)) state.violations.push_back("memory touched before a mapping of it was flushed");
  }
}
bool is_unflushed(base::PhysicalAddress page) {
  for (const auto& [slot, bits] : state.unflushed) {
    const std::uint64_t start = bits & kAddressMask;
    const std::uint64_t bytes = (bits & kTableOrPage) != 0 ? 0x1000 : 0x20'0000;
    if (page.value() >= start && page.value() < start + bytes) return true;
  }
  return false;
}
const std::vector<std::string>& stage2_violations() { return state.violations; }
void set_vmid_count(std::uint32_t count) { state.vmids = count; }
base::Vmid vmid_of(std::uint64_t translation_base) {
  return base::Vmid(static_cast<std::uint32_t>(translation_base >> kVmidShift));
}
base::PhysicalAddress root_of(std::uint64_t translation_base) {
  return base::PhysicalAddress(translation_base & kAddressMask);
}

}  // namespace fakes

namespace port {

using fakes::state;

Stage2Entry stage2_table_entry(base::PhysicalAddress table) {
  return {table.value() | fakes::kTableOrPage | fakes::kValid};
}
Stage2Entry stage2_leaf_entry(base::PhysicalAddress memory, unsigned level, Access access, MemoryKind kind) {
  const std::uint64_t page = level == 3 ? fakes::kTableOrPage : 0;
  const std::uint64_t device = kind == MemoryKind::Device ? 1 : 0;
  const std::uint64_t alignment = level == 3 ? 0xfff : 0x1f'ffff;
  if ((memory.value() & alignment) != 0) state.violations.push_back("a leaf whose memory is not aligned to its level");
  return {memory.value() | (device << 4) | (static_cast<std::uint64_t>(access) << 2) | page | fakes::kValid};
}
bool stage2_entry_is_valid(Stage2Entry entry) { return (entry.bits & fakes::kValid) != 0; }
bool stage2_entry_is_table(Stage2Entry entry, unsigned level) {
  return level < 3 && (entry.bits & fakes::kTableOrPage) != 0;
}
base::PhysicalAddress stage2_entry_address(Stage2Entry entry) {
  return base::PhysicalAddress(entry.bits & fakes::kAddressMask);
}
Access stage2_entry_access(Stage2Entry leaf) { return static_cast<Access>((leaf.bits >> 2) & 3); }

void stage2_publish(std::uint64_t& slot, Stage2Entry entry) {
  const bool was_valid = stage2_entry_is_valid({slot});
  const bool is_valid = stage2_entry_is_valid(entry);
  if (was_valid && is_valid && slot != entry.bits) state.violations.push_back("a valid entry replaced by a valid one");
  if (is_valid && state.unflushed.contains(&slot)) state.violations.push_back("a new entry before the old was flushed");
  if (was_valid && !is_valid) state.unflushed[&slot] = slot;
  slot = entry.bits;
  const auto action = is_valid ? fakes::Stage2Action::PublishValid : fakes::Stage2Action::PublishInvalid;
  state.log.push_back({action, &slot, entry.bits, 0, 0});
}

std::uint64_t stage2_translation_base(base::PhysicalAddress root, base::Vmid vmid) {
  return root.value() | (std::uint64_t{vmid.value()} << fakes::kVmidShift);
}
std::uint64_t stage2_empty_translation_base() { return 0x1000; }
std::uint32_t stage2_vmid_count() { return state.vmids; }

void stage2_invalidate_page(std::uint64_t translation_base, base::SiloAddress page) {
  stage2_invalidate_pages(translation_base, page, base::PageCount(1));
}
void stage2_invalidate_pages(std::uint64_t translation_base, base::SiloAddress first, base::PageCount pages) {
  for (std::uint64_t page = 0; page < pages.value(); ++page) {
    const std::uint64_t address = first.value() + page * base::kPageSize;
    state.unflushed.erase(fakes::last_entry(translation_base, address));
    state.log.push_back({fakes::Stage2Action::InvalidatePage, nullptr, 0, translation_base, address});
  }
  state.log.push_back({fakes::Stage2Action::InvalidateCombined, nullptr, 0, translation_base, 0});
}
void stage2_retire_space(std::uint64_t translation_base) {
  state.unflushed.clear();
  state.log.push_back({fakes::Stage2Action::RetireSpace, nullptr, 0, translation_base, 0});
}
void stage2_leave_space() { state.log.push_back({fakes::Stage2Action::LeaveSpace, nullptr, 0, 0, 0}); }

}  // namespace port
