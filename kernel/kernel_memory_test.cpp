// SPDX-License-Identifier: Apache-2.0
//
// Kernel memory: single pages, runs, zeroing, and that no page is ever handed out twice or lost.
#include "test/fakes/host_prelude.hpp"

#include "kernel/kernel_memory.hpp"

#include <random>
#include <set>

#include "test/fakes/fake_arena.hpp"

namespace kernel {
namespace {

using base::Error;

class KernelMemory : public testing::Test {
 protected:
  fakes::Arena arena{64};
};

TEST_F(KernelMemory, refuses_an_arena_that_is_not_whole_pages) {
  std::byte bytes[16];
  EXPECT_EQ(initialize_kernel_memory(fakes::unlocked(), base::PhysicalAddress(0x1234), bytes, 4096).error(),
            Error::EINVAL);
  EXPECT_EQ(initialize_kernel_memory(fakes::unlocked(), base::PhysicalAddress(0x1000), bytes, 4095).error(),
            Error::EINVAL);
  EXPECT_EQ(initialize_kernel_memory(fakes::unlocked(), base::PhysicalAddress(0x1000), bytes, 0).error(),
            Error::EINVAL);
  EXPECT_EQ(initialize_kernel_memory(fakes::unlocked(), base::PhysicalAddress(0x1000), nullptr, 4096).error(),
            Error::EINVAL);
}

TEST_F(KernelMemory, hands_out_zeroed_pages_even_after_they_were_dirty) {
  std::byte* const first = allocate_kernel_page(fakes::unlocked()).value();
  std::fill_n(first, base::kPageSize, std::byte{0xff});
  free_kernel_page(fakes::unlocked(), first);
  std::byte* const again = allocate_kernel_page(fakes::unlocked()).value();
  EXPECT_EQ(first, again);
  EXPECT_TRUE(std::all_of(again, again + base::kPageSize, [](std::byte byte) { return byte == std::byte{0}; }));
  free_kernel_page(fakes::unlocked(), again);
}

TEST_F(KernelMemory, gives_each_page_once_and_then_says_enomem) {
  std::set<std::byte*> pages;
  for (int i = 0; i < 64; ++i) EXPECT_TRUE(pages.insert(allocate_kernel_page(fakes::unlocked()).value()).second);
  EXPECT_EQ(allocate_kernel_page(fakes::unlocked()).error(), Error::ENOMEM);
  EXPECT_EQ(kernel_pages_left(fakes::unlocked()).value(), 0u);
  for (std::byte* page : pages) free_kernel_page(fakes::unlocked(), page);
  EXPECT_EQ(kernel_pages_left(fakes::unlocked()).value(), 64u);
}

TEST_F(KernelMemory, finds_a_run_between_taken_pages_only_if_it_is_long_enough) {
  std::vector<std::byte*> pages;
  for (int i = 0; i < 64; ++i) pages.push_back(allocate_kernel_page(fakes::unlocked()).value());
  for (int i : {3, 4, 5, 9, 10, 11, 12}) free_kernel_page(fakes::unlocked(), pages[static_cast<std::size_t>(i)]);
  EXPECT_EQ(allocate_kernel_pages(fakes::unlocked(), base::PageCount(5)).error(), Error::ENOMEM);
  EXPECT_EQ(allocate_kernel_pages(fakes::unlocked(), base::PageCount(4)).value(), pages[9]);
  EXPECT_EQ(allocate_kernel_pages(fakes::unlocked(), base::PageCount(3)).value(), pages[3]);
  EXPECT_EQ(allocate_kernel_page(fakes::unlocked()).error(), Error::ENOMEM);
}

TEST_F(KernelMemory, refuses_a_run_of_nothing) {
  EXPECT_EQ(allocate_kernel_pages(fakes::unlocked(), base::PageCount(0)).error(), Error::EINVAL);
  EXPECT_EQ(allocate_kernel_pages(fakes::unlocked(), base::PageCount(kArenaPagesMaximum + 1)).error(), Error::EINVAL);
}

TEST_F(KernelMemory, physical_and_virtual_names_lead_to_each_other) {
  std::byte* const page = allocate_kernel_page(fakes::unlocked()).value();
  const base::PhysicalAddress physical = physical_address_of(page + 0x123);
  EXPECT_EQ(physical.offset_in_page(), 0x123u);
  EXPECT_EQ(kernel_memory_at(physical), page + 0x123);
  EXPECT_EQ(physical - fakes::Arena::kPhysical, static_cast<std::uint64_t>(page + 0x123 - arena.bytes()));
}

using KernelMemoryDeathTest = KernelMemory;
TEST_F(KernelMemoryDeathTest, traps_on_a_page_given_back_twice) {
  std::byte* const page = allocate_kernel_page(fakes::unlocked()).value();
  free_kernel_page(fakes::unlocked(), page);
  EXPECT_DEATH(free_kernel_page(fakes::unlocked(), page), "");
}
TEST_F(KernelMemoryDeathTest, traps_on_an_address_outside_of_the_arena) {
  EXPECT_DEATH(static_cast<void>(physical_address_of(arena.bytes() + 64 * base::kPageSize)), "");
  EXPECT_DEATH(static_cast<void>(kernel_memory_at(fakes::Arena::kPhysical + 64 * base::kPageSize)), "");
  EXPECT_DEATH(free_kernel_page(fakes::unlocked(), arena.bytes() + 1), "");
}

TEST(PageMap, agrees_with_a_set_over_random_steps) {
  static PageMap map;
  constexpr std::uint64_t kPages = 9000;  // three groups, the last one not full
  map.reset(kPages);
  std::set<std::uint64_t> free_pages;
  for (std::uint64_t page = 0; page < kPages; ++page) free_pages.insert(page);
  std::vector<std::uint64_t> taken;
  std::mt19937 random(1);
  for (int step = 0; step < 200'000; ++step) {
    const bool grows = (step / 20'000) % 2 == 0;
    if (random() % 8 < (grows ? 6u : 2u)) {
      const auto page = map.take();
      ASSERT_EQ(page.ok(), !free_pages.empty());
      if (!page.ok()) continue;
      ASSERT_EQ(page.value(), *free_pages.begin());
      free_pages.erase(free_pages.begin());
      taken.push_back(page.value());
    } else if (!taken.empty()) {
      const std::size_t which = random() % taken.size();
      ASSERT_TRUE(map.give_back(taken[which]).ok());
      free_pages.insert(taken[which]);
      taken[which] = taken.back();
      taken.pop_back();
    }
    ASSERT_EQ(map.free_pages(), free_pages.size());
  }
  for (const std::uint64_t page : free_pages) ASSERT_EQ(map.give_back(page).error(), Error::EINVAL);
  EXPECT_EQ(map.give_back(kPages).error(), Error::EINVAL);
}

}  // namespace
}  // namespace kernel
