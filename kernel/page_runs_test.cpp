// SPDX-License-Identifier: Apache-2.0
//
// First fit: the lowest gap, to the last page, and nothing lost in any order.
#include "test/fakes/host_prelude.hpp"

#include "kernel/page_runs.hpp"

#include <deque>
#include <random>

namespace kernel {
namespace {

using base::Error;

TEST(PageRuns, a_row_is_filled_from_the_front_to_the_last_page) {
  PageRuns runs;
  runs.set_size(10);
  PageRun a, b, c;
  ASSERT_TRUE(runs.place(a, 4).ok());
  ASSERT_TRUE(runs.place(b, 6).ok());
  EXPECT_EQ(a.first_page, 0u);
  EXPECT_EQ(b.first_page, 4u);
  EXPECT_EQ(runs.place(c, 1).error(), Error::ENOMEM);
  EXPECT_EQ(runs.count(), 2u);
}

TEST(PageRuns, no_pages_and_an_empty_row_are_refused) {
  PageRuns runs;
  PageRun run;
  EXPECT_EQ(runs.place(run, 1).error(), Error::ENOMEM);
  runs.set_size(5);
  EXPECT_EQ(runs.place(run, 0).error(), Error::EINVAL);
  EXPECT_EQ(runs.place(run, 6).error(), Error::ENOMEM);
  EXPECT_EQ(runs.place(run, ~std::uint32_t{0}).error(), Error::ENOMEM);
  EXPECT_FALSE(run.run_node.is_linked());
}

TEST(PageRuns, the_lowest_gap_that_is_wide_enough_is_taken) {
  PageRuns runs;
  runs.set_size(100);
  std::deque<PageRun> all(10);
  for (PageRun& run : all) ASSERT_TRUE(runs.place(run, 10).ok());
  runs.remove(all[2]);
  runs.remove(all[6]);
  runs.remove(all[7]);
  PageRun wide, narrow, at_front;
  ASSERT_TRUE(runs.place(wide, 11).ok());
  EXPECT_EQ(wide.first_page, 60u);
  ASSERT_TRUE(runs.place(narrow, 10).ok());
  EXPECT_EQ(narrow.first_page, 20u);
  runs.remove(all[0]);
  ASSERT_TRUE(runs.place(at_front, 3).ok());
  EXPECT_EQ(at_front.first_page, 0u);
  EXPECT_EQ(runs.first(), &at_front);
}

TEST(PageRuns, a_page_is_found_in_the_run_that_has_it) {
  PageRuns runs;
  runs.set_size(30);
  PageRun a, b, c;
  ASSERT_TRUE(runs.place(a, 5).ok());
  ASSERT_TRUE(runs.place(b, 5).ok());
  ASSERT_TRUE(runs.place(c, 5).ok());
  runs.remove(b);
  EXPECT_EQ(runs.find(0), &a);
  EXPECT_EQ(runs.find(4), &a);
  EXPECT_EQ(runs.find(5), nullptr);
  EXPECT_EQ(runs.find(9), nullptr);
  EXPECT_EQ(runs.find(10), &c);
  EXPECT_EQ(runs.find(14), &c);
  EXPECT_EQ(runs.find(15), nullptr);
  EXPECT_EQ(runs.find(~std::uint64_t{0}), nullptr);
}

TEST(PageRuns, in_any_order_of_placing_and_removing_runs_stay_sorted_disjoint_and_first_fit) {
  constexpr std::uint32_t kSize = 64;
  std::mt19937 random(7);
  PageRuns runs;
  runs.set_size(kSize);
  std::deque<PageRun> all(24);
  for (int step = 0; step < 20'000; ++step) {
    PageRun& run = all[random() % all.size()];
    if (run.run_node.is_linked()) {
      runs.remove(run);
    } else {
      const std::uint32_t pages = 1 + random() % 12;
      // By counting: the lowest page from which `pages` are free.
      std::uint32_t wanted = kSize;
      for (std::uint32_t from = 0; from + pages <= kSize && wanted == kSize; ++from) {
        bool is_free = true;
        for (const PageRun& other : all) {
          is_free =
              is_free && (!other.run_node.is_linked() || other.end_page() <= from || other.first_page >= from + pages);
        }
        if (is_free) wanted = from;
      }
      const auto placed = runs.place(run, pages);
      ASSERT_EQ(placed.ok(), wanted != kSize);
      ASSERT_EQ(placed.ok() ? run.first_page : kSize, wanted);
    }
    std::uint32_t end = 0, count = 0;
    for (PageRun* at = runs.first(); at != nullptr; at = runs.next(*at), ++count) {
      ASSERT_GE(at->first_page, end);
      end = at->end_page();
      ASSERT_LE(end, kSize);
    }
    ASSERT_EQ(count, runs.count());
  }
}

}  // namespace
}  // namespace kernel
