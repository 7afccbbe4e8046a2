// SPDX-License-Identifier: Apache-2.0
//
// Address space: what is refused, where blocks are used, the order of the end (design 2.3), and VMIDs over many lives.
#include "test/fakes/host_prelude.hpp"

#include "kernel/address_space.hpp"

#include <memory>

#include "kernel/vmid_allocator.hpp"
#include "test/fakes/fake_arena.hpp"
#include "test/fakes/fake_machine.hpp"
#include "test/fakes/fake_stage2.hpp"

namespace kernel {
namespace {

using base::Error;
using base::PageCount;
using base::PhysicalAddress;
using base::SiloAddress;
using fakes::Stage2Action;
using port::Access;
using port::MemoryKind;

AddressRange range(std::uint64_t start, std::uint64_t pages) {
  return AddressRange::make(SiloAddress(start), PageCount(pages)).value();
}

std::uint32_t live_vmids() {
  return vmids().with(fakes::unlocked(), [](VmidAllocator& all, auto) { return all.live(); });
}

void destroy(AddressSpace& space) {
  space.retire();
  for (int step = 0; step < 5000 && !space.release_step(fakes::unlocked()); ++step) {
  }
}

class Space : public testing::Test {
 protected:
  Space() {
    fakes::reset();
    EXPECT_TRUE(space.create(fakes::unlocked()).ok());
  }
  ~Space() override {
    destroy(space);
    EXPECT_EQ(arena.used_pages(), 0u);
    EXPECT_EQ(live_vmids(), 0u);
    EXPECT_THAT(fakes::stage2_violations(), testing::IsEmpty());
  }
  base::Result<void> map(AddressRange at, std::uint64_t memory, Access access = Access::ReadWrite, bool whole = true) {
    return space.map(fakes::unlocked(), at, PhysicalAddress(memory), access, MemoryKind::Normal, whole);
  }

