// SPDX-License-Identifier: Apache-2.0
//
// Shared regions as silos see them: the four calls, their results and refusals, who may do what with which capability,
// and what becomes of mappings when capabilities and silos go.
#include "test/fakes/region_world.hpp"

namespace kernel {
namespace {

using abi::Right;

struct RegionCalls : fakes::RegionWorld {
  Thread& one = add_sharer("one", 20);
  Thread& other = add_sharer("other", 10);
  /// The other one's turn: the first sleeps.
  void let_other_run() {
    call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1'000'000});
    ASSERT_TRUE(is_running(other));
  }
  void let_one_run() {
    pass(2'000'000);
    ASSERT_TRUE(is_running(one));
  }
};

TEST_F(RegionCalls, N5_a_region_is_made_with_every_right_and_is_zero) {
  start();
  const std::uint64_t handle = create(3);
  const Capability& capability = *one.silo().capabilities.lookup(handle).value();
  EXPECT_EQ(capability.rights,
            (rights_of_type(abi::ObjectType::Region) & ~static_cast<std::uint64_t>(abi::Right::RegionPhysical)));
  EXPECT_TRUE(is_zero(region_of(capability).frames));
  EXPECT_EQ(region_of(capability).frames.size, base::PageCount(3));
  EXPECT_EQ(used(one, QuotaKind::Regions), 1u);
  EXPECT_EQ(used(one, QuotaKind::RegionPages), 3u);
  EXPECT_EQ(used(one, QuotaKind::MappedPages), 0u);
}

TEST_F(RegionCalls, N5_results_leave_every_other_register_zero) {
  start();
  const std::uint64_t handle = create(1);
  expect_clean(one, {3});
  map(handle);
  expect_clean(one, {3, 4});
  call(SystemCall::REGION_INFO, {.handle = handle});
  expect_clean(one, {3, 4, 5});
}

TEST_F(RegionCalls, B8_creation_is_refused_beyond_the_quota_and_for_no_pages) {
  start();
  for (const std::uint64_t pages : {std::uint64_t{0}, std::uint64_t{abi::kRegionPagesMaximum} + 1,
                                    std::uint64_t{1} << 32, ~std::uint64_t{0}, (std::uint64_t{1} << 52) + 1}) {
    EXPECT_EQ(ask(SystemCall::REGION_CREATE, 0, pages).status, minus(Error::EINVAL)) << pages;
  }
  EXPECT_EQ(ask(SystemCall::REGION_CREATE, 0, kPages + 1).status, minus(Error::EDQUOT));
  expect_nothing_charged(one.silo());
  const std::uint64_t large = create(kPages);
  EXPECT_EQ(ask(SystemCall::REGION_CREATE, 0, 1).status, minus(Error::EDQUOT));
  EXPECT_EQ(close(large), 0);
  for (std::uint32_t i = 0; i < kRegions; ++i) create(1);
  EXPECT_EQ(ask(SystemCall::REGION_CREATE, 0, 1).status, minus(Error::EDQUOT));
  EXPECT_EQ(used(one, QuotaKind::RegionPages), kRegions);
}

TEST_F(RegionCalls, B8_a_silo_without_quota_makes_and_maps_nothing) {
  Thread& poor = add_sharer("poor", 30, 0, 0);
  start();
  ASSERT_TRUE(is_running(poor));
  EXPECT_EQ(ask(SystemCall::REGION_CREATE, 0, 1).status, minus(Error::EDQUOT));
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1'000'000});
  ASSERT_TRUE(is_running(one));
  const std::uint64_t given = give(poor, region_at(one, create(1)), {Right::RegionRead});
  pass(2'000'000);
  ASSERT_TRUE(is_running(poor));
  EXPECT_EQ(ask(SystemCall::REGION_MAP, given, kRead).status, minus(Error::EDQUOT));
  EXPECT_EQ(poor.silo().space.translate(base::SiloAddress(kWindow)).error(), Error::ENOENT);
}

