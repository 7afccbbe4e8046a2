// SPDX-License-Identifier: Apache-2.0
//
// The register layout of design 6, register by register.
#include "test/fakes/host_prelude.hpp"

#include "kernel/message_registers.hpp"

namespace kernel {
namespace {

struct MessageRegistersTest : testing::Test {
  MessageRegistersTest() {
    for (unsigned i = 0; i < 31; ++i) context.general[i] = 1000 + i;
    context.processor_state = 0xf0000000;
    context.stack_pointer = 50;
    context.thread_pointer = 60;
    context.general[2] = 0;
  }
  void expect_callee_saved_untouched() {
    for (unsigned i = 19; i < 31; ++i) EXPECT_EQ(context.general[i], 1000u + i);
    EXPECT_EQ(context.stack_pointer, 50u);
    EXPECT_EQ(context.thread_pointer, 60u);
    EXPECT_EQ(context.processor_state, 0u);
  }
  port::ThreadContext context = {};
};

TEST_F(MessageRegistersTest, F1_reads_each_argument_from_its_register) {
  const Arguments arguments(context);
  EXPECT_EQ(arguments.handle(), 1000u);
  EXPECT_EQ(arguments.exit_status(), 1001u);
  EXPECT_EQ(arguments.verdict(), 1001u);
  EXPECT_EQ(arguments.rights_to_keep(), 1003u);
  EXPECT_EQ(arguments.channel_capacity(), 1003u);
  EXPECT_EQ(arguments.deadline(), base::Ticks(1007));
  EXPECT_EQ(arguments.number(), 1008u);
  EXPECT_EQ(arguments.reply_token(), 1013u);
}

TEST_F(MessageRegistersTest, reads_four_words_and_zeroes_the_others) {
  const ipc::Message message = Arguments(context).message().value();
  EXPECT_EQ(message.opcode, 1001u);
  EXPECT_EQ(message.flags, 0u);
  const std::uint64_t expected[] = {1003, 1004, 1005, 1006, 0, 0, 0, 0};
  for (unsigned i = 0; i < 8; ++i) EXPECT_EQ(message.word[i], expected[i]);
}

TEST_F(MessageRegistersTest, F1_reads_eight_words_if_the_flag_says_so) {
  context.general[2] = abi::kFlagEightWords;
  const ipc::Message message = Arguments(context).message().value();
  const std::uint64_t expected[] = {1003, 1004, 1005, 1006, 1009, 1010, 1011, 1012};
  for (unsigned i = 0; i < 8; ++i) EXPECT_EQ(message.word[i], expected[i]);
}

TEST_F(MessageRegistersTest, refuses_every_flag_that_is_not_the_senders) {
  for (unsigned bit = 4; bit < 64; ++bit) {
    context.general[2] = std::uint64_t{1} << bit;
    EXPECT_EQ(Arguments(context).message().ok(), false) << bit;
    context.general[2] |= 1;
    EXPECT_EQ(Arguments(context).message().ok(), false) << bit;
  }
}

TEST_F(MessageRegistersTest, reads_console_bytes_in_little_endian_order) {
  context.general[1] = 10;
  context.general[3] = 0x6867'6665'6463'6261;
  context.general[4] = 0xffff'ffff'ffff'6a69;
  const auto text = Arguments(context).console_text().value();
  EXPECT_EQ(std::string(text.byte, text.length), "abcdefghij");
  context.general[1] = 64;
  EXPECT_TRUE(Arguments(context).console_text().ok());
  context.general[1] = 65;
  EXPECT_FALSE(Arguments(context).console_text().ok());
  context.general[1] = ~std::uint64_t{0};
  EXPECT_FALSE(Arguments(context).console_text().ok());
}

TEST_F(MessageRegistersTest, a_failure_leaves_nothing_but_its_status) {
  Results(context).fail(base::Error::EPIPE);
  EXPECT_EQ(static_cast<std::int64_t>(context.general[0]), -32);
  for (unsigned i = 1; i <= 18; ++i) EXPECT_EQ(context.general[i], 0u) << i;
  expect_callee_saved_untouched();
}

TEST_F(MessageRegistersTest, F1_a_message_arrives_in_its_registers) {
  ipc::Completion completion{
      .status = {}, .delivery = {.message = {.opcode = 1, .flags = 0x101, .word = {}}, .badge = 2, .token = 3}};
  for (unsigned i = 0; i < 8; ++i) completion.delivery.message.word[i] = 10 + i;
  Results(context).finish(completion);
  const std::uint64_t expected[19] = {0, 1, 0x101, 10, 11, 12, 13, 2, 3, 14, 15, 16, 17, 0, 0, 0, 0, 0, 0};
  for (unsigned i = 0; i <= 18; ++i) EXPECT_EQ(context.general[i], expected[i]) << i;
  expect_callee_saved_untouched();
}

TEST_F(MessageRegistersTest, D5_an_operation_that_failed_delivers_nothing) {
  ipc::Completion completion{.status = base::Error::ETIMEDOUT,
                             .delivery = {.message = {.opcode = 1, .flags = 1, .word = {5}}, .badge = 2, .token = 3}};
  Results(context).finish(completion);
  EXPECT_EQ(static_cast<std::int64_t>(context.general[0]), -110);
  for (unsigned i = 1; i <= 18; ++i) EXPECT_EQ(context.general[i], 0u) << i;
}

TEST_F(MessageRegistersTest, values_lie_where_words_lie) {
  Results(context).succeed(7, 8, 9, 10);
  const std::uint64_t few[19] = {0, 0, 0, 7, 8, 9, 10};
  for (unsigned i = 0; i <= 18; ++i) EXPECT_EQ(context.general[i], few[i]) << i;
  Results(context).succeed(Values{{1, 2, 3, 4, 5, 6, 7, 8}});
  const std::uint64_t all[19] = {0, 0, abi::kFlagEightWords, 1, 2, 3, 4, 0, 0, 5, 6, 7, 8};
  for (unsigned i = 0; i <= 18; ++i) EXPECT_EQ(context.general[i], all[i]) << i;
  expect_callee_saved_untouched();
}

}  // namespace
}  // namespace kernel
