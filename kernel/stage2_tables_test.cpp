// SPDX-License-Identifier: Apache-2.0
//
// Stage-2 tables: the walk against a reference map over random steps, the order of maintenance, and that every table
// page comes back.
#include "test/fakes/host_prelude.hpp"

#include "kernel/stage2_tables.hpp"

#include <map>
#include <random>

#include "test/fakes/fake_arena.hpp"
#include "test/fakes/fake_machine.hpp"
#include "test/fakes/fake_stage2.hpp"

namespace kernel {
namespace {

using base::Error;
using base::PhysicalAddress;
using base::SiloAddress;
using fakes::Stage2Action;
using port::Access;
using port::MemoryKind;

constexpr base::Vmid kVmid{5};

class Stage2 : public testing::Test {
 protected:
  Stage2() {
    fakes::reset();
    EXPECT_TRUE(tables.create(fakes::unlocked(), kVmid).ok());
  }
  base::Result<void> map(std::uint64_t address, std::uint64_t memory, Granule granule = Granule::Page,
                         Access access = Access::ReadWrite) {
    return tables.map(fakes::unlocked(), SiloAddress(address), PhysicalAddress(memory), granule, access,
                      MemoryKind::Normal);
  }
  void release() {
    tables.retire();
    for (int step = 0; step < 2000 && !tables.release_one_table(fakes::unlocked()); ++step) {
    }
    EXPECT_EQ(arena.used_pages(), 0u);
    EXPECT_THAT(fakes::stage2_violations(), testing::IsEmpty());
  }