TEST_F(RegionCalls, N5_a_full_table_is_ENOSPC_and_nothing_is_charged) {
  Thread& narrow = add_sharer("narrow", 30, kPages, kRegions, 8);
  start();
  ASSERT_TRUE(is_running(narrow));
  for (int i = 0; i < 7; ++i) create(1);
  EXPECT_EQ(ask(SystemCall::REGION_CREATE, 0, 1).status, minus(Error::ENOSPC));
  EXPECT_EQ(used(narrow, QuotaKind::RegionPages), 7u);
}

TEST_F(RegionCalls, E16_a_mapping_is_the_regions_own_pages_in_order) {
  start();
  const std::uint64_t handle = create(5);
  const Answer mapped = ask(SystemCall::REGION_MAP, handle, kReadWrite);
  EXPECT_EQ(mapped.status, 0);
  EXPECT_EQ(mapped.word[0], kWindow);
  EXPECT_EQ(mapped.word[1], 5u * 4096);
  const RegionObject& region = region_at(one, handle);
  for (std::uint64_t page = 0; page < 5; ++page) {
    const Translation at = translation(one, kWindow + page * 4096);
    EXPECT_EQ(at.memory, region.frames.start + page * 4096);
    EXPECT_EQ(at.granule, Granule::Page);
    EXPECT_EQ(at.access, port::Access::ReadWrite);
  }
}

TEST_F(RegionCalls, E16_two_silos_see_each_others_words_and_the_reader_cannot_write) {
  start();
  const std::uint64_t handle = create(2);
  const std::uint64_t written = map(handle);
  const std::uint64_t given = give(other, region_at(one, handle), {Right::RegionRead});
  byte_at(one, written + 5000) = std::byte{0x5a};
  let_other_run();
  EXPECT_EQ(ask(SystemCall::REGION_MAP, given, kReadWrite).status, minus(Error::EPERM));
  const std::uint64_t read = map(given, kRead);
  EXPECT_EQ(byte_at(other, read + 5000), std::byte{0x5a});
  EXPECT_EQ(translation(other, read).access, port::Access::Read);
  EXPECT_EQ(translation(one, written).access, port::Access::ReadWrite);
  const Answer info = ask(SystemCall::REGION_INFO, given);
  EXPECT_EQ(info.word[0], 2u * 4096);
  EXPECT_EQ(info.word[1], 2u);
  EXPECT_EQ(info.word[2], 1u);
}

TEST_F(RegionCalls, E16_nothing_is_ever_mapped_executable) {
  start();
  const std::uint64_t handle = create(1);
  for (const std::uint64_t access : {std::uint64_t{0}, std::uint64_t{3}, std::uint64_t{4}, std::uint64_t{5},
                                     std::uint64_t{7}, std::uint64_t{1} << 32 | 1, ~std::uint64_t{0}}) {
    EXPECT_EQ(ask(SystemCall::REGION_MAP, handle, access).status, minus(Error::EINVAL)) << access;
  }
  for (const std::uint64_t access : {kRead, kReadWrite}) {
    EXPECT_NE(translation(one, map(handle, access)).access, port::Access::ReadExecute);
  }
}

TEST_F(RegionCalls, N5_each_access_takes_its_right) {
  start();
  RegionObject& region = region_at(one, create(1));
  const std::uint64_t reads = give(other, region, {Right::RegionRead});
  const std::uint64_t writes = give(other, region, {Right::RegionWrite});
  const std::uint64_t moves = give(other, region, {Right::RegionMove});
  let_other_run();
  EXPECT_EQ(ask(SystemCall::REGION_MAP, reads, kReadWrite).status, minus(Error::EPERM));
  EXPECT_EQ(ask(SystemCall::REGION_MAP, writes, kRead).status, minus(Error::EPERM));
  EXPECT_EQ(ask(SystemCall::REGION_MAP, moves, kRead).status, minus(Error::EPERM));
  EXPECT_EQ(ask(SystemCall::REGION_MAP, moves, kReadWrite).status, minus(Error::EPERM));
  EXPECT_EQ(pages_mapped(other.silo()), 0u);
  map(reads, kRead);
  map(writes, kReadWrite);
  EXPECT_EQ(ask(SystemCall::REGION_INFO, moves).word[1], 2u);
}

