// SPDX-License-Identifier: Apache-2.0
//
// Quick batches: how many go, what they leave in the pages, what is counted, and what is not quick.
#include "test/fakes/host_prelude.hpp"

#include "kernel/message_page.hpp"
#include "test/fakes/quick_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using enum abi::SystemCall;

using Counts = std::pair<std::uint64_t, std::uint64_t>;

struct Way {
  SystemCall send, receive, send_one;
  std::uint32_t room;
};
constexpr Way kChannel = {CHAN_SEND_BATCH, CHAN_RECV_BATCH, CHAN_TRY_SEND, 2};
constexpr Way kAsync = {ASYNC_SEND_BATCH, ASYNC_RECEIVE_BATCH, ASYNC_SEND, 2};
constexpr Way kPort = {PORT_SEND_BATCH, PORT_RECEIVE_BATCH, PORT_TRY_SEND, 16};

struct QuickBatches : fakes::QuickWorld, testing::WithParamInterface<Way> {
  std::uint64_t to_send(const Way& way) {
    return way.send == kPort.send ? to[&low] : way.send == kChannel.send ? of[&first].channel : of[&first].async;
  }
  std::uint64_t to_receive(const Way& way) {
    return way.send == kPort.send ? of[&low].receive : way.send == kChannel.send ? of[&low].channel : of[&low].async;
  }
  /// Entries 0 to count - 1, numbered; every second one of four words. All else is dirt.
  static void fill(const Thread& thread, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i)
      thread.message_page().entry[i] = {100 + i, i % 2, {i, 1, 2, 3, 4, 5, 6, 7}, 81, 82, 83, {84, 85, 86}};
  }
  static void expect_entry(const Thread& thread, std::uint32_t index, std::uint32_t number) {
    const std::uint64_t all = number % 2;
    const std::uint64_t expected[16] = {100 + number, all, number,       1, 2, 3, all * 4, all * 5, all * 6, all * 7,
                                        kBadge,       0,   thread.label, 0, 0, 0};
    EXPECT_EQ(std::memcmp(&thread.message_page().entry[index], expected, sizeof expected), 0) << index;
  }
  bool is_quick_batch(SystemCall number, std::uint64_t handle, std::uint64_t count) {
    return is_quick(number, {.handle = handle, .words = {count}, .deadline = kForever});
  }
  /// The running thread's batch was quick and did so many.
  void expect_done(const Thread& thread, std::uint64_t count) {
    ASSERT_TRUE(is_running(thread));
    EXPECT_EQ(thread.general[3], count);
    expect_success(thread, {3});
  }
  void let_low_run() {
    call(SLEEP_UNTIL, {.deadline = kForever});
    ASSERT_TRUE(is_running(low));
  }
};
INSTANTIATE_TEST_SUITE_P(Ways, QuickBatches, testing::Values(kChannel, kAsync, kPort));

TEST_P(QuickBatches, A9_F7_as_many_are_sent_as_there_is_room_for) {
  const Way way = GetParam();
  set_up({}, &low);
  fill(first, 16);
  ASSERT_TRUE(is_quick_batch(way.send, to_send(way), 1));
  expect_done(first, 1);
  ASSERT_TRUE(is_quick_batch(way.send, to_send(way), 16));
  expect_done(first, way.room - 1);
  EXPECT_EQ(sent_and_received(first), Counts(way.room, 0));
  const ipc::AsyncStatistics now = async_of(*found(first, of[&first].async)).statistics();
  EXPECT_EQ(now.dropped, way.send == kAsync.send ? 1u : 0u) << "as if they had been sent one by one";
  EXPECT_FALSE(is_quick_batch(way.send, to_send(way), 3)) << "full: that is for the handler to say";
}

TEST_P(QuickBatches, A9_all_that_is_there_is_received_and_no_entry_more_is_written) {
  const Way way = GetParam();
  if (way.send == kPort.send) return;  // calls may be among them: PORT_RECEIVE_BATCH is not quick
  set_up({}, &low);
  fill(first, 2);
  ASSERT_TRUE(is_quick_batch(way.send, to_send(way), 2));
  let_low_run();
  std::memset(&low.message_page(), 0xee, sizeof(abi::MessagePage));
  ASSERT_TRUE(is_quick_batch(way.receive, to_receive(way), 1));
  expect_done(low, 1);
  expect_entry(low, 0, 0);
  EXPECT_EQ(low.message_page().entry[1].opcode, 0xeeeeeeeeeeeeeeee);
  ASSERT_TRUE(is_quick_batch(way.receive, to_receive(way), 16));
  expect_done(low, 1);
  expect_entry(low, 0, 1);
  EXPECT_EQ(low.message_page().entry[1].opcode, 0xeeeeeeeeeeeeeeee);
  EXPECT_EQ(sent_and_received(low), Counts(0, 2));
  EXPECT_FALSE(is_quick_batch(way.receive, to_receive(way), 1)) << "that one waits";
}

