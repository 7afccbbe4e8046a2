// SPDX-License-Identifier: Apache-2.0
//
// A dying kernel's words: every vector has a name of its own, the frame is complete, long reasons are cut and not
// overrun.
#include "test/fakes/host_prelude.hpp"

#include <set>

#include "hal/aarch64/death_words.hpp"

namespace hal {
namespace {

struct StringSink {
  std::string text;
  void write(std::string_view piece) { text += piece; }
};

TEST(DeathWords, each_of_the_sixteen_vectors_has_its_own_name) {
  std::set<std::string> names;
  for (std::uint64_t vector = 0; vector < 16; ++vector) names.insert(vector_name(vector));
  EXPECT_EQ(names.size(), 16u);
  EXPECT_STREQ(vector_name(4), "synchronous exception in the kernel");
  EXPECT_STREQ(vector_name(13), "interrupt (IRQ) in AArch32 state");
  EXPECT_STREQ(vector_name(16), "no exception");
  EXPECT_STREQ(vector_name(~std::uint64_t{0}), "no exception");
}

DeathFrame frame_of(std::uint64_t vector) {
  DeathFrame frame{};
  for (unsigned i = 0; i < 31; ++i) frame.general[i] = 0x1000 + i;
  frame.program_counter = 0x40'0000'1234;
  frame.stack_pointer = 0x40'0002'0000;
  frame.syndrome = 0x9600'004f;
  frame.fault_address = 0x40'0001'0000;
  frame.vector = vector;
  return frame;
}

TEST(DeathWords, a_frame_is_printed_with_all_registers) {
  StringSink sink;
  print_death_frame(sink, frame_of(4));
  EXPECT_THAT(sink.text, testing::StartsWith("granary: | pc 0x0000004000001234 sp 0x0000004000020000 spsr 0x00000000 "
                                             "esr 0x9600004f far 0x0000004000010000\r\n"));
  EXPECT_THAT(sink.text, testing::HasSubstr(" x0 0x0000000000001000 "));
  EXPECT_THAT(sink.text, testing::HasSubstr(" x30 0x000000000000101e\r\n"));
}

TEST(DeathWords, a_synchronous_death_tells_the_syndrome_in_words) {
  StringSink sink;
  describe_death(sink, frame_of(4));
  EXPECT_EQ(sink.text, "synchronous exception in the kernel: write at 0x4000010000: permission fault, level 3");
}

TEST(DeathWords, an_interrupt_has_no_syndrome) {
  StringSink sink;
  describe_death(sink, frame_of(5));
  EXPECT_EQ(sink.text, "interrupt (IRQ) in the kernel");
  EXPECT_FALSE(vector_has_syndrome(~std::uint64_t{0}));
}

TEST(DeathWords, a_fixed_text_cuts_what_does_not_fit) {
  FixedText<8> text;
  text.write("12345");
  text.write("6789");
  EXPECT_EQ(text.view(), "1234567");
}

}  // namespace
}  // namespace hal