TEST_F(RegionCalls, N5_a_right_that_was_given_up_is_gone) {
  start();
  const std::uint64_t handle = create(1);
  const std::uint64_t lent =
      call(SystemCall::HANDLE_DUPLICATE, {.handle = handle, .words = {static_cast<std::uint64_t>(Right::RegionRead)}})
          .general[3];
  EXPECT_EQ(ask(SystemCall::REGION_MAP, lent, kReadWrite).status, minus(Error::EPERM));
  map(lent, kRead);
}

TEST_F(RegionCalls, B6_other_types_stale_and_foreign_handles_are_refused) {
  start();
  const std::uint64_t handle = create(1);
  const std::uint64_t gone = create(1);
  EXPECT_EQ(close(gone), 0);
  for (const SystemCall number : {SystemCall::REGION_MAP, SystemCall::REGION_UNMAP, SystemCall::REGION_INFO}) {
    EXPECT_EQ(ask(number, gone, kRead).status, minus(Error::EBADF));
    EXPECT_EQ(ask(number, 0, kRead).status, minus(Error::EBADF));
    EXPECT_EQ(ask(number, 1, kRead).status, minus(Error::EBADF));
  }
  EXPECT_EQ(ask(SystemCall::PORT_SEND, handle).status, minus(Error::EPERM));
  EXPECT_EQ(ask(SystemCall::CHAN_STATS, handle).status, minus(Error::EPERM));
  let_other_run();
  EXPECT_EQ(ask(SystemCall::REGION_MAP, handle, kRead).status, minus(Error::EBADF));
}

TEST_F(RegionCalls, N5_guard_pages_lie_before_behind_and_between) {
  start();
  const std::uint64_t first = map(create(2));
  const std::uint64_t second = map(create(3));
  EXPECT_EQ(first, kWindow);
  EXPECT_EQ(second, kWindow + 3 * 4096);
  EXPECT_FALSE(is_mapped(one, first - 1));
  EXPECT_FALSE(is_mapped(one, first + 2 * 4096));
  EXPECT_FALSE(is_mapped(one, second + 3 * 4096));
}

TEST_F(RegionCalls, N5_the_guard_page_stays_free_whatever_comes_and_goes) {
  start();
  const std::uint64_t small = create(1);
  std::vector<std::uint64_t> addresses;
  for (int i = 0; i < 6; ++i) addresses.push_back(map(small));
  EXPECT_EQ(unmap(small, addresses[1]), 0);
  EXPECT_EQ(unmap(small, addresses[3]), 0);
  // A gap of one page and its guard pages on both sides: two pages do not fit, one does.
  const std::uint64_t two = map(create(2));
  EXPECT_GT(two, addresses[5]);
  EXPECT_EQ(map(small), addresses[1]);
  for (const std::uint64_t address : {addresses[0], addresses[1], addresses[2]}) {
    EXPECT_FALSE(is_mapped(one, address + 4096));
  }
}

TEST_F(RegionCalls, B8_the_whole_quota_of_mapped_pages_can_be_used_in_32_mappings_of_any_size) {
  start();
  std::vector<std::uint64_t> handles;
  for (int i = 0; i < 4; ++i) handles.push_back(create(7));
  for (int i = 0; i < 31; ++i)
    map(handles[static_cast<std::size_t>(i % 4)] != 0 && i < 28 ? handles[static_cast<std::size_t>(i % 4)] : create(1));
  EXPECT_EQ(used(one, QuotaKind::MappedPages), 28u * 7 + 3);
  EXPECT_EQ(ask(SystemCall::REGION_MAP, handles[0], kRead).status, minus(Error::EDQUOT));
  map(create(1));
  EXPECT_EQ(used(one, QuotaKind::MappedPages), kPages);
  EXPECT_EQ(pages_mapped(one.silo()), kPages);
  EXPECT_EQ(ask(SystemCall::REGION_MAP, handles[0], kRead).status, minus(Error::ENOSPC)) << "the 33rd mapping";
}

