// SPDX-License-Identifier: Apache-2.0
//
// Which RAM is free: nothing that anybody lives in, whole pages, nothing twice.
#include "test/fakes/host_prelude.hpp"

#include "boot/memory_plan.hpp"

#include <random>
#include <set>

namespace boot {
namespace {

std::vector<Range> free_of(const MemoryPlan& plan) { return {plan.free().begin(), plan.free().end()}; }

TEST(MemoryPlan, ram_shrinks_to_whole_pages_and_what_is_taken_grows_to_them) {
  MemoryPlan plan;
  plan.add({0x1001, 0x5ffe});
  EXPECT_EQ(free_of(plan), (std::vector<Range>{{0x2000, 0x4000}}));
  plan.take_away({0x3fff, 2});
  EXPECT_EQ(free_of(plan), (std::vector<Range>{{0x2000, 0x1000}, {0x5000, 0x1000}}));
  EXPECT_EQ(plan.free_bytes(), 0x2000u);
}

TEST(MemoryPlan, taking_away_cuts_the_beginning_the_end_the_middle_and_the_whole) {
  MemoryPlan plan;
  plan.add({0x1'0000, 0x1'0000});
  plan.add({0x4'0000, 0x1'0000});
  plan.take_away({0, 0x1'1000});
  plan.take_away({0x1'f000, 0x2000});
  plan.take_away({0x4'8000, 0x1000});
  plan.take_away({0x1'8000, 0});
  EXPECT_EQ(free_of(plan), (std::vector<Range>{{0x1'1000, 0xe000}, {0x4'0000, 0x8000}, {0x4'9000, 0x7000}}));
  plan.take_away({0, ~std::uint64_t{0}});
  EXPECT_EQ(plan.free_bytes(), 0u);
}

TEST(MemoryPlan, overlapping_ram_is_counted_once) {
  MemoryPlan plan;
  plan.add({0x1'0000, 0x2'0000});
  plan.add({0x2'0000, 0x2'0000});
  EXPECT_EQ(plan.free_bytes(), 0x3'0000u);
}

TEST(MemoryPlan, cuts_from_the_highest_range_that_holds_it) {
  MemoryPlan plan;
  plan.add({0x10'0000, 0x50'0000});
  plan.add({0x100'0000, 0x10'0000});
  EXPECT_EQ(plan.cut_out(0x8000, 0x1000).value(), (Range{0x10f'8000, 0x8000}));
  EXPECT_EQ(plan.cut_out(0x20'0000, 0x20'0000).value(), (Range{0x40'0000, 0x20'0000}));
  EXPECT_EQ(plan.cut_out(0x50'0000, 0x1000).error(), base::Error::ENOMEM);
  EXPECT_EQ(plan.free_bytes(), 0x50'0000u + 0x10'0000 - 0x8000 - 0x20'0000);
}

TEST(MemoryPlan, takes_away_everything_that_something_lives_in) {
  HandOff handoff;
  handoff.memory.push({0, 0x1000'0000});
  handoff.device_tree = {0x800'0000, 0x1'5413};
  handoff.has_system_image = true;
  handoff.system_image = {0x270'0000, 0x4'93e0};
  handoff.reservations.push({0x300'0000, 0x1000});
  const MemoryPlan plan = plan_memory(handoff, {0x20'0000, 0x7'0000});
  EXPECT_EQ(free_of(plan), (std::vector<Range>{{0x1000, 0x1f'f000},
                                               {0x27'0000, 0x270'0000 - 0x27'0000},
                                               {0x274'a000, 0x300'0000 - 0x274'a000},
                                               {0x300'1000, 0x800'0000 - 0x300'1000},
                                               {0x801'6000, 0x1000'0000 - 0x801'6000}}))
      << "page 0 is the spin table's, reserved by the tree or not";
}

TEST(MemoryPlan, agrees_with_a_set_of_pages_whatever_is_added_and_taken) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    MemoryPlan plan;
    std::set<std::uint64_t> pages;
    for (int step = 0; step < 20; ++step) {
      const std::uint64_t first = random() % 60, count = random() % 12;
      const Range range{first * 0x1000, count * 0x1000};
      const bool is_added = step < 4;
      if (is_added) {
        plan.add(range);
      } else {
        plan.take_away(range);
      }
      for (std::uint64_t page = first; page < first + count; ++page) {
        if (is_added) {
          pages.insert(page);
        } else {
          pages.erase(page);
        }
      }
    }
    std::set<std::uint64_t> seen;
    std::uint64_t last_end = 0;
    for (const Range& range : plan.free()) {
      ASSERT_GE(range.start, last_end) << "sorted and disjoint";
      last_end = range.end();
      for (std::uint64_t page = range.start; page < range.end(); page += 0x1000) seen.insert(page / 0x1000);
    }
    ASSERT_EQ(seen, pages);
  }
}

TEST(MemoryPlan, a_full_list_loses_memory_but_never_gives_what_is_taken) {
  MemoryPlan plan;
  plan.add({0, 0x1000 * 1000});
  for (std::uint64_t page = 1; page < 1000; page += 2) plan.take_away({page * 0x1000, 0x1000});
  EXPECT_LE(plan.free().count, MemoryPlan::kRangesMaximum);
  for (const Range& range : plan.free()) {
    for (std::uint64_t page = range.start / 0x1000; page < range.end() / 0x1000; ++page) ASSERT_EQ(page % 2, 0u);
  }
}

}  // namespace
}  // namespace boot
