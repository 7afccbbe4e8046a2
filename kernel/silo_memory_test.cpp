// SPDX-License-Identifier: Apache-2.0
//
// Filling frames: data first, zero behind, nothing beyond, the window closed, and code made visible to instruction
// fetch (C2).
#include "test/fakes/host_prelude.hpp"

#include "kernel/silo_memory.hpp"

#include "kernel/port/memory_window.hpp"
#include "test/fakes/fake_machine.hpp"
#include "test/fakes/fake_memory.hpp"

namespace kernel {
namespace {

using base::Error;
using base::PageCount;

constexpr base::PhysicalAddress kStart = fakes::kMemoryStart + 0x3000;

std::vector<std::byte> some_data(std::size_t bytes) {
  std::vector<std::byte> data(bytes);
  for (std::size_t i = 0; i < bytes; ++i) data[i] = static_cast<std::byte>(1 + i % 251);
  return data;
}

void expect_filled(FrameRange frames, const std::vector<std::byte>& data) {
  const auto memory = fakes::memory(frames.start, frames.size.bytes());
  ASSERT_TRUE(std::equal(data.begin(), data.end(), memory.begin()));
  for (std::size_t i = data.size(); i < memory.size(); ++i) ASSERT_EQ(memory[i], std::byte{0}) << i;
  const auto before = fakes::memory(frames.start + ~std::uint64_t{0}, 1);
  const auto behind = fakes::memory(frames.start + frames.size.bytes(), 1);
  EXPECT_EQ(before[0], std::byte{0xa5});
  EXPECT_EQ(behind[0], std::byte{0xa5});
  EXPECT_FALSE(fakes::window_is_open());
}

TEST(SiloMemory, holds_the_data_and_zero_behind_it_whatever_the_length) {
  for (const std::size_t length : {0u, 1u, 15u, 16u, 17u, 4095u, 4096u, 4097u, 12287u, 12288u}) {
    fakes::reset();
    const FrameRange frames{kStart, PageCount(3)};
    const auto data = some_data(length);
    ASSERT_TRUE(fill_frames(frames, data, false).ok());
    expect_filled(frames, data);
    EXPECT_TRUE(fakes::executable_stretches().empty());
  }
}

TEST(SiloMemory, goes_through_more_than_one_window) {
  for (const std::uint64_t bytes : {0x100000u, 0x200000u, 0x200001u, 0x345678u}) {
    fakes::reset();
    const FrameRange frames{kStart, PageCount(512 * 2 + 5)};
    const auto data = some_data(bytes);
    ASSERT_TRUE(fill_frames(frames, data, true).ok());
    expect_filled(frames, data);
    EXPECT_EQ(fakes::windows_opened(), 3u);
  }
}

TEST(SiloMemory, makes_all_of_an_executable_range_visible_to_instruction_fetch) {
  fakes::reset();
  const FrameRange frames{kStart, PageCount(513)};
  ASSERT_TRUE(fill_frames(frames, some_data(100), true).ok());
  const auto& stretches = fakes::executable_stretches();
  ASSERT_EQ(stretches.size(), 2u);
  EXPECT_EQ(stretches[0].start, kStart);
  EXPECT_EQ(stretches[0].bytes, 512 * base::kPageSize);
  EXPECT_EQ(stretches[1].start, kStart + 512 * base::kPageSize);
  EXPECT_EQ(stretches[1].bytes, base::kPageSize);
}

TEST(SiloMemory, refuses_more_data_than_fits_and_passes_on_the_windows_refusal) {
  fakes::reset();
  EXPECT_EQ(fill_frames(FrameRange{kStart, PageCount(1)}, some_data(4097), false).error(), Error::EINVAL);
  EXPECT_EQ(fill_frames(FrameRange{base::PhysicalAddress(0x1000), PageCount(1)}, {}, false).error(), Error::EINVAL);
  EXPECT_FALSE(fakes::window_is_open());
}

}  // namespace
}  // namespace kernel
