// SPDX-License-Identifier: Apache-2.0
//
// Regions in pieces: each step is bounded and leaves interrupts in; nobody names a region before all of it is zero;
// whoever dies between two steps leaves nothing half-shared.
#include "test/fakes/region_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using fakes::Stage2Action;
using ipc::Outcome;
using ipc::Waiting;

constexpr std::uint32_t kStep = kRegionStepPages;

struct RegionSteps : fakes::RegionSteps {};

TEST_F(RegionSteps, one_step_is_enough_for_16_pages_and_a_call_for_them_does_not_block) {
  EXPECT_EQ(begin_create(one, kStep), Outcome::Completed);
  const std::uint64_t handle = word(one);
  EXPECT_EQ(begin_map(one, handle), Outcome::Completed);
  EXPECT_EQ(word(one), kWindow);
  EXPECT_EQ(begin_unmap(one, handle, kWindow), Outcome::Completed);
  EXPECT_TRUE(one.completion.status.ok());
  EXPECT_FALSE(reap_pending(this_core()));
}

TEST_F(RegionSteps, a_larger_one_is_worked_on_16_pages_at_a_time) {
  EXPECT_EQ(begin_create(one, 3 * kStep + 1), Outcome::Blocked);
  EXPECT_EQ(one.waiting, Waiting::Kernel);
  EXPECT_EQ(finish_steps(), 3u);
  EXPECT_EQ(one.waiting, Waiting::Nothing);
  const std::uint64_t handle = word(one);

  EXPECT_EQ(begin_map(one, handle), Outcome::Blocked);
  EXPECT_EQ(pages_mapped(one.silo()), kStep);
  step();
  EXPECT_EQ(pages_mapped(one.silo()), 2 * kStep);
  EXPECT_EQ(finish_steps(), 2u);

  EXPECT_EQ(begin_unmap(one, handle, kWindow), Outcome::Blocked);
  EXPECT_EQ(pages_mapped(one.silo()), 2 * kStep + 1);
  EXPECT_EQ(finish_steps(), 3u);
  EXPECT_TRUE(one.completion.status.ok());

  shut(one, handle);
  EXPECT_EQ(finish_steps(), 4u) << "scrubbing";
}

TEST_F(RegionSteps, no_step_touches_more_than_16_pages) {
  const std::uint64_t handle = made(one, kPages);
  static_cast<void>(mapped(one, handle));
  const auto most = [&] {
    std::size_t published = 0, flushed = 0;
    while (reap_pending(this_core())) {
      fakes::clear_stage2_log();
      step();
      published = std::max<std::size_t>(published, fakes::stage2_count(Stage2Action::PublishValid) +
                                                       fakes::stage2_count(Stage2Action::PublishInvalid));
      flushed = std::max<std::size_t>(flushed, fakes::stage2_count(Stage2Action::InvalidatePage));
    }
    return std::max(published, flushed);
  };
  static_cast<void>(begin_map(one, handle, port::Access::Read) == Outcome::Blocked);  // beyond the quota
  EXPECT_EQ(one.completion.status.error(), Error::EDQUOT);
  static_cast<void>(begin_unmap(one, handle, kWindow));
  EXPECT_EQ(most(), kStep);
  static_cast<void>(begin_map(one, handle));
  EXPECT_EQ(most(), kStep);
  shut(one, handle);
  EXPECT_EQ(most(), kStep);
}

TEST_F(RegionSteps, nobody_can_name_a_region_before_all_of_it_is_zero) {
  EXPECT_EQ(begin_create(one, 5 * kStep), Outcome::Blocked);
  while (reap_pending(this_core())) {
    EXPECT_EQ(one.silo().capabilities.live(), one.waiting == Waiting::Kernel ? 0u : 1u);
    step();
  }
  EXPECT_EQ(one.silo().capabilities.live(), 1u);
  EXPECT_TRUE(is_zero(region_at(one, word(one)).frames));
}