  fakes::Arena arena{64};
  AddressSpace space;
};

TEST(AddressRange, refuses_page_0_unaligned_empty_and_anything_beyond_the_limit) {
  const auto make = [](std::uint64_t start, std::uint64_t pages) {
    return AddressRange::make(SiloAddress(start), PageCount(pages));
  };
  EXPECT_EQ(make(0, 1).error(), Error::EINVAL);
  EXPECT_EQ(make(0x1001, 1).error(), Error::EINVAL);
  EXPECT_EQ(make(0x1000, 0).error(), Error::EINVAL);
  EXPECT_EQ(make(port::kSiloAddressLimit, 1).error(), Error::EINVAL);
  EXPECT_EQ(make(port::kSiloAddressLimit - 0x1000, 2).error(), Error::EINVAL);
  EXPECT_EQ(make(0x1000, ~std::uint64_t{0}).error(), Error::EINVAL);
  EXPECT_EQ(make(0x1000, std::uint64_t{1} << 52).error(), Error::EINVAL);
  EXPECT_EQ(make(~std::uint64_t{0xfff}, 1).error(), Error::EINVAL);
  EXPECT_TRUE(make(port::kSiloAddressLimit - 0x1000, 1).ok());
  EXPECT_TRUE(make(0x1000, port::kSiloAddressLimit / 0x1000 - 1).ok());
}

TEST(AddressRange, knows_what_it_contains_and_overlaps) {
  EXPECT_TRUE(range(0x10000, 2).contains(SiloAddress(0x11fff)));
  EXPECT_FALSE(range(0x10000, 2).contains(SiloAddress(0x12000)));
  EXPECT_FALSE(range(0x10000, 2).contains(SiloAddress(0xffff)));
  EXPECT_TRUE(range(0x10000, 2).overlaps(range(0x11000, 4)));
  EXPECT_FALSE(range(0x10000, 2).overlaps(range(0x12000, 4)));
  EXPECT_FALSE(AddressRange().overlaps(range(0x1000, 4)));
}

TEST_F(Space, maps_every_page_of_a_range_and_no_other) {
  ASSERT_TRUE(map(range(0x10000, 5), 0x80000000).ok());
  for (std::uint64_t page = 0; page < 5; ++page) {
    EXPECT_EQ(space.translate(SiloAddress(0x10000 + page * 0x1000)).value().memory.value(), 0x80000000 + page * 0x1000);
  }
  EXPECT_EQ(space.translate(SiloAddress(0xf000)).error(), Error::ENOENT);
  EXPECT_EQ(space.translate(SiloAddress(0x15000)).error(), Error::ENOENT);
}

TEST_F(Space, refuses_an_overlap_and_leaves_nothing_of_the_refused_mapping) {
  ASSERT_TRUE(map(range(0x14000, 1), 0x80000000).ok());
  EXPECT_EQ(map(range(0x10000, 8), 0x90000000).error(), Error::EEXIST);
  for (std::uint64_t page = 0x10; page < 0x18; ++page) {
    EXPECT_EQ(space.translate(SiloAddress(page * 0x1000)).ok(), page == 0x14) << page;
  }
  EXPECT_EQ(space.translate(SiloAddress(0x14000)).value().memory, PhysicalAddress(0x80000000));
}

TEST_F(Space, refuses_an_access_that_is_not_in_the_enum_so_nothing_is_writable_and_executable) {
  for (unsigned access = 3; access < 256; ++access) {
    EXPECT_EQ(map(range(0x10000, 1), 0x80000000, static_cast<Access>(access)).error(), Error::EINVAL);
  }
  EXPECT_EQ(space
                .map(fakes::unlocked(), range(0x10000, 1), PhysicalAddress(0x9000000), Access::ReadExecute,
                     MemoryKind::Device, false)
                .error(),
            Error::EINVAL);
  EXPECT_EQ(map(range(0x10000, 1), 0x80000100).error(), Error::EINVAL);
  EXPECT_EQ(map(AddressRange(), 0x80000000).error(), Error::EINVAL);
  EXPECT_EQ(space.translate(SiloAddress(0x10000)).error(), Error::ENOENT);
}

TEST_F(Space, uses_blocks_only_for_aligned_whole_parts) {
  const std::uint64_t pages = 0x10 + 512 + 3;
  ASSERT_TRUE(map(range(0x1f0000, pages), 0x801f0000).ok());
  EXPECT_EQ(space.translate(SiloAddress(0x1ff000)).value().granule, Granule::Page);
  EXPECT_EQ(space.translate(SiloAddress(0x200000)).value().granule, Granule::Block);
  EXPECT_EQ(space.translate(SiloAddress(0x3fffff)).value().granule, Granule::Block);
  EXPECT_EQ(space.translate(SiloAddress(0x400000)).value().granule, Granule::Page);
  for (std::uint64_t page = 0; page < pages; ++page) {
    ASSERT_EQ(space.translate(SiloAddress(0x1f0000 + page * 0x1000)).value().memory.value(),
              0x801f0000 + page * 0x1000);
  }
  ASSERT_TRUE(map(range(0x800000, 512), 0x80801000).ok());  // memory not aligned alike
  EXPECT_EQ(space.translate(SiloAddress(0x800000)).value().granule, Granule::Page);
  ASSERT_TRUE(map(range(0xa00000, 512), 0x80a00000, Access::ReadWrite, false).ok());  // changes by pages
  EXPECT_EQ(space.translate(SiloAddress(0xa00000)).value().granule, Granule::Page);
}

TEST_F(Space, unmaps_a_range_page_by_page_and_block_by_block_with_a_flush_each) {
  ASSERT_TRUE(map(range(0x1ff000, 514), 0x801ff000).ok());
  fakes::clear_stage2_log();
  ASSERT_TRUE(space.unmap(range(0x1ff000, 514)).ok());
  EXPECT_EQ(fakes::stage2_count(Stage2Action::PublishInvalid), 3u);
  EXPECT_EQ(fakes::stage2_count(Stage2Action::InvalidatePage), 3u);
  EXPECT_EQ(space.translate(SiloAddress(0x200000)).error(), Error::ENOENT);
  EXPECT_EQ(space.unmap(range(0x1ff000, 1)).error(), Error::ENOENT);
}

TEST_F(Space, never_splits_a_block) {
  ASSERT_TRUE(map(range(0x200000, 512), 0x80200000).ok());
  EXPECT_EQ(space.unmap(range(0x200000, 511)).error(), Error::EINVAL);
  EXPECT_EQ(space.unmap(range(0x201000, 511)).error(), Error::EINVAL);
  EXPECT_EQ(space.unmap(range(0x201000, 1000)).error(), Error::EINVAL);
  EXPECT_TRUE(space.translate(SiloAddress(0x200000)).ok());
  EXPECT_TRUE(space.translate(SiloAddress(0x3ff000)).ok());
}

TEST_F(Space, ends_in_the_order_leave_retire_tables_vmid) {
  ASSERT_TRUE(map(range(0x10000, 1), 0x80000000).ok());
  const std::uint64_t base = space.translation_base();
  const base::Vmid vmid = space.vmid();
  fakes::clear_stage2_log();
  EXPECT_FALSE(space.release_step(fakes::unlocked()));  // not before retire()
  EXPECT_EQ(arena.used_pages(), 3u);
  space.retire();
  ASSERT_EQ(fakes::stage2_log().size(), 2u);
  EXPECT_EQ(fakes::stage2_log()[0].action, Stage2Action::LeaveSpace);
  EXPECT_EQ(fakes::stage2_log()[1].action, Stage2Action::RetireSpace);
  EXPECT_EQ(fakes::stage2_log()[1].translation_base, base);
  EXPECT_FALSE(space.is_live());
  EXPECT_EQ(live_vmids(), 1u);
  AddressSpace other;
  ASSERT_TRUE(other.create(fakes::unlocked()).ok());
  EXPECT_NE(other.vmid(), vmid);  // still owned
  while (!space.release_step(fakes::unlocked())) EXPECT_EQ(live_vmids(), 2u);
  EXPECT_EQ(live_vmids(), 1u);
  destroy(other);
}

TEST_F(Space, refuses_changes_once_it_is_retired) {
  space.retire();
  EXPECT_EQ(map(range(0x10000, 1), 0x80000000).error(), Error::EINVAL);
  EXPECT_EQ(space.unmap(range(0x10000, 1)).error(), Error::EINVAL);
  EXPECT_EQ(space.create(fakes::unlocked()).error(), Error::EINVAL);
}

TEST_F(Space, flushes_once_in_every_one_of_more_than_512_lives_even_with_the_same_vmid) {
  AddressSpace next;
  for (int life = 0; life < 1000; ++life) {
    ASSERT_TRUE(next.create(fakes::unlocked()).ok());
    ASSERT_TRUE(next.map(fakes::unlocked(), range(0x10000, 2), PhysicalAddress(0x80000000), Access::Read,
                         MemoryKind::Normal, true)
                    .ok());
    EXPECT_EQ(next.vmid(), base::Vmid(2));  // the lowest free one: the same each time
    destroy(next);
  }
  EXPECT_EQ(fakes::stage2_count(Stage2Action::RetireSpace), 1000u);
}

TEST(AddressSpaces, are_255_at_once_and_one_more_is_eagain) {
  fakes::reset();
  fakes::Arena arena(300);
  const auto spaces = std::make_unique<AddressSpace[]>(256);
  for (std::size_t i = 0; i < 255; ++i) ASSERT_TRUE(spaces[i].create(fakes::unlocked()).ok());
  EXPECT_EQ(spaces[255].create(fakes::unlocked()).error(), Error::EAGAIN);
  destroy(spaces[100]);
  ASSERT_TRUE(spaces[255].create(fakes::unlocked()).ok());
  for (std::size_t i = 0; i < 256; ++i) destroy(spaces[i]);
  EXPECT_EQ(live_vmids(), 0u);
  EXPECT_EQ(arena.used_pages(), 0u);
}

TEST(AddressSpaces, keep_no_vmid_if_there_is_no_memory_for_the_root) {
  fakes::reset();
  fakes::Arena arena(1);
  AddressSpace first;
  AddressSpace second;
  ASSERT_TRUE(first.create(fakes::unlocked()).ok());
  EXPECT_EQ(second.create(fakes::unlocked()).error(), Error::ENOMEM);
  EXPECT_EQ(live_vmids(), 1u);
  destroy(first);
  EXPECT_EQ(live_vmids(), 0u);
}

TEST(AddressSpaces, unmap_what_they_had_mapped_when_memory_for_tables_runs_out) {
  fakes::reset();
  fakes::Arena arena(3);
  AddressSpace space;
  ASSERT_TRUE(space.create(fakes::unlocked()).ok());
  // Two pages, of which the second needs a table of its own.
  EXPECT_EQ(space
                .map(fakes::unlocked(), range(0x1ff000, 2), PhysicalAddress(0x80000000), Access::Read,
                     MemoryKind::Normal, false)
                .error(),
            Error::ENOMEM);
  EXPECT_EQ(space.translate(SiloAddress(0x1ff000)).error(), Error::ENOENT);
  destroy(space);
  EXPECT_EQ(arena.used_pages(), 0u);
}

}  // namespace
}  // namespace kernel