  fakes::Arena arena{512};
  Stage2Tables tables;
};

TEST_F(Stage2, translates_exactly_the_bytes_of_a_page) {
  ASSERT_TRUE(map(0x10000, 0x80003000, Granule::Page, Access::ReadExecute).ok());
  EXPECT_EQ(tables.translate(SiloAddress(0xffff)).error(), Error::ENOENT);
  EXPECT_EQ(tables.translate(SiloAddress(0x11000)).error(), Error::ENOENT);
  const Translation inside = tables.translate(SiloAddress(0x10abc)).value();
  EXPECT_EQ(inside.memory, PhysicalAddress(0x80003abc));
  EXPECT_EQ(inside.access, Access::ReadExecute);
  EXPECT_EQ(inside.granule, Granule::Page);
  release();
}

TEST_F(Stage2, translates_exactly_the_bytes_of_a_block) {
  ASSERT_TRUE(map(0x200000, 0x80200000, Granule::Block).ok());
  EXPECT_EQ(tables.translate(SiloAddress(0x1fffff)).error(), Error::ENOENT);
  EXPECT_EQ(tables.translate(SiloAddress(0x400000)).error(), Error::ENOENT);
  EXPECT_EQ(tables.translate(SiloAddress(0x3fffff)).value().memory, PhysicalAddress(0x803fffff));
  EXPECT_EQ(tables.translate(SiloAddress(0x200000)).value().granule, Granule::Block);
  release();
}

TEST_F(Stage2, refuses_to_translate_beyond_the_limit) {
  EXPECT_EQ(tables.translate(SiloAddress(port::kSiloAddressLimit)).error(), Error::EINVAL);
  EXPECT_EQ(tables.translate(SiloAddress(~std::uint64_t{0})).error(), Error::EINVAL);
  EXPECT_EQ(tables.translate(SiloAddress(port::kSiloAddressLimit - 1)).error(), Error::ENOENT);
  release();
}

TEST_F(Stage2, refuses_every_overlap_of_pages_and_blocks) {
  ASSERT_TRUE(map(0x200000, 0x80200000, Granule::Block).ok());
  ASSERT_TRUE(map(0x600000, 0x80600000).ok());
  EXPECT_EQ(map(0x200000, 0x80400000, Granule::Block).error(), Error::EEXIST);
  EXPECT_EQ(map(0x201000, 0x80400000).error(), Error::EEXIST);
  EXPECT_EQ(map(0x600000, 0x80400000).error(), Error::EEXIST);
  EXPECT_EQ(map(0x600000, 0x80400000, Granule::Block).error(), Error::EEXIST);
  EXPECT_EQ(tables.translate(SiloAddress(0x201000)).value().memory, PhysicalAddress(0x80201000));
  release();
}

TEST_F(Stage2, unmaps_by_invalidating_first_and_flushing_with_the_vmid_of_the_space) {
  ASSERT_TRUE(map(0x10000, 0x80000000).ok());
  fakes::clear_stage2_log();
  ASSERT_TRUE(tables.unmap(SiloAddress(0x10000), Granule::Page).ok());
  const auto& log = fakes::stage2_log();
  ASSERT_EQ(log.size(), 3u);
  EXPECT_EQ(log[2].action, Stage2Action::InvalidateCombined);
  EXPECT_EQ(log[0].action, Stage2Action::PublishInvalid);
  EXPECT_EQ(log[0].bits, 0u);
  EXPECT_EQ(log[1].action, Stage2Action::InvalidatePage);
  EXPECT_EQ(log[1].translation_base, tables.translation_base());
  EXPECT_EQ(fakes::vmid_of(log[1].translation_base), kVmid);
  EXPECT_EQ(log[1].address, 0x10000u);
  EXPECT_EQ(tables.translate(SiloAddress(0x10000)).error(), Error::ENOENT);
  ASSERT_TRUE(map(0x10000, 0x90000000, Granule::Page, Access::Read).ok());
  release();
}

TEST_F(Stage2, unmaps_several_pages_with_one_flush_of_combined_entries) {
  for (std::uint64_t page = 0; page < 4; ++page) {
    ASSERT_TRUE(map(0x1ff000 + page * 0x1000, 0x80000000 + page * 0x1000).ok());  // in two tables
  }
  fakes::clear_stage2_log();
  ASSERT_TRUE(tables.unmap_pages(SiloAddress(0x1ff000), base::PageCount(3)).ok());
  EXPECT_EQ(fakes::stage2_count(Stage2Action::PublishInvalid), 3u);
  EXPECT_EQ(fakes::stage2_count(Stage2Action::InvalidatePage), 3u);
  EXPECT_EQ(fakes::stage2_count(Stage2Action::InvalidateCombined), 1u);
  for (std::uint64_t page = 0; page < 3; ++page)
    EXPECT_FALSE(fakes::is_unflushed(PhysicalAddress(0x80000000 + page * 0x1000)));
  EXPECT_EQ(tables.translate(SiloAddress(0x201000)).error(), Error::ENOENT);
  EXPECT_TRUE(tables.translate(SiloAddress(0x202000)).ok());
  release();
}

TEST_F(Stage2, unmapping_pages_stops_at_what_is_not_mapped_and_flushes_what_it_did) {
  ASSERT_TRUE(map(0x10000, 0x80000000).ok());
  ASSERT_TRUE(map(0x12000, 0x80002000).ok());
  ASSERT_TRUE(map(0x400000, 0x80400000, Granule::Block).ok());
  EXPECT_EQ(tables.unmap_pages(SiloAddress(0x10000), base::PageCount(3)).error(), Error::ENOENT);
  EXPECT_FALSE(fakes::is_unflushed(PhysicalAddress(0x80000000)));
  EXPECT_FALSE(tables.translate(SiloAddress(0x10000)).ok());
  EXPECT_TRUE(tables.translate(SiloAddress(0x12000)).ok());
  EXPECT_EQ(tables.unmap_pages(SiloAddress(0x400000), base::PageCount(1)).error(), Error::EINVAL);
  EXPECT_TRUE(tables.translate(SiloAddress(0x400000)).ok());
  release();
}

TEST_F(Stage2, mapping_a_prepared_page_takes_no_memory) {
  ASSERT_TRUE(tables.prepare(fakes::unlocked(), SiloAddress(0x4000000000)).ok());
  EXPECT_FALSE(tables.translate(SiloAddress(0x4000000000)).ok());
  const std::uint64_t left = kernel_pages_left(fakes::unlocked()).value();
  ASSERT_TRUE(map(0x4000000000, 0x80000000).ok());
  ASSERT_TRUE(map(0x40001ff000, 0x80001000).ok());
  EXPECT_EQ(kernel_pages_left(fakes::unlocked()).value(), left);
  release();
}

TEST_F(Stage2, needs_no_flush_to_map_where_nothing_was) {
  fakes::clear_stage2_log();
  ASSERT_TRUE(map(0x10000, 0x80000000).ok());
  EXPECT_EQ(fakes::stage2_count(Stage2Action::InvalidatePage), 0u);
  EXPECT_EQ(fakes::stage2_count(Stage2Action::PublishValid), 3u);
  EXPECT_EQ(fakes::stage2_log().back().action, Stage2Action::PublishValid);
  release();
}

TEST_F(Stage2, unmaps_only_what_is_there_and_only_whole) {
  ASSERT_TRUE(map(0x200000, 0x80200000, Granule::Block).ok());
  ASSERT_TRUE(map(0x10000, 0x80000000).ok());
  EXPECT_EQ(tables.unmap(SiloAddress(0x11000), Granule::Page).error(), Error::ENOENT);
  EXPECT_EQ(tables.unmap(SiloAddress(0x201000), Granule::Page).error(), Error::EINVAL);
  EXPECT_EQ(tables.unmap(SiloAddress(0x10000), Granule::Block).error(), Error::EINVAL);
  EXPECT_TRUE(tables.translate(SiloAddress(0x201000)).ok());
  release();
}

TEST_F(Stage2, gives_no_table_page_back_before_the_space_is_retired) {
  ASSERT_TRUE(map(0x10000, 0x80000000).ok());
  const std::uint64_t used = arena.used_pages();
  EXPECT_EQ(used, 3u);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(tables.release_one_table(fakes::unlocked()));
  EXPECT_EQ(arena.used_pages(), used);
  fakes::clear_stage2_log();
  tables.retire();
  ASSERT_EQ(fakes::stage2_log().size(), 1u);
  EXPECT_EQ(fakes::stage2_log()[0].action, Stage2Action::RetireSpace);
  EXPECT_EQ(fakes::stage2_log()[0].translation_base, tables.translation_base());
  release();
  EXPECT_TRUE(tables.release_one_table(fakes::unlocked()));
}

TEST_F(Stage2, gives_back_one_table_in_each_step) {
  for (std::uint64_t i = 0; i < 5; ++i) ASSERT_TRUE(map((i << 30) + 0x1000, 0x80000000).ok());
  tables.retire();
  for (std::uint64_t left = arena.used_pages(); left > 0; --left) {
    EXPECT_EQ(arena.used_pages(), left);
    EXPECT_EQ(tables.release_one_table(fakes::unlocked()), left == 1);
  }
  EXPECT_EQ(arena.used_pages(), 0u);
}

TEST_F(Stage2, says_enomem_when_table_pages_run_out_and_stays_whole) {
  ASSERT_TRUE(map(0x10000, 0x80000000).ok());
  std::vector<std::byte*> pages;
  while (arena.used_pages() < 511) pages.push_back(allocate_kernel_page(fakes::unlocked()).value());
  EXPECT_EQ(map(0x4000'0000, 0x80000000).error(), Error::ENOMEM);
  EXPECT_EQ(tables.translate(SiloAddress(0x4000'0000)).error(), Error::ENOENT);
  EXPECT_TRUE(map(0x11000, 0x80001000).ok());
  for (std::byte* page : pages) free_kernel_page(fakes::unlocked(), page);
  EXPECT_TRUE(map(0x4000'0000, 0x80000000).ok());
  release();
}

TEST_F(Stage2, agrees_with_a_reference_map_over_random_steps) {
  struct Mapping {
    std::uint64_t memory;
    Granule granule;
    Access access;
  };
  std::map<std::uint64_t, Mapping> reference;  // by first address
  const auto mapping_at = [&](std::uint64_t address) {
    auto above = reference.upper_bound(address);
    if (above == reference.begin()) return reference.end();
    --above;
    return address < above->first + granule_bytes(above->second.granule) ? above : reference.end();
  };
  std::mt19937_64 random(3);
  const auto some_address = [&] {
    const std::uint64_t gigabyte = (random() % 3) * 255;  // first, middle and last part of the space
    return ((gigabyte << 30) + (random() % 4) * 0x200000 + (random() % 4 == 0 ? 0 : (random() % 512) * 0x1000)) %
           port::kSiloAddressLimit;
  };
  std::set<std::uint64_t> page_tables;  // 2 MiB parts that have or had pages: no block fits there any more
  for (int step = 0; step < 60'000; ++step) {
    const std::uint64_t address = some_address();
    const auto found = mapping_at(address);
    switch (random() % 3) {
      case 0: {
        const Granule granule = random() % 4 == 0 ? Granule::Block : Granule::Page;
        const std::uint64_t at = address & ~(granule_bytes(granule) - 1);
        const std::uint64_t memory = (random() % 0x10000) * 0x200000 + (granule == Granule::Page ? at % 0x200000 : 0);
        const auto access = static_cast<Access>(random() % 3);
        const bool is_free = granule == Granule::Page ? mapping_at(at) == reference.end()
                                                      : mapping_at(at) == reference.end() && !page_tables.contains(at);
        ASSERT_EQ(map(at, memory, granule, access).ok(), is_free);
        if (!is_free) break;
        reference[at] = {memory, granule, access};
        if (granule == Granule::Page) page_tables.insert(at & ~std::uint64_t{0x1fffff});
        break;
      }
      case 1:
        if (found == reference.end()) {
          ASSERT_EQ(tables.unmap(SiloAddress(address), Granule::Page).error(), Error::ENOENT);
        } else {
          ASSERT_TRUE(tables.unmap(SiloAddress(found->first), found->second.granule).ok());
          reference.erase(found);
        }
        break;
      default: {
        const std::uint64_t byte = address + random() % 0x1000;
        const auto expected = mapping_at(byte);
        const auto translated = tables.translate(SiloAddress(byte));
        ASSERT_EQ(translated.ok(), expected != reference.end());
        if (!translated.ok()) break;
        ASSERT_EQ(translated.value().memory.value(), expected->second.memory + (byte - expected->first));
        ASSERT_EQ(translated.value().access, expected->second.access);
        ASSERT_EQ(translated.value().granule, expected->second.granule);
      }
    }
  }
  EXPECT_GT(reference.size(), 100u);
  release();
}

}  // namespace
}  // namespace kernel
