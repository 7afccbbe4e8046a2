// SPDX-License-Identifier: Apache-2.0
//
// Implements kernel/port/stage2.hpp on the host. See fake_stage2.hpp.
// Descriptors: bit 0 valid, bit 1 table or page, bits 2-3 access, bit 4 device, bits 12-47 address.
#include "test/fakes/fake_stage2.hpp"

#include <set>

namespace fakes {
namespace {

constexpr std::uint64_t kValid = 1;
constexpr std::uint64_t kTableOrPage = 2;
constexpr std::uint64_t kAddressMask = 0x0000'ffff'ffff'f000;
constexpr unsigned kVmidShift = 48;

struct State {
  std::vector<Stage2Operation> log;
  std::vector<std::string> violations;
  std::set<const std::uint64_t*> unflushed;  // made invalid, and no TLBI since
  std::uint32_t vmids = 256;
};
State state;

}  // namespace

void reset_stage2() { state = State{}; }
const std::vector<Stage2Operation>& stage2_log() { return state.log; }
void clear_stage2_log() { state.log.clear(); }
unsigned stage2_count(Stage2Action action) {
  unsigned count = 0;
  for (const auto& operation : state.log) count += operation.action == action ? 1 : 0;
  return count;
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
  if (was_valid && !is_valid) state.unflushed.insert(&slot);
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
  state.unflushed.clear();
  state.log.push_back({fakes::Stage2Action::InvalidatePage, nullptr, 0, translation_base, page.value()});
}
void stage2_retire_space(std::uint64_t translation_base) {
  state.unflushed.clear();
  state.log.push_back({fakes::Stage2Action::RetireSpace, nullptr, 0, translation_base, 0});
}
void stage2_leave_space() { state.log.push_back({fakes::Stage2Action::LeaveSpace, nullptr, 0, 0, 0}); }

}  // namespace port
