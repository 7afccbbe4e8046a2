// SPDX-License-Identifier: Apache-2.0
//
// EL2's own map as data: what is mapped translates, what is not does not, nothing is writable and executable, the pool
// is bounded.
#include "test/fakes/host_prelude.hpp"

#include "hal/aarch64/stage1_tables.hpp"

#include "hal/aarch64/kernel_layout.hpp"

namespace hal {
namespace {

using base::Error;
using base::PhysicalAddress;
using base::VirtualAddress;
using regs::AttributeIndex;
using regs::Stage1Descriptor;

constexpr regs::Stage1Permissions kText = {false, true, AttributeIndex::Normal};
constexpr regs::Stage1Permissions kData = {true, false, AttributeIndex::Normal};
constexpr regs::Stage1Permissions kDevice = {true, false, AttributeIndex::Device};
constexpr PhysicalAddress kPool{0x4020'0000};

class Stage1TablesTest : public testing::Test {
 protected:
  Stage1TablesTest() : pool(16), tables(pool.data(), kPool, 16) {}
  Stage1Descriptor leaf(std::uint64_t address) const {
    return Stage1Descriptor::from(tables.leaf(VirtualAddress(address)));
  }
  std::vector<Stage1Table> pool;
  Stage1Tables tables;
};

TEST_F(Stage1TablesTest, a_page_translates_and_its_neighbours_do_not) {
  ASSERT_TRUE(tables.map(VirtualAddress(kImageBase + 0x5000), PhysicalAddress(0x8765'4000), 0x1000, kText).ok());
  EXPECT_EQ(leaf(kImageBase + 0x5fff).get(Stage1Descriptor::address), 0x8765'4000u);
  EXPECT_FALSE(leaf(kImageBase + 0x5000).get(Stage1Descriptor::xn));
  EXPECT_TRUE(leaf(kImageBase + 0x5000).get(Stage1Descriptor::read_only));
  EXPECT_EQ(leaf(kImageBase + 0x4fff).bits, 0u);
  EXPECT_EQ(leaf(kImageBase + 0x6000).bits, 0u);
  EXPECT_EQ(leaf(0).bits, 0u);
  EXPECT_EQ(leaf(~std::uint64_t{0}).bits, 0u);
  EXPECT_EQ(tables.root(), kPool);
  EXPECT_EQ(tables.pages_used(), 3u);
}

TEST_F(Stage1TablesTest, blocks_are_used_where_both_addresses_allow_it) {
  // From 4 KiB below a 2 MiB boundary to 4 KiB above one: page, two blocks, page.
  ASSERT_TRUE(tables.map(VirtualAddress(kArenaBase + 0x1f'f000), PhysicalAddress(0x801f'f000), 0x40'2000, kData).ok());
  EXPECT_TRUE(leaf(kArenaBase + 0x1f'f000).get(Stage1Descriptor::table_or_page)) << "a page";
  EXPECT_FALSE(leaf(kArenaBase + 0x20'0000).get(Stage1Descriptor::table_or_page)) << "a block";
  EXPECT_EQ(leaf(kArenaBase + 0x5f'ffff).get(Stage1Descriptor::address), 0x8040'0000u);
  EXPECT_EQ(leaf(kArenaBase + 0x60'0fff).get(Stage1Descriptor::address), 0x8060'0000u);
  EXPECT_TRUE(leaf(kArenaBase + 0x60'0000).get(Stage1Descriptor::xn));
  EXPECT_EQ(tables.pages_used(), 4u) << "root, level 2, two level 3";
}

TEST_F(Stage1TablesTest, no_block_where_the_addresses_differ_within_2_mib) {
  ASSERT_TRUE(tables.map(VirtualAddress(kArenaBase), PhysicalAddress(0x8000'1000), 0x20'0000, kData).ok());
  EXPECT_TRUE(leaf(kArenaBase).get(Stage1Descriptor::table_or_page));
  EXPECT_EQ(leaf(kArenaBase + 0x1f'ffff).get(Stage1Descriptor::address), 0x8020'0000u);
}

TEST_F(Stage1TablesTest, devices_are_device_memory_and_never_executable) {
  ASSERT_TRUE(tables.map(VirtualAddress(kDeviceBase), PhysicalAddress(0x900'0000), 0x1000, kDevice).ok());
  EXPECT_EQ(leaf(kDeviceBase).get(Stage1Descriptor::attr_index), AttributeIndex::Device);
  EXPECT_TRUE(leaf(kDeviceBase).get(Stage1Descriptor::xn));
}

TEST_F(Stage1TablesTest, writable_and_executable_is_refused) {
  EXPECT_EQ(
      tables.map(VirtualAddress(kImageBase), PhysicalAddress(0), 0x1000, {true, true, AttributeIndex::Normal}).error(),
      Error::EINVAL);
}

TEST_F(Stage1TablesTest, bad_ranges_are_refused) {
  const auto map = [&](std::uint64_t start, std::uint64_t memory, std::uint64_t bytes) {
    return tables.map(VirtualAddress(start), PhysicalAddress(memory), bytes, kData);
  };
  EXPECT_EQ(map(0x800, 0, 0x1000).error(), Error::EINVAL);
  EXPECT_EQ(map(0, 0x800, 0x1000).error(), Error::EINVAL);
  EXPECT_EQ(map(0, 0, 0x800).error(), Error::EINVAL);
  EXPECT_EQ(map((std::uint64_t{1} << 39) - 0x1000, 0, 0x2000).error(), Error::EINVAL);
  EXPECT_EQ(map(std::uint64_t{1} << 40, 0, 0x1000).error(), Error::EINVAL);
  EXPECT_EQ(map(0, (std::uint64_t{1} << 48) - 0x1000, 0x2000).error(), Error::EINVAL);
  EXPECT_EQ(map(0x1000, 0, ~std::uint64_t{0xfff}).error(), Error::EINVAL);
  EXPECT_TRUE(map((std::uint64_t{1} << 39) - 0x1000, (std::uint64_t{1} << 48) - 0x1000, 0x1000).ok());
}

TEST_F(Stage1TablesTest, the_same_again_is_fine_and_anything_else_is_refused) {
  ASSERT_TRUE(tables.map(VirtualAddress(kArenaBase), PhysicalAddress(0x8000'0000), 0x40'0000, kData).ok());
  EXPECT_TRUE(tables.map(VirtualAddress(kArenaBase), PhysicalAddress(0x8000'0000), 0x20'0000, kData).ok());
  EXPECT_EQ(tables.map(VirtualAddress(kArenaBase), PhysicalAddress(0x9000'0000), 0x20'0000, kData).error(),
            Error::EEXIST);
  EXPECT_EQ(tables.map(VirtualAddress(kArenaBase + 0x1000), PhysicalAddress(0x8000'1000), 0x1000, kData).error(),
            Error::EEXIST)
      << "a block is never split";
  ASSERT_TRUE(tables.map(VirtualAddress(kDeviceTreeBase), PhysicalAddress(0x4400'0000), 0x1000, kData).ok());
  EXPECT_EQ(tables.map(VirtualAddress(kDeviceTreeBase), PhysicalAddress(0x4400'0000), 0x1000, kText).error(),
            Error::EEXIST);
  EXPECT_TRUE(tables.map(VirtualAddress(kDeviceTreeBase), PhysicalAddress(0x4400'0000), 0x3000, kData).ok())
      << "and on";
}

TEST_F(Stage1TablesTest, an_empty_pool_is_enomem) {
  for (std::uint64_t gib = 0; gib < 7; ++gib) {
    ASSERT_TRUE(tables.map(VirtualAddress(gib << 30), PhysicalAddress(gib << 30), 0x1000, kData).ok());
  }
  EXPECT_EQ(tables.pages_used(), 15u);
  EXPECT_EQ(tables.map(VirtualAddress(std::uint64_t{7} << 30), PhysicalAddress(0), 0x1000, kData).error(),
            Error::ENOMEM);
}

TEST_F(Stage1TablesTest, a_window_table_is_made_once_and_not_over_a_block) {
  std::uint64_t* entries = tables.table_for(VirtualAddress(kWindowBase)).value();
  EXPECT_EQ(tables.table_for(VirtualAddress(kWindowBase)).value(), entries);
  EXPECT_EQ(leaf(kWindowBase).bits, 0u);
  entries[1] = Stage1Descriptor::page(0x1234'5000, kData).bits;
  EXPECT_EQ(leaf(kWindowBase + 0x1000).get(Stage1Descriptor::address), 0x1234'5000u);
  ASSERT_TRUE(tables.map(VirtualAddress(kArenaBase), PhysicalAddress(0), 0x20'0000, kData).ok());
  EXPECT_EQ(tables.table_for(VirtualAddress(kArenaBase)).error(), Error::EEXIST);
  EXPECT_EQ(tables.table_for(VirtualAddress(std::uint64_t{1} << 39)).error(), Error::EINVAL);
}

}  // namespace
}  // namespace hal
