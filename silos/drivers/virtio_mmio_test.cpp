// SPDX-License-Identifier: Apache-2.0
//
// The registers as an array: what is written stays, so a device that offers everything and refuses nothing; what a
// test changes is what is wrong with it.
#include "test/fakes/host_prelude.hpp"

#include "block_protocol.hpp"
#include "virtio_mmio.hpp"

namespace drivers {
namespace {

struct VirtioMmioTest : testing::Test {
  std::uint32_t registers[VirtioDevice::kRegisterBytes / 4] = {};
  alignas(4096) std::byte memory[Virtqueue::kBytes];
  Virtqueue queue{memory, 0x1'2345'6000, 16};
  VirtioDevice device{reinterpret_cast<std::uint64_t>(registers)};

  std::uint32_t& at(std::size_t offset) { return registers[offset / 4]; }
  void SetUp() override {
    at(0x000) = 0x74726976;
    at(0x004) = 2;
    at(0x008) = 2;
    at(0x010) = 0xffff'ffff;
    at(0x034) = 256;
  }
  VirtioFault begun() { return device.begin(VirtioDevice::Kind::Block, 0x220); }
};

TEST_F(VirtioMmioTest, begins_with_the_features_that_are_wanted_and_offered) {
  EXPECT_EQ(begun(), VirtioFault::None);
  EXPECT_TRUE(device.is_modern());
  EXPECT_TRUE(device.has(0x20));
  EXPECT_FALSE(device.has(0x40));
  EXPECT_EQ(at(0x070), 11u);
  EXPECT_EQ(at(0x020), 1u);  // the upper half, written last: version 1
  EXPECT_EQ(device.hand_over(0, queue), VirtioFault::None);
  EXPECT_EQ(at(0x038), 16u);
  EXPECT_EQ(at(0x080), 0x2345'6000u);
  EXPECT_EQ(at(0x084), 1u);
  EXPECT_EQ(at(0x0a0), 0x2345'7000u);
  EXPECT_EQ(at(0x044), 1u);
  device.go();
  EXPECT_EQ(at(0x070), 15u);
}

TEST_F(VirtioMmioTest, begins_with_the_layout_of_before_the_standard) {
  at(0x004) = 1;
  EXPECT_EQ(begun(), VirtioFault::None);
  EXPECT_FALSE(device.is_modern());
  EXPECT_EQ(at(0x020), 0x220u);
  EXPECT_EQ(at(0x028), 4096u);
  EXPECT_EQ(device.hand_over(0, queue), VirtioFault::None);
  EXPECT_EQ(at(0x03c), 4096u);
  EXPECT_EQ(at(0x040), 0x12'3456u);
  device.go();
  EXPECT_EQ(at(0x070), 7u);
}

TEST_F(VirtioMmioTest, says_what_is_wrong_with_the_device) {
  at(0x000) = 0;
  EXPECT_EQ(begun(), VirtioFault::NotVirtio);
  SetUp();
  at(0x004) = 3;
  EXPECT_EQ(begun(), VirtioFault::UnknownVersion);
  SetUp();
  at(0x008) = 0;
  EXPECT_EQ(begun(), VirtioFault::OtherDevice);
  SetUp();
  at(0x010) = 0x220;
  EXPECT_EQ(begun(), VirtioFault::NoVersion1);
  for (int fault = 0; fault <= static_cast<int>(VirtioFault::MemoryTooHigh); ++fault)
    EXPECT_STRNE(in_words(static_cast<VirtioFault>(fault)), "?");
}

TEST_F(VirtioMmioTest, hands_no_queue_over_that_the_device_cannot_have) {
  ASSERT_EQ(begun(), VirtioFault::None);
  at(0x034) = 0;
  EXPECT_EQ(device.hand_over(0, queue), VirtioFault::NoSuchQueue);
  at(0x034) = 15;
  EXPECT_EQ(device.hand_over(0, queue), VirtioFault::QueueTooShort);
  at(0x034) = 16;
  at(0x044) = 1;
  EXPECT_EQ(device.hand_over(0, queue), VirtioFault::QueueInUse);
}

TEST_F(VirtioMmioTest, hands_no_queue_over_that_an_old_device_cannot_reach) {
  at(0x004) = 1;
  ASSERT_EQ(begun(), VirtioFault::None);
  const Virtqueue high(memory, std::uint64_t{1} << 45, 16);
  EXPECT_EQ(device.hand_over(0, high), VirtioFault::MemoryTooHigh);
}

TEST(BlockProtocolTest, accepts_what_fits_the_disk_and_the_window) {
  constexpr std::uint64_t kDisk = 1000, kMost = kWindowBytes / kSectorBytes, kHuge = ~std::uint64_t{0};
  const auto check = [](std::uint64_t first, std::uint64_t sectors, std::uint64_t offset) {
    return BlockTransfer{first, sectors, offset}.check(kDisk);
  };
  EXPECT_EQ(check(0, 1, 0), BlockStatus::Done);
  EXPECT_EQ(check(999, 1, kWindowBytes - 512), BlockStatus::Done);
  EXPECT_EQ(check(872, kMost, 0), BlockStatus::Done);
  EXPECT_EQ(check(873, kMost, 0), BlockStatus::BeyondDisk);
  EXPECT_EQ(check(1000, 1, 0), BlockStatus::BeyondDisk);
  EXPECT_EQ(check(kHuge, 1, 0), BlockStatus::BeyondDisk);
  EXPECT_EQ(check(kHuge, 2, 0), BlockStatus::BeyondDisk);
  EXPECT_EQ(check(0, 0, 0), BlockStatus::BeyondWindow);
  EXPECT_EQ(check(0, kMost + 1, 0), BlockStatus::BeyondWindow);
  EXPECT_EQ(check(0, kMost, 1), BlockStatus::BeyondWindow);
  EXPECT_EQ(check(0, 1, kWindowBytes - 511), BlockStatus::BeyondWindow);
  EXPECT_EQ(check(0, 1, kHuge), BlockStatus::BeyondWindow);
  EXPECT_EQ(check(0, kHuge / 512 + 2, 0), BlockStatus::BeyondWindow);
  EXPECT_EQ((BlockTransfer{0, 1, 0}.check(0)), BlockStatus::BeyondDisk);
}

TEST(BlockProtocolTest, a_transfer_arrives_as_it_was_sent) {
  const auto message = BlockTransfer{7, 8, 9}.message(BlockOperation::Write);
  EXPECT_EQ(message.opcode, 3u);
  const auto transfer = BlockTransfer::of(message);
  EXPECT_EQ(transfer.first, 7u);
  EXPECT_EQ(transfer.sectors, 8u);
  EXPECT_EQ(transfer.offset, 9u);
  EXPECT_EQ(transfer.bytes(), 4096u);
}

}  // namespace
}  // namespace drivers
