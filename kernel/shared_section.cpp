// SPDX-License-Identifier: Apache-2.0
//
// The big-reader lock of shared sections. Checked by the model test/model/shared_section.pml, orders of stores and
// loads included.
#include "kernel/shared_section.hpp"

#include <atomic>

#include "kernel/base/rank_check.hpp"
#include "kernel/base/ticket_lock.hpp"
#include "kernel/limits.hpp"
#include "kernel/port/cpu.hpp"

namespace kernel {

namespace {

/// Lines of the data cache of the cores that this runs on are no longer, so a mark shares its line with none.
constexpr std::size_t kCacheLine = 64;

/// 1: this core is beside others. Written by that core alone.
struct alignas(kCacheLine) Mark {
  std::atomic<std::uint64_t> is_set{0};
};

struct Section {
  /// How many cores there are to wait for; 0 while one runs alone, which has nobody to exclude.
  std::uint32_t others = 0;
  base::TicketLock lock;
  std::atomic<std::uint32_t> asked{0};  ///< how many have asked for the section
  std::atomic<std::uint32_t> left{0};   ///< how many of them have left it; written by who is in it
  Mark marks[kCoresMaximum];

  /// Whether somebody is in the section or waits for it.
  /// ORDERING: the acquire meets the release of the last who left, so all that was written in sections is seen.
  bool is_wanted() const {
    const std::uint32_t have_asked = asked.load(std::memory_order_seq_cst);
    return have_asked != left.load(std::memory_order_acquire);
  }
  /// ORDERING: a core that has set its mark before this one asked, in the one order of all sequentially consistent
  /// operations, is seen here; one that sets it later sees that this one has asked. What a core wrote beside others
  /// comes before it cleared its mark.
  std::uint64_t marks_set() const {
    std::uint64_t some = 0;
    for (std::uint32_t core = 0; core < others; ++core) some |= marks[core].is_set.load(std::memory_order_seq_cst);
    return some;
  }
};
constinit Section section;

}  // namespace

void SharedSection::set_cores(std::uint32_t count) { section.others = count <= 1 ? 0 : count; }

void SharedSection::enter() {
  base::RankCheck::taken(rank);
  if (section.others == 0) return;
  section.asked.fetch_add(1, std::memory_order_seq_cst);
  const std::uint32_t ticket = section.lock.draw();
  if (!section.lock.is_turn_of(ticket) || section.marks_set() != 0) wait(ticket);
}

/// Out of line, so that who need not wait keeps no register for it, and so that tools/bench can tell it apart.
[[gnu::noinline]] void SharedSection::wait(std::uint32_t ticket) {
  while (!section.lock.is_turn_of(ticket)) port::spin_hint();
  while (section.marks_set() != 0) port::spin_hint();
}

void SharedSection::leave() {
  if (section.others != 0) {
    section.left.store(section.left.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    section.lock.release();
  }
  base::RankCheck::given_back(rank);
}

void SharedSection::enter_beside(base::CoreId core) {
  std::atomic<std::uint64_t>& mark = section.marks[core.value()].is_set;
  base::RankCheck::taken(rank);
  // ORDERING: the mark is set before it is looked whether anybody has asked, in the one order (Section::marks_set); on
  // AArch64 an STLR and the LDAR behind it keep theirs.
  mark.store(1, std::memory_order_seq_cst);
  if (!section.is_wanted()) return;
  mark.store(0, std::memory_order_release);
  wait_beside(core);
}

/// Whoever asked earlier has it earlier, so this core draws a ticket as well; but it has not asked for the section, and
/// keeps no other from being beside.
[[gnu::noinline]] void SharedSection::wait_beside(base::CoreId core) {
  section.lock.acquire(port::spin_hint);
  // ORDERING: before the release, by which whoever has the next turn sees it.
  section.marks[core.value()].is_set.store(1, std::memory_order_relaxed);
  section.lock.release();
}

void SharedSection::leave_beside(base::CoreId core) {
  section.marks[core.value()].is_set.store(0, std::memory_order_release);
  base::RankCheck::given_back(rank);
}

}  // namespace kernel