TEST_F(RegionCalls, N5_unmapping_takes_the_start_of_a_mapping_of_that_region_in_this_silo) {
  start();
  const std::uint64_t handle = create(2), another = create(2);
  const std::uint64_t address = map(handle);
  const std::uint64_t foreign = map(another);
  const std::uint64_t refused[] = {
      0,       1,     address + 1,       address + 4096,         address - 4096, address + 2 * 4096,
      foreign, kText, ~std::uint64_t{0}, ~std::uint64_t{0} << 12};
  for (const std::uint64_t bad : refused) EXPECT_EQ(unmap(handle, bad), minus(Error::EINVAL)) << std::hex << bad;
  EXPECT_EQ(pages_mapped(one.silo()), 4u);
  EXPECT_EQ(unmap(handle, address), 0);
  EXPECT_EQ(unmap(handle, address), minus(Error::EINVAL));
  EXPECT_FALSE(is_mapped(one, address));
  EXPECT_TRUE(is_mapped(one, foreign));
}

TEST_F(RegionCalls, N5_what_was_written_is_there_when_it_is_mapped_again) {
  start();
  const std::uint64_t handle = create(1);
  const std::uint64_t first = map(handle);
  byte_at(one, first + 9) = std::byte{0x77};
  EXPECT_EQ(unmap(handle, first), 0);
  EXPECT_EQ(byte_at(one, map(handle, kRead) + 9), std::byte{0x77});
}

TEST_F(RegionCalls, N5_one_region_can_be_mapped_twice_with_different_access) {
  start();
  const std::uint64_t handle = create(1);
  const std::uint64_t writes = map(handle), reads = map(handle, kRead);
  EXPECT_NE(writes, reads);
  EXPECT_EQ(translation(one, writes).memory, translation(one, reads).memory);
  EXPECT_EQ(translation(one, reads).access, port::Access::Read);
  EXPECT_EQ(ask(SystemCall::REGION_INFO, handle).word[2], 2u);
}

TEST_F(RegionCalls, E16_closing_the_capability_unmaps_what_was_made_through_it_and_nothing_else) {
  start();
  const std::uint64_t handle = create(2);
  const std::uint64_t second =
      call(SystemCall::HANDLE_DUPLICATE, {.handle = handle, .words = {static_cast<std::uint64_t>(Right::RegionRead)}})
          .general[3];
  const std::uint64_t by_first = map(handle), by_second = map(second, kRead);
  EXPECT_EQ(close(handle), 0);
  EXPECT_FALSE(is_mapped(one, by_first));
  EXPECT_TRUE(is_mapped(one, by_second));
  EXPECT_EQ(used(one, QuotaKind::MappedPages), 2u);
  EXPECT_EQ(used(one, QuotaKind::RegionPages), 2u);
  EXPECT_EQ(close(second), 0);
  EXPECT_FALSE(is_mapped(one, by_second));
  expect_nothing_charged(one.silo());
}

TEST_F(RegionCalls, E16_closing_in_one_silo_leaves_the_other_ones_mapping) {
  start();
  const std::uint64_t handle = create(2);
  const FrameRange frames = region_at(one, handle).frames;
  const std::uint64_t given = give(other, region_at(one, handle), {Right::RegionRead});
  const std::uint64_t here = map(handle);
  fill(frames, 0x33);
  let_other_run();
  const std::uint64_t there = map(given, kRead);
  let_one_run();
  EXPECT_EQ(close(handle), 0);
  EXPECT_FALSE(is_mapped(one, here));
  EXPECT_TRUE(is_mapped(other, there));
  EXPECT_EQ(byte_at(other, there), std::byte{0x33});
  EXPECT_EQ(used(one, QuotaKind::RegionPages), 2u) << "its creator pays until it is gone";
  let_other_run();
  EXPECT_EQ(close(given), 0);
  EXPECT_TRUE(is_zero(frames));
  expect_nothing_charged(one.silo());
}

