// SPDX-License-Identifier: Apache-2.0
//
// The walk along frame records: a right chain, its ends, and chains that were made to lead the kernel astray.
#include "test/fakes/kernel_world.hpp"

#include <random>

#include "kernel/backtrace.hpp"
#include "test/fakes/silo_memory_writer.hpp"

namespace kernel {
namespace {

struct BacktraceTest : fakes::KernelWorld {
  Thread& main = add_program("rogue", 10);
  Thread& worker = add_thread(main.silo().id, "worker", 10);
  static constexpr std::uint64_t kTop = kStack + kStackBytes;

  void record(std::uint64_t at, std::uint64_t next, std::uint64_t back) {
    fakes::poke(main.silo(), at, next);
    fakes::poke(main.silo(), at + 8, back);
  }
  std::vector<std::uint64_t> walk(std::uint64_t frame_pointer) {
    main.general[29] = frame_pointer;
    StackWalk steps(main.silo(), main);
    std::vector<std::uint64_t> callers;
    while (const auto caller = steps.next()) {
      callers.push_back(*caller);
      if (callers.size() > 100) ADD_FAILURE() << "it does not end";
      if (callers.size() > 100) break;
    }
    EXPECT_EQ(steps.next(), std::nullopt) << "an end is an end";
    words = steps.end_in_words();
    EXPECT_FALSE(fakes::window_is_open());
    return callers;
  }
  std::string words;
};

TEST_F(BacktraceTest, follows_a_chain_to_its_outermost_frame) {
  record(kTop - 0x100, kTop - 0x80, 0x10010);
  record(kTop - 0x80, kTop - 0x10, 0x10020);
  record(kTop - 0x10, 0, 0x10030);
  EXPECT_EQ(walk(kTop - 0x100), (std::vector<std::uint64_t>{0x10010, 0x10020, 0x10030}));
  EXPECT_EQ(words, "the outermost");
}

TEST_F(BacktraceTest, ends_at_a_return_address_of_zero) {
  record(kTop - 0x100, kTop - 0x80, 0x10010);
  record(kTop - 0x80, kTop - 0x10, 0);
  EXPECT_EQ(walk(kTop - 0x100), std::vector<std::uint64_t>{0x10010});
  EXPECT_EQ(words, "the outermost");
}

TEST_F(BacktraceTest, a_thread_without_frames_has_no_callers) {
  EXPECT_TRUE(walk(0).empty());
  EXPECT_EQ(words, "the outermost");
}

TEST_F(BacktraceTest, names_at_most_sixteen_callers) {
  for (std::uint64_t at = kStack; at < kTop; at += 16) record(at, at + 16, 0x10000 + at);
  EXPECT_EQ(walk(kStack).size(), StackWalk::kFramesMaximum);
  EXPECT_EQ(words, "there are more, which are left out");
}

TEST_F(BacktraceTest, hostile_does_not_leave_the_threads_own_stack) {
  const unsigned windows = fakes::windows_opened();
  for (const std::uint64_t astray : {std::uint64_t{1}, kStack - 16, kTop - 8, kTop, kTop + 16, kText, kStack + 0x10000,
                                     abi::kMessagePagesStart, std::uint64_t{0xf}, ~std::uint64_t{0}, ~std::uint64_t{15},
                                     std::uint64_t{1} << 63, std::uint64_t{0x4000000000}}) {
    EXPECT_TRUE(walk(astray).empty()) << std::hex << astray;
    EXPECT_THAT(words, testing::HasSubstr("leads out of the stack"));
  }
  EXPECT_EQ(fakes::windows_opened(), windows) << "nothing was read";
}

TEST_F(BacktraceTest, hostile_does_not_go_in_circles) {
  record(kTop - 0x100, kTop - 0x100, 0x10010);
  EXPECT_EQ(walk(kTop - 0x100).size(), 1u) << "to itself";
  record(kTop - 0x100, kTop - 0x80, 0x10010);
  record(kTop - 0x80, kTop - 0x100, 0x10020);
  EXPECT_EQ(walk(kTop - 0x100).size(), 2u) << "back";
  record(kTop - 0x80, kTop - 0x78, 0x10020);
  EXPECT_EQ(walk(kTop - 0x100).size(), 2u) << "into itself";
  EXPECT_THAT(words, testing::HasSubstr("leads out of the stack, or back"));
}

TEST_F(BacktraceTest, hostile_is_harmless_whatever_the_stack_holds) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    for (std::uint64_t at = kStack; at < kTop; at += 8) {
      const std::uint64_t word = random();
      // Most of them look like frame pointers.
      fakes::poke(main.silo(), at, (word & 7) == 0 ? word : kStack - 64 + (word >> 8) % (kStackBytes + 128) / 16 * 16);
    }
    EXPECT_LE(walk(kStack + random() % kStackBytes / 16 * 16).size(), StackWalk::kFramesMaximum);
  }
}

TEST_F(BacktraceTest, the_stack_is_that_of_the_thread) {
  worker.general[29] = kTop - 0x100;
  record(kTop - 0x100, 0, 0x10010);
  StackWalk steps(worker.silo(), worker);
  EXPECT_EQ(steps.next(), std::nullopt) << "the main thread's stack is not the worker's";
}

TEST_F(BacktraceTest, a_walk_that_was_not_begun_finds_nothing) {
  StackWalk nothing;
  EXPECT_EQ(nothing.next(), std::nullopt);
  EXPECT_EQ(nothing.end_in_words(), "the thread has no stack to look into");
}

}  // namespace
}  // namespace kernel
