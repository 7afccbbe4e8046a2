// SPDX-License-Identifier: Apache-2.0
//
// Frame allocator: placement, merging, refusals, and conservation of frames over random steps against a map of single
// frames.
#include "test/fakes/host_prelude.hpp"

#include "kernel/frame_allocator.hpp"

#include <memory>
#include <random>
#include <set>

namespace kernel {
namespace {

using base::Error;
using base::PageCount;
using base::PhysicalAddress;
using base::SiloAddress;

constexpr SiloAddress kAnywhere{0x10000};

FrameRange range(std::uint64_t start, std::uint64_t pages) { return {PhysicalAddress(start), PageCount(pages)}; }

struct Frames : testing::Test {
  std::unique_ptr<FrameAllocator> frames = std::make_unique<FrameAllocator>();
};

TEST_F(Frames, takes_the_first_range_that_is_large_enough) {
  ASSERT_TRUE(frames->add(range(0x8000, 2)).ok());
  ASSERT_TRUE(frames->add(range(0x2000, 1)).ok());
  ASSERT_TRUE(frames->add(range(0x100000, 16)).ok());
  EXPECT_EQ(frames->allocate(PageCount(2), kAnywhere).value().start, PhysicalAddress(0x8000));
  EXPECT_EQ(frames->allocate(PageCount(1), kAnywhere).value().start, PhysicalAddress(0x2000));
  EXPECT_EQ(frames->allocate(PageCount(4), kAnywhere).value().start, PhysicalAddress(0x100000));
  EXPECT_EQ(frames->allocate(PageCount(13), kAnywhere).error(), Error::ENOMEM);
  EXPECT_EQ(frames->allocate(PageCount(12), kAnywhere).value().start, PhysicalAddress(0x104000));
  EXPECT_EQ(frames->allocate(PageCount(1), kAnywhere).error(), Error::ENOMEM);
}

TEST_F(Frames, refuses_bad_ranges) {
  EXPECT_EQ(frames->add(range(0x8001, 2)).error(), Error::EINVAL);
  EXPECT_EQ(frames->add(range(0x8000, 0)).error(), Error::EINVAL);
  EXPECT_EQ(frames->add(range(std::uint64_t{1} << 48, 1)).error(), Error::EINVAL);
  EXPECT_EQ(frames->add(range(0x8000, ~std::uint64_t{0})).error(), Error::EINVAL);
  ASSERT_TRUE(frames->add(range(0x8000, 4)).ok());
  EXPECT_EQ(frames->add(range(0xb000, 4)).error(), Error::EINVAL);
  EXPECT_EQ(frames->add(range(0x6000, 3)).error(), Error::EINVAL);
  EXPECT_EQ(frames->add(range(0x9000, 1)).error(), Error::EINVAL);
  EXPECT_EQ(frames->free_frames(), PageCount(4));
}

TEST_F(Frames, refuses_to_take_back_what_is_free_or_was_never_given) {
  ASSERT_TRUE(frames->add(range(0x8000, 8)).ok());
  EXPECT_EQ(frames->give_back(range(0x100000, 1)).error(), Error::EINVAL);
  const FrameRange given = frames->allocate(PageCount(2), kAnywhere).value();
  EXPECT_EQ(frames->give_back(range(0x9000, 2)).error(), Error::EINVAL);
  EXPECT_EQ(frames->give_back(range(0x8000, 0)).error(), Error::EINVAL);
  ASSERT_TRUE(frames->give_back(given).ok());
  EXPECT_EQ(frames->give_back(given).error(), Error::EINVAL);
  EXPECT_EQ(frames->free_ranges(), 1u);
  EXPECT_EQ(frames->allocate(PageCount(0), kAnywhere).error(), Error::EINVAL);
}

TEST_F(Frames, places_large_ranges_like_their_silo_address_so_that_blocks_fit) {
  ASSERT_TRUE(frames->add(range(0x40003000, 4096)).ok());
  const SiloAddress address(0x10000);
  const FrameRange large = frames->allocate(PageCount(600), address).value();
  EXPECT_EQ(large.start.value() % 0x200000, address.value());
  const FrameRange small = frames->allocate(PageCount(3), address).value();
  EXPECT_EQ(small.start, PhysicalAddress(0x40003000));
}

TEST_F(Frames, takes_an_unaligned_place_rather_than_none) {
  ASSERT_TRUE(frames->add(range(0x40003000, 600)).ok());
  EXPECT_EQ(frames->allocate(PageCount(600), SiloAddress(0x200000)).value().start, PhysicalAddress(0x40003000));
}

TEST_F(Frames, never_fails_to_take_back_because_the_list_of_ranges_is_full) {
  ASSERT_TRUE(frames->add(range(0x40000000, 100'000)).ok());
  std::vector<FrameRange> given;
  for (;;) {
    const auto one = frames->allocate(PageCount(1), kAnywhere);
    if (!one.ok()) break;
    given.push_back(one.value());
  }
  EXPECT_EQ(given.size(), FrameAllocator::kRangesMaximum - 1);
  for (std::size_t i = 0; i < given.size(); i += 2) ASSERT_TRUE(frames->give_back(given[i]).ok());
  for (std::size_t i = 1; i < given.size(); i += 2) ASSERT_TRUE(frames->give_back(given[i]).ok());
  EXPECT_EQ(frames->free_ranges(), 1u);
  EXPECT_EQ(frames->free_frames(), PageCount(100'000));
}

TEST_F(Frames, bounds_the_number_of_ranges_added) {
  for (std::uint32_t i = 0; i < FrameAllocator::kRangesMaximum; ++i) {
    ASSERT_TRUE(frames->add(range(0x40000000 + i * std::uint64_t{0x2000}, 1)).ok());
  }
  EXPECT_EQ(frames->add(range(0x10000000, 1)).error(), Error::ENOSPC);
  EXPECT_EQ(frames->allocate(PageCount(1), kAnywhere).error(), Error::ENOMEM);
}

TEST_F(Frames, conserves_every_frame_over_random_steps) {
  std::set<std::uint64_t> owned;  // frame numbers that allocations hold
  std::vector<FrameRange> given;
  ASSERT_TRUE(frames->add(range(0x40000000, 3000)).ok());
  ASSERT_TRUE(frames->add(range(0x80005000, 2000)).ok());
  ASSERT_TRUE(frames->add(range(0xa0000000, 50)).ok());
  const std::uint64_t total = 5050;
  std::mt19937 random(7);
  for (int step = 0; step < 50'000; ++step) {
    if (random() % 2 == 0) {
      const PageCount size(random() % 4 == 0 ? 1 + random() % 700 : 1 + random() % 20);
      const auto one = frames->allocate(size, SiloAddress((random() % 1000) * base::kPageSize));
      if (!one.ok()) continue;
      ASSERT_EQ(one.value().size, size);
      const std::uint64_t first = one.value().start.value() / base::kPageSize;
      for (std::uint64_t frame = first; frame < first + size.value(); ++frame) ASSERT_TRUE(owned.insert(frame).second);
      given.push_back(one.value());
    } else if (!given.empty()) {
      const std::size_t which = random() % given.size();
      ASSERT_TRUE(frames->give_back(given[which]).ok());
      const std::uint64_t first = given[which].start.value() / base::kPageSize;
      for (std::uint64_t i = 0; i < given[which].size.value(); ++i) owned.erase(first + i);
      given[which] = given.back();
      given.pop_back();
    }
    ASSERT_EQ(frames->free_frames().value() + owned.size(), total);
    ASSERT_LE(frames->free_ranges(), 3 + frames->allocations());
  }
  for (const FrameRange& one : given) ASSERT_TRUE(frames->give_back(one).ok());
  EXPECT_EQ(frames->free_ranges(), 3u);
  EXPECT_EQ(frames->free_frames(), PageCount(total));
  EXPECT_EQ(frames->allocations(), 0u);
  for (const std::uint64_t pages : {3000u, 2000u, 50u}) EXPECT_TRUE(frames->allocate(PageCount(pages), kAnywhere).ok());
  EXPECT_EQ(frames->free_ranges(), 0u);
}

}  // namespace
}  // namespace kernel
