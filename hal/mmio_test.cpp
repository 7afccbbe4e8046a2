// SPDX-License-Identifier: Apache-2.0
//
// Register blocks: offsets, widths, arrays, and the real access on host memory.
#include "test/fakes/host_prelude.hpp"

#include "hal/mmio.hpp"

#include "test/fakes/scripted_io.hpp"

namespace hal {
namespace {

struct Block {
  ReadOnly<std::uint32_t> status;
  WriteOnly<std::uint32_t> command;
  Reserved<8> gap;
  ReadWrite<std::uint64_t> wide;
  ReadWrite<std::uint8_t> small[4];
};

TEST(Registers, each_access_has_the_registers_place_and_width) {
  fakes::IoScript script;
  const Registers<Block, fakes::ScriptedIo> registers(0x1000, fakes::ScriptedIo{&script});
  script.set(0x1000, 7);
  EXPECT_EQ(registers.read(&Block::status), 7u);
  registers.write(&Block::command, 8);
  registers.write(&Block::wide, 9);
  registers.write(&Block::small, 3, 10);
  EXPECT_EQ(registers.read(&Block::small, 3), 10u);
  EXPECT_THAT(script.accesses,
              testing::ElementsAre(fakes::IoAccess{false, 4, 0x1000, 7}, fakes::IoAccess{true, 4, 0x1004, 8},
                                   fakes::IoAccess{true, 8, 0x1010, 9}, fakes::IoAccess{true, 1, 0x101b, 10},
                                   fakes::IoAccess{false, 1, 0x101b, 10}));
}

TEST(Registers, hardware_io_reads_and_writes_memory) {
  Block block{};
  const Registers<Block> registers(reinterpret_cast<std::uint64_t>(&block));
  registers.write(&Block::wide, 0x1122'3344'5566'7788);
  EXPECT_EQ(block.wide.raw, 0x1122'3344'5566'7788u);
  block.status.raw = 5;
  EXPECT_EQ(registers.read(&Block::status), 5u);
}

}  // namespace
}  // namespace hal
