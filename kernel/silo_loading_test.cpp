// SPDX-License-Identifier: Apache-2.0
//
// What a silo finds in its memory and its registers when it runs again.
#include "test/fakes/returning_world.hpp"

#include "test/fakes/fake_memory.hpp"

namespace kernel {
namespace {

using abi::SystemCall;

struct SiloLoadingTest : fakes::ReturningWorld {
  /// Of the first word of the server's stack, which is where it begins.
  static std::uint64_t* stack_word() {
    const Region& stack = *silos()[1]->region_at(base::SiloAddress(kStack));
    return static_cast<std::uint64_t*>(static_cast<void*>(fakes::memory(stack.frames.start, 8).data()));
  }
};

TEST_F(SiloLoadingTest, it_runs_again_from_its_beginning_with_its_memory_as_after_boot) {
  begin();
  *stack_word() = 0x1234;
  server.message_page().entry[0].word[0] = 0x55;
  server.silo().refused_calls = 3;
  const Region& text = *server.silo().region_at(base::SiloAddress(kText));
  auto* const code = static_cast<std::uint32_t*>(static_cast<void*>(fakes::memory(text.frames.start, 64).data()));
  const std::uint32_t first = code[0];
  code[0] = 0xffffffff;
  code[5] = 1;
  call(SystemCall::SILO_PLEDGE, {.x1 = 0});
  ASSERT_EQ(server.silo().pledges(), 0u);
  crash();
  ASSERT_TRUE(is_running(server)) << "it is the most urgent again";
  EXPECT_EQ(server.silo().state(), abi::SiloState::Running);
  EXPECT_EQ(server.program_counter, kText);
  EXPECT_EQ(server.stack_pointer, kStack + kStackBytes);
  EXPECT_EQ(server.general[0], 5u);
  EXPECT_EQ(server.general[1], 77u);
  for (unsigned i = 2; i < 31; ++i) EXPECT_EQ(server.general[i], 0u);
  EXPECT_EQ(*stack_word(), 0u);
  EXPECT_EQ(code[0], first);
  EXPECT_EQ(code[5], 0u);
  EXPECT_EQ(server.message_page().entry[0].word[0], 0u);
  EXPECT_EQ(server.silo().pledges(), kAllPledges);
  EXPECT_EQ(server.silo().live_threads(), 1u);
  EXPECT_EQ(server.silo().life.restarts, 1u);
  EXPECT_EQ(server.silo().life.last_end, abi::SiloState::Faulted);
  EXPECT_EQ(server.silo().refused_calls, 3u) << "counters are since boot";
  EXPECT_THAT(console(), testing::HasSubstr("silo server runs again (1)"));
}

}  // namespace
}  // namespace kernel