TEST_F(RegionCalls, E16_the_end_of_a_silo_unmaps_and_scrubs) {
  start();
  const std::uint64_t handle = create(40);
  const FrameRange frames = region_at(one, handle).frames;
  map(handle);
  fill(frames, 0x44);
  call(SystemCall::EXIT, {.x1 = 0});
  ASSERT_TRUE(is_running(other));
  EXPECT_EQ(pages_mapped(one.silo()), 0u);
  EXPECT_TRUE(is_zero(frames));
  expect_nothing_charged(one.silo());
}

TEST_F(RegionCalls, E16_the_end_of_one_silo_leaves_what_another_still_names) {
  start();
  const std::uint64_t handle = create(3);
  const FrameRange frames = region_at(one, handle).frames;
  const std::uint64_t given = give(other, region_at(one, handle), {Right::RegionRead, Right::RegionWrite});
  fill(frames, 0x55);
  map(handle);
  call(SystemCall::EXIT, {.x1 = 0});
  ASSERT_TRUE(is_running(other));
  EXPECT_EQ(byte_at(other, map(given)), std::byte{0x55});
  EXPECT_EQ(used(one, QuotaKind::RegionPages), 3u);
  EXPECT_EQ(close(given), 0);
  EXPECT_TRUE(is_zero(frames));
  expect_nothing_charged(one.silo());
}

TEST_F(RegionCalls, E16_memory_comes_back_zero_however_often) {
  start();
  for (int round = 0; round < 20; ++round) {
    const std::uint64_t handle = create(1 + static_cast<std::uint64_t>(round * 7 % 60));
    const FrameRange frames = region_at(one, handle).frames;
    ASSERT_TRUE(is_zero(frames));
    map(handle);
    fill(frames, 0xff);
    ASSERT_EQ(close(handle), 0);
    ASSERT_TRUE(is_zero(frames));
  }
}

TEST_F(RegionCalls, N5_a_region_of_the_manifest_is_shared_and_charged_to_nobody) {
  const std::uint32_t object = create_region({.name = "frames", .size = base::PageCount(4)}).value();
  EXPECT_EQ(create_region({.name = "frames", .size = base::PageCount(4)}).error(), Error::EEXIST);
  EXPECT_EQ(create_region({.name = "none", .size = base::PageCount(0)}).error(), Error::EINVAL);
  const std::uint64_t writes = grant(one, abi::ObjectType::Region, object, {Right::RegionRead, Right::RegionWrite});
  const std::uint64_t reads = grant(other, abi::ObjectType::Region, object, {Right::RegionRead});
  kept_regions = 1;
  start();
  const std::uint64_t here = map(writes);
  EXPECT_EQ(byte_at(one, here), std::byte{0});
  byte_at(one, here) = std::byte{9};
  EXPECT_EQ(used(one, QuotaKind::RegionPages), 0u);
  EXPECT_EQ(used(one, QuotaKind::MappedPages), 4u);
  let_other_run();
  EXPECT_EQ(byte_at(other, map(reads, kRead)), std::byte{9});
}

TEST_F(RegionCalls, N5_a_region_of_the_manifest_that_nobody_names_goes_and_its_frames_come_back) {
  const auto free_frames = [] {
    return silo_frames().with(fakes::unlocked(), [](FrameAllocator& all, auto) { return all.free_frames().value(); });
  };
  const std::uint64_t before_it = free_frames();
  ASSERT_TRUE(create_region({.name = "lost", .size = base::PageCount(40)}).ok());
  EXPECT_EQ(free_frames(), before_it - 40);
  start();
  EXPECT_EQ(free_frames(), before_it);
}

TEST_F(RegionCalls, N5_whoever_takes_a_region_over_pays_for_it) {
  start();
  const std::uint64_t handle = create(30);
  RegionObject& region = region_at(one, handle);
  EXPECT_FALSE(region_is_mapped(region));
  const std::uint64_t address = map(handle);
  EXPECT_TRUE(region_is_mapped(region));
  EXPECT_EQ(unmap(handle, address), 0);
  EXPECT_FALSE(region_is_mapped(region));
  ASSERT_TRUE(change_owner(region, other.silo()).ok());
  expect_nothing_charged(one.silo());
  EXPECT_EQ(used(other, QuotaKind::Regions), 1u);
  EXPECT_EQ(used(other, QuotaKind::RegionPages), 30u);
  EXPECT_EQ(close(handle), 0);
  expect_nothing_charged(other.silo());
}

