// SPDX-License-Identifier: Apache-2.0
//
// Design 2.3 as a test: more than 512 address spaces are made and destroyed through kernel/port/stage2.hpp; each
// space's EL0 code reads a word that no other space has, at the same address in all. VMIDs are reused all the time,
// also back to back with no other VMID written to VTTBR_EL2 between, because an emulator that flushes on every change
// of VMID hides a missing TLBI. And one TLBI is counted for every VMID that is freed.
#include <cstddef>

#include "hal/aarch64/sysreg.hpp"
#include "hal/aarch64/tlb.hpp"
#include "test/target/harness.hpp"

extern "C" {
extern const std::byte el0_read_word[];
}

namespace target {

namespace {

constexpr std::uint64_t kProgram = 0x10000;
constexpr std::uint64_t kData = 0x20000;
constexpr std::uint32_t kSpaces = 255;  // all that an 8-bit core has
constexpr std::uint32_t kRounds = 640;
constexpr std::uint32_t kPairs = 64;

struct Slot {
  Space space;
  Page data{};
  std::uint64_t word = 0;
  std::uint32_t vmid = 0;
  bool is_live = false;
};
constinit Slot slots[kSpaces];
constinit std::uint64_t next_word = 0x1000;
constinit std::uint64_t freed = 0;
constinit std::uint64_t wrong_words = 0;
constinit std::uint64_t wrong_invalidations = 0;

std::uint64_t invalidations() { return hal::tlb::space_invalidations.count.load(std::memory_order_relaxed); }

std::uint64_t current_vmid() { return hal::sysreg::VttbrEl2::read().get(hal::regs::VttbrEl2::vmid); }

void create(Slot& slot, std::uint32_t vmid) {
  if (slot.data.words == nullptr) slot.data = take_page();
  slot.word = next_word++;
  slot.data.words[0] = slot.word;
  slot.vmid = vmid;
  slot.is_live = true;
  slot.space.create(vmid);
  slot.space.map(kProgram, physical_address_of(el0_read_word), port::Access::ReadExecute);
  slot.space.map(kData, slot.data.physical, port::Access::Read);
}

/// What EL0 finds at `address` in the space; all ones if it faults.
std::uint64_t read_by_silo(const Space& space, std::uint64_t address) {
  port::ThreadContext context;
  prepare(context, space.translation_base(), kProgram, 0);
  context.general[0] = address;
  return run(context).kind == ExitKind::SystemCall ? context.general[0] : ~std::uint64_t{0};
}

void visit(const Slot& slot) {
  if (read_by_silo(slot.space, kData) != slot.word) ++wrong_words;
}

void destroy(Slot& slot) {
  const std::uint64_t before = invalidations();
  slot.space.destroy();
  slot.is_live = false;
  ++freed;
  const bool good = invalidations() == before + 1 &&
                    hal::tlb::space_invalidations.last_vmid.load(std::memory_order_relaxed) == slot.vmid;
  if (!good) ++wrong_invalidations;
}

std::uint32_t random_below(std::uint32_t limit) {
  static constinit std::uint64_t state = 42;
  state = state * 6364136223846793005u + 1442695040888963407u;
  return static_cast<std::uint32_t>(state >> 33) % limit;
}

/// A space lives in slot N under VMID N + 1; slots are reused in random order, so every VMID is made and freed many
/// times.
void test_many_spaces() {
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    Slot& slot = slots[random_below(40)];
    if (slot.is_live) destroy(slot);
    create(slot, static_cast<std::uint32_t>(&slot - slots) + 1);
    visit(slot);
    const Slot& other = slots[random_below(40)];
    if (other.is_live) visit(other);
  }
  check_equal(wrong_words, 0, "640 spaces under 40 VMIDs: each silo reads its own word");
}

void test_all_vmids_at_once() {
  for (std::uint32_t i = 0; i < kSpaces; ++i) {
    if (!slots[i].is_live) create(slots[i], i + 1);
  }
  for (unsigned round = 0; round < 2; ++round) {
    for (const Slot& slot : slots) visit(slot);
  }
  check_equal(wrong_words, 0, "255 spaces at once: each silo reads its own word, twice");
  for (Slot& slot : slots) destroy(slot);
}

void test_pairs_back_to_back() {
  bool only_this_vmid = true;
  for (std::uint32_t pair = 0; pair < kPairs; ++pair) {
    const std::uint32_t vmid = pair % 255 + 1;
    Slot& first = slots[0];
    Slot& second = slots[1];
    create(first, vmid);
    visit(first);
    only_this_vmid = only_this_vmid && current_vmid() == vmid;
    destroy(first);
    only_this_vmid = only_this_vmid && current_vmid() == vmid;
    create(second, vmid);
    visit(second);
    only_this_vmid = only_this_vmid && current_vmid() == vmid;
    destroy(second);
  }
  check(only_this_vmid, "pairs of spaces with equal VMID, no other VMID written between them");
  check_equal(wrong_words, 0, "the second of each pair reads its own word, not the first one's");
}

/// Without the TLBI the second space of a pair must read the first one's word here, or the test above could not have
/// failed.
void test_that_the_machine_would_show_it() {
  Slot& first = slots[0];
  Slot& second = slots[1];
  create(first, 7);
  create(second, 7);
  visit(first);
  const std::uint64_t found = read_by_silo(second.space, kData);
  check_equal(found, first.word, "control: without the invalidation the second of a pair reads the first one's word");
  destroy(first);
  visit(second);
  check_equal(wrong_words, 0, "and with it, its own");
  second.is_live = false;
  second.space.destroy();
}

void test_unmapping() {
  Slot& slot = slots[2];
  create(slot, 9);
  const Page other = take_page();
  other.words[0] = 0x7777;
  slot.space.map(kData + base::kPageSize, other.physical, port::Access::Read);
  visit(slot);
  check_equal(read_by_silo(slot.space, kData + base::kPageSize), 0x7777, "two pages can be read");
  slot.space.unmap(kData);
  check_equal(current_vmid(), 9, "after unmapping, still no other VMID was written");
  check_equal(read_by_silo(slot.space, kData), ~std::uint64_t{0}, "an unmapped page faults at once");
  check_equal(read_by_silo(slot.space, kData + base::kPageSize), 0x7777, "its neighbour can still be read");
  slot.space.map(kData, other.physical, port::Access::Read);
  check_equal(read_by_silo(slot.space, kData), 0x7777, "what is mapped there next can be read");
  destroy(slot);
}

}  // namespace

void run_test() {
  const std::uint64_t before = invalidations();
  test_many_spaces();
  test_all_vmids_at_once();
  test_pairs_back_to_back();
  check(freed > 512, "more than 512 spaces came and went");
  check_equal(invalidations() - before, freed, "one TLBI was issued for every freed VMID");
  check_equal(wrong_invalidations, 0, "each under the VMID that was freed");
  test_that_the_machine_would_show_it();
  test_unmapping();
}

}  // namespace target