TEST_F(RegionSteps, a_table_that_fills_up_while_zeroing_is_ENOSPC_and_nothing_is_left) {
  Thread& narrow = add_sharer("narrow", 5, kPages, kRegions, 8);
  EXPECT_EQ(begin_create(narrow, 2 * kStep), Outcome::Blocked);
  while (narrow.silo().capabilities.room() != 0) {
    ASSERT_TRUE(narrow.silo().capabilities.insert(fakes::unlocked(), {&console_object(), 0, 0, 0}).ok());
  }
  finish_steps();
  EXPECT_EQ(narrow.completion.status.error(), Error::ENOSPC);
  expect_nothing_charged(narrow.silo());
}

/// The silo ends after so many steps of each kind of work.
struct RegionDeath : RegionSteps, testing::WithParamInterface<unsigned> {
  static constexpr std::uint32_t kLarge = 5 * kStep + 3;
  void go() {
    for (unsigned i = 0; i < GetParam() && reap_pending(this_core()); ++i) step();
  }
  void end_of_one() {
    stop(one);
    finish_steps();
    EXPECT_EQ(pages_mapped(one.silo()), 0u);
    EXPECT_EQ(used(one, QuotaKind::MappedPages), 0u);
  }
};

TEST_P(RegionDeath, while_a_region_is_made) {
  static_cast<void>(begin_create(one, kLarge));
  go();
  end_of_one();
  expect_nothing_charged(one.silo());
}

TEST_P(RegionDeath, while_a_region_is_made_and_capabilities_are_gone_before_its_threads) {
  static_cast<void>(begin_create(one, kLarge));
  go();
  one.silo().exit(1);
  give_up_capabilities(one.silo());
  finish_steps();
  EXPECT_EQ(one.silo().capabilities.live(), 0u) << "none came to be afterwards";
  this_core().end_thread(one);
  expect_nothing_charged(one.silo());
}

TEST_P(RegionDeath, while_it_is_mapped) {
  const std::uint64_t handle = made(one, kLarge);
  const FrameRange frames = region_at(one, handle).frames;
  static_cast<void>(begin_map(one, handle));
  fill(frames, 0x66);
  go();
  end_of_one();
  EXPECT_TRUE(is_zero(frames));
  expect_nothing_charged(one.silo());
}

TEST_P(RegionDeath, of_a_borrower_while_it_maps_leaves_the_lender_alone) {
  const std::uint64_t handle = made(other, kLarge);
  const std::uint64_t address = mapped(other, handle);
  const std::uint64_t given = give(one, region_at(other, handle), {Right::RegionRead});
  fill(region_at(other, handle).frames, 0x66);
  static_cast<void>(begin_map(one, given, port::Access::Read));
  go();
  end_of_one();
  EXPECT_EQ(pages_mapped(other.silo()), kLarge);
  EXPECT_EQ(byte_at(other, address), std::byte{0x66});
}

TEST_P(RegionDeath, while_it_is_unmapped) {
  const std::uint64_t handle = made(one, kLarge);
  const FrameRange frames = region_at(one, handle).frames;
  const std::uint64_t address = mapped(one, handle);
  fill(frames, 0x66);
  static_cast<void>(begin_unmap(one, handle, address));
  go();
  end_of_one();
  EXPECT_TRUE(is_zero(frames));
  expect_nothing_charged(one.silo());
}

TEST_P(RegionDeath, while_it_is_scrubbed) {
  const std::uint64_t handle = made(one, kLarge);
  const FrameRange frames = region_at(one, handle).frames;
  fill(frames, 0x66);
  shut(one, handle);
  go();
  end_of_one();
  EXPECT_TRUE(is_zero(frames));
  expect_nothing_charged(one.silo());
}

INSTANTIATE_TEST_SUITE_P(AfterSteps, RegionDeath, testing::Range(0u, 8u));

}  // namespace
}  // namespace kernel