TEST_F(RegionCalls, B8_a_region_is_not_taken_over_beyond_the_quota) {
  Thread& poor = add_sharer("poor", 5, 20);
  start();
  RegionObject& region = region_at(one, create(30));
  EXPECT_EQ(change_owner(region, poor.silo()).error(), Error::EDQUOT);
  expect_nothing_charged(poor.silo());
  EXPECT_EQ(used(one, QuotaKind::RegionPages), 30u);
  EXPECT_EQ(used(one, QuotaKind::Regions), 1u);
}

TEST_F(RegionCalls, B8_one_silos_regions_never_take_another_ones_memory) {
  start();
  // In pieces, and every second one given back: the worst that it can do to the order of its ground.
  std::vector<std::uint64_t> handles;
  for (std::uint32_t i = 0; i < kRegions; ++i) handles.push_back(create(kPages / kRegions));
  for (std::size_t i = 0; i < handles.size(); i += 2) EXPECT_EQ(close(handles[i]), 0);
  EXPECT_EQ(ask(SystemCall::REGION_CREATE, 0, kPages / 2).status, minus(Error::ENOMEM)) << "its own doing";
  EXPECT_EQ(used(one, QuotaKind::Regions), kRegions / 2) << "nothing stays charged";
  let_other_run();
  map(create(kPages));
  EXPECT_EQ(pages_mapped(other.silo()), kPages);
}

TEST_F(RegionCalls, B8_mapping_takes_no_kernel_memory) {
  start();
  const std::uint64_t pages_left = kernel_pages_left(fakes::unlocked()).value();
  const std::uint64_t handle = create(kPages);
  map(handle);
  EXPECT_EQ(kernel_pages_left(fakes::unlocked()).value(), pages_left);
}

TEST_F(RegionCalls, N5_a_silo_cannot_place_its_own_memory_in_the_window) {
  const auto in_window = [&](std::uint64_t address) {
    return kernel::add_region(one.silo().id, {.address = base::SiloAddress(address),
                                              .size = base::PageCount(1),
                                              .access = port::Access::ReadWrite,
                                              .data = {},
                                              .name = "heap"});
  };
  EXPECT_EQ(in_window(kWindow).error(), Error::EEXIST);
  EXPECT_EQ(in_window(kWindow + (kPages + 31) * 4096).error(), Error::EEXIST);
  EXPECT_TRUE(in_window(kWindow + (kPages + 32) * 4096).ok());
}

TEST_F(RegionCalls, B8_too_many_regions_for_one_silo_are_refused_at_boot) {
  abi::Quotas quotas;
  quotas[QuotaKind::Regions] = abi::kSharedRegionsPerSiloMaximum + 1;
  EXPECT_EQ(create_silo({.name = "many", .argument = 0, .capability_slots = 8, .quotas = quotas}).error(),
            Error::EINVAL);
}

TEST_F(RegionCalls, B8_a_ground_that_does_not_fit_refuses_the_silo_and_leaves_nothing) {
  const auto free_frames = [] {
    return silo_frames().with(fakes::unlocked(), [](FrameAllocator& all, auto) { return all.free_frames().value(); });
  };
  const std::uint64_t frames = free_frames(), vmids_left = free_frames();
  abi::Quotas quotas;
  quotas[QuotaKind::MappedPages] = 10;
  quotas[QuotaKind::RegionPages] = 9000;  // more than the 32 MiB of the fake machine
  EXPECT_EQ(create_silo({.name = "huge", .argument = 0, .capability_slots = 8, .quotas = quotas}).error(),
            Error::ENOMEM);
  EXPECT_EQ(free_frames(), frames);
  EXPECT_EQ(vmids_left, frames);
}

}  // namespace
}  // namespace kernel
