// SPDX-License-Identifier: Apache-2.0
//
// Handles through real system calls: what they tell, how they multiply and end, and that nothing else works as one.
#include "test/fakes/kernel_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;

struct HandleCallsTest : fakes::KernelWorld {
  Thread& one = add_program("one", 10);
  Thread& two = add_program("two", 5);
  std::uint32_t channel = add_channel("c", 4);
  std::uint64_t handle = grant(one, abi::ObjectType::Channel, channel,
                               {Right::Duplicate, Right::ChannelSend, Right::ChannelReceive}, 0xbad9e, 0);
  std::uint64_t other_end = grant(two, abi::ObjectType::Channel, channel, {Right::ChannelReceive}, 0, 1);
  static constexpr std::uint64_t kSend = static_cast<std::uint64_t>(Right::ChannelSend);
  static constexpr std::uint64_t kReceive = static_cast<std::uint64_t>(Right::ChannelReceive);
  static constexpr std::uint64_t kDuplicate = static_cast<std::uint64_t>(Right::Duplicate);
};

TEST_F(HandleCallsTest, null_and_version_do_what_they_say) {
  start();
  EXPECT_EQ(status_of(SystemCall::NULL_CALL, {.handle = 12345}), 0);
  expect_clean(one);
  EXPECT_EQ(status_of(SystemCall::ABI_VERSION), 0);
  EXPECT_EQ(one.general[3], std::uint64_t{abi::kVersionMajor} << 16 | abi::kVersionMinor);
  expect_clean(one, {3});
}

TEST_F(HandleCallsTest, B6_N2_info_tells_type_rights_and_badge_and_nothing_else) {
  start();
  EXPECT_EQ(status_of(SystemCall::HANDLE_INFO, {.handle = handle}), 0);
  EXPECT_EQ(one.general[3], static_cast<std::uint64_t>(abi::ObjectType::Channel));
  EXPECT_EQ(one.general[4], kSend | kReceive | kDuplicate);
  EXPECT_EQ(one.general[5], 0xbad9eu);
  expect_clean(one, {3, 4, 5});
}

TEST_F(HandleCallsTest, a_duplicate_has_the_badge_and_no_more_rights) {
  start();
  EXPECT_EQ(status_of(SystemCall::HANDLE_DUPLICATE, {.handle = handle, .words = {kSend}}), 0);
  const std::uint64_t copy = one.general[3];
  EXPECT_NE(copy, handle);
  expect_clean(one, {3});
  call(SystemCall::HANDLE_INFO, {.handle = copy});
  EXPECT_EQ(one.general[4], kSend);
  EXPECT_EQ(one.general[5], 0xbad9eu);
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_RECV, {.handle = copy}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_SEND, {.handle = copy}), 0);
  EXPECT_EQ(status_of(SystemCall::HANDLE_DUPLICATE, {.handle = copy, .words = {kSend}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::HANDLE_DUPLICATE, {.handle = handle, .words = {~std::uint64_t{0}}}),
            minus(Error::EPERM));
}

TEST_F(HandleCallsTest, a_closed_handle_is_gone_and_its_slot_comes_back_under_another_name) {
  start();
  call(SystemCall::HANDLE_DUPLICATE, {.handle = handle, .words = {kSend}});
  const std::uint64_t copy = one.general[3];
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = copy}), 0);
  expect_clean(one);
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_SEND, {.handle = copy}), minus(Error::EBADF));
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = copy}), minus(Error::EBADF));
  call(SystemCall::HANDLE_DUPLICATE, {.handle = handle, .words = {kSend}});
  EXPECT_NE(one.general[3], copy);
  EXPECT_EQ(one.general[3] & 0xffffffff, copy & 0xffffffff);
}

TEST_F(HandleCallsTest, a_full_table_is_told_and_not_a_refusal) {
  start();
  std::int64_t last = 0;
  for (int i = 0; i < 70 && last == 0; ++i)
    last = status_of(SystemCall::HANDLE_DUPLICATE, {.handle = handle, .words = {kSend}});
  EXPECT_EQ(last, minus(Error::ENOSPC));
  EXPECT_EQ(status_of(SystemCall::PORT_CREATE), minus(Error::ENOSPC));
  EXPECT_EQ(one.silo().refused_calls, 0u);
}

TEST_F(HandleCallsTest, only_the_last_handle_disconnects_the_other_end) {
  start();
  call(SystemCall::HANDLE_DUPLICATE, {.handle = handle, .words = {kSend}});
  const std::uint64_t copy = one.general[3];
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 10});
  call(SystemCall::CHAN_RECV, {.handle = other_end});
  ASSERT_TRUE(is_running(one));
  call(SystemCall::HANDLE_CLOSE, {.handle = handle});
  EXPECT_EQ(two.state(), ThreadState::Blocked);
  call(SystemCall::HANDLE_CLOSE, {.handle = copy});
  EXPECT_EQ(two.state(), ThreadState::Ready);
  EXPECT_EQ(status(two), minus(Error::EPIPE));
}

TEST_F(HandleCallsTest, B10_N2_closing_a_handle_ends_what_is_blocked_through_it_and_nothing_else) {
  Thread& second = add_thread(one.silo().id, "second", 9);
  Thread& third = add_thread(one.silo().id, "third", 8);
  const std::uint32_t port = add_port(two, "port");
  const std::uint64_t receive = grant_port_server(two, port);
  const std::uint64_t send = grant_port_client(one, port);
  const std::uint64_t same_port = grant_port_client(one, port);
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  call(SystemCall::PORT_CALL, {.handle = send});       // second
  call(SystemCall::PORT_CALL, {.handle = same_port});  // third
  ASSERT_TRUE(is_running(two));
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  EXPECT_EQ(two.effective_priority(), base::Priority(9));
  const std::uint64_t token = two.general[8];
  pass(100);
  ASSERT_TRUE(is_running(one));
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = send}), 0);
  EXPECT_EQ(second.state(), ThreadState::Ready);
  EXPECT_EQ(status(second), minus(Error::EPIPE));
  expect_clean(second);
  EXPECT_EQ(two.effective_priority(), base::Priority(5)) << "the donor is gone";
  EXPECT_EQ(third.waiting, ipc::Waiting::CallQueued) << "blocked through another handle";
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = same_port}), 0);
  EXPECT_EQ(status(third), minus(Error::EPIPE));
  while (!is_running(two)) call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), minus(Error::EPIPE));
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = receive}), minus(Error::EAGAIN));
}

TEST_F(HandleCallsTest, closing_a_handle_that_is_not_there_ends_nothing) {
  Thread& second = add_thread(one.silo().id, "second", 9);
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  call(SystemCall::CHAN_RECV, {.handle = handle});
  pass(100);
  ASSERT_TRUE(is_running(one));
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = handle + 64}), minus(Error::EBADF));
  EXPECT_EQ(second.state(), ThreadState::Blocked);
  EXPECT_EQ(status_of(SystemCall::CHAN_CLOSE, {.handle = handle}), 0);
  EXPECT_EQ(status(second), minus(Error::EPIPE));
}

}  // namespace
}  // namespace kernel
