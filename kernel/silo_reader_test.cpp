// SPDX-License-Identifier: Apache-2.0
//
// Reading a silo's memory: what is its own, and nothing else.
#include "test/fakes/kernel_world.hpp"

#include "kernel/port/memory_window.hpp"
#include "kernel/silo_reader.hpp"
#include "test/fakes/silo_memory_writer.hpp"

namespace kernel {
namespace {

struct SiloReaderTest : fakes::KernelWorld {
  Thread& main = add_program("rogue", 10);
  Silo& silo = main.silo();

  std::optional<std::uint64_t> word(std::uint64_t address) {
    std::uint64_t value = 0;
    if (!read_own_memory(silo, base::SiloAddress(address), std::as_writable_bytes(std::span(&value, 1)))) return {};
    return value;
  }
};

TEST_F(SiloReaderTest, reads_what_the_silo_has_written) {
  fakes::poke(silo, kStack + 0x1000, 0x1122334455667788);
  EXPECT_EQ(word(kStack + 0x1000), 0x1122334455667788);
  EXPECT_EQ(word(kStack + kStackBytes - 8), 0u);
  EXPECT_FALSE(fakes::window_is_open());
}

TEST_F(SiloReaderTest, refuses_what_is_in_no_region_or_goes_over_a_page) {
  EXPECT_EQ(word(0), std::nullopt);
  EXPECT_EQ(word(kStack - 8), std::nullopt);
  EXPECT_EQ(word(kStack + kStackBytes), std::nullopt);
  EXPECT_EQ(word(kStack + kStackBytes - 4), std::nullopt);
  EXPECT_EQ(word(kStack + 0xffc), std::nullopt) << "one page at a time";
  EXPECT_EQ(word(~std::uint64_t{7}), std::nullopt);
  EXPECT_EQ(word(abi::kMessagePagesStart), std::nullopt) << "the kernel's page, mapped for the silo";
}

TEST_F(SiloReaderTest, leaves_a_window_alone_that_is_somebody_elses) {
  ASSERT_TRUE(port::open_window(fakes::kMemoryStart, base::PageCount(1)).ok());
  EXPECT_EQ(word(kStack), std::nullopt);
  Piece piece;
  EXPECT_EQ(find_piece(silo, base::SiloAddress(kStack), piece), base::SiloAddress(kStack + 0x1000));
  EXPECT_TRUE(fakes::window_is_open());
  port::close_window();
}

TEST_F(SiloReaderTest, finds_the_pieces_that_are_not_zero) {
  fakes::poke(silo, kStack + 3 * kPieceBytes + 8, 5);
  fakes::poke(silo, kStack + 0x1000 - 8, 6);
  Piece piece;
  base::SiloAddress found = find_piece(silo, base::SiloAddress(kStack), piece);
  EXPECT_EQ(found, base::SiloAddress(kStack + 3 * kPieceBytes));
  EXPECT_EQ(piece.word[1], 5u);
  found = find_piece(silo, found + kPieceBytes, piece);
  EXPECT_EQ(found, base::SiloAddress(kStack + 0x1000 - kPieceBytes));
  EXPECT_EQ(piece.word[15], 6u);
  EXPECT_EQ(find_piece(silo, base::SiloAddress(kStack + 0x1000), piece), base::SiloAddress(kStack + 0x2000))
      << "an empty page";
}

TEST_F(SiloReaderTest, finds_nothing_where_the_silo_has_nothing) {
  Piece piece;
  EXPECT_EQ(find_piece(silo, base::SiloAddress(0x5000), piece), base::SiloAddress(0x6000));
}

}  // namespace
}  // namespace kernel