TEST_P(QuickBatches, A9_what_a_port_got_in_a_batch_is_received_one_by_one) {
  if (GetParam().send != kPort.send) return;
  set_up({}, &low);
  fill(first, 3);
  ASSERT_TRUE(is_quick_batch(PORT_SEND_BATCH, to[&low], 3));
  let_low_run();
  EXPECT_FALSE(is_quick_batch(PORT_RECEIVE_BATCH, of[&low].receive, 3));
  for (std::uint64_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(is_quick(PORT_RECEIVE, {.handle = of[&low].receive}));
    EXPECT_EQ(low.general[1], 100 + i);
    EXPECT_EQ(low.general[3], i);
    EXPECT_EQ(low.general[7], kBadge);
    EXPECT_EQ(low.general[12], i % 2 * 7);
  }
}

TEST_P(QuickBatches, A9_an_entry_that_may_not_be_sent_ends_the_batch_before_it) {
  const Way way = GetParam();
  set_up({}, &low);
  fill(first, 16);
  first.message_page().entry[1].flags = 2;
  ASSERT_TRUE(is_quick_batch(way.send, to_send(way), 16));
  expect_done(first, 1);
  EXPECT_EQ(sent_and_received(first), Counts(1, 0));
  EXPECT_EQ(async_of(*found(first, of[&first].async)).statistics().dropped, 0u);
  first.message_page().entry[0].flags = 2;
  EXPECT_FALSE(is_quick_batch(way.send, to_send(way), 16));
}

TEST_P(QuickBatches, A9_N3_no_batch_of_the_wrong_size_or_without_its_right_is_quick) {
  const Way way = GetParam();
  set_up({}, &low);
  fill(first, 16);
  for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{17}, std::uint64_t{1} << 32}) {
    EXPECT_FALSE(is_quick_batch(way.send, to_send(way), count));
    EXPECT_FALSE(is_quick_batch(way.receive, of[&first].channel, count));
    EXPECT_FALSE(is_quick_batch(way.receive, of[&first].async, count));
  }
  for (const std::uint64_t wrong : {std::uint64_t{0}, to_send(way) + (std::uint64_t{1} << 32), of[&first].semaphore}) {
    EXPECT_FALSE(is_quick_batch(way.send, wrong, 1));
    EXPECT_FALSE(is_quick_batch(way.receive, wrong, 1));
  }
}

TEST_P(QuickBatches, A9_no_batch_is_quick_that_would_wake_somebody) {
  const Way way = GetParam();
  set_up({{&low, {way.receive, {.handle = to_receive(way), .words = {2}}}}});
  fill(first, 2);
  EXPECT_FALSE(is_quick_batch(way.send, to_send(way), 2));
}

TEST_P(QuickBatches, A9_N2_no_batch_is_quick_that_somebody_watches) {
  const Way way = GetParam();
  const auto readable = static_cast<std::uint64_t>(abi::Event::Readable);
  set_up({{&low, {WAIT_ANY, {.x1 = 1, .words = {to_receive(way) | readable}}}}});
  fill(first, 2);
  EXPECT_FALSE(is_quick_batch(way.send, to_send(way), 2));
}

struct QuickChannelBatches : QuickBatches {};
INSTANTIATE_TEST_SUITE_P(Way, QuickChannelBatches, testing::Values(kChannel));

TEST_P(QuickChannelBatches, P12_A9_no_receive_is_quick_with_a_capability_among_the_messages) {
  set_up({}, &low);
  ASSERT_TRUE(is_quick(CHAN_TRY_SEND, message(of[&first].channel)));
  const std::uint64_t rights = static_cast<std::uint64_t>(Right::PortSend);
  call(CHAN_TRY_SEND,
       {.handle = of[&first].channel, .flags = abi::kFlagTransfer, .words = {1, 2, rights, of[&first].receive}});
  ASSERT_EQ(status(first), 0);
  let_low_run();
  EXPECT_FALSE(is_quick_batch(CHAN_RECV_BATCH, of[&low].channel, 2)) << "it would end before the second one";
  call(CHAN_RECV_BATCH, {.handle = of[&low].channel, .words = {2}});
  EXPECT_EQ(low.general[3], 2u);
}

TEST_P(QuickChannelBatches, S2_A9_no_receive_is_quick_while_senders_wait) {
  set_up({{&high, {CHAN_SEND, message(of[&high].channel)}}}, &low);
  EXPECT_FALSE(is_quick_batch(CHAN_RECV_BATCH, of[&first].channel, 2));
}

TEST_P(QuickChannelBatches, N2_A9_no_receive_is_quick_while_somebody_watches_for_room) {
  start();
  for (unsigned i = 0; i < 2; ++i) call(CHAN_TRY_SEND, message(of[&high].channel));
  call(WAIT_ANY, {.x1 = 1, .words = {of[&high].channel | static_cast<std::uint64_t>(abi::Event::Writable)}});
  ASSERT_TRUE(is_running(first));
  EXPECT_FALSE(is_quick_batch(CHAN_RECV_BATCH, of[&first].channel, 2));
}

}  // namespace
}  // namespace kernel
