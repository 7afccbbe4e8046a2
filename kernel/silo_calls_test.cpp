// SPDX-License-Identifier: Apache-2.0
//
// A silo about itself and others: exit, sleep, console, status, verdict.
#include "test/fakes/kernel_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;
using testing::HasSubstr;

std::uint64_t word(std::string_view text) {
  std::uint64_t value = 0;
  for (std::size_t i = text.size(); i > 0; --i) value = value << 8 | static_cast<unsigned char>(text[i - 1]);
  return value;
}

struct SiloCallsTest : fakes::KernelWorld {
  Thread& main = add_program("main", 10);
  Thread& judge = add_program("judge", 5);
  std::uint64_t console_handle = grant(main, abi::ObjectType::Console, 0, {Right::ConsoleWrite});
  std::uint64_t status_handle = grant(judge, abi::ObjectType::Silo, main.silo().id.value(), {Right::SiloObserve});
  std::uint64_t verdict_handle = grant(judge, abi::ObjectType::System, 0, {Right::SystemVerdict});
};

TEST_F(SiloCallsTest, exit_ends_all_threads_and_keeps_the_status) {
  Thread& second = add_thread(main.silo().id, "second", 3);
  start();
  call(SystemCall::EXIT, {.x1 = 42});
  ASSERT_TRUE(is_running(judge));
  EXPECT_EQ(main.state(), ThreadState::Dead);
  EXPECT_EQ(second.state(), ThreadState::Dead);
  EXPECT_THAT(console(), HasSubstr("granary: silo main has ended with status 42\r\n"));
  ASSERT_EQ(status_of(SystemCall::SILO_STATUS, {.handle = status_handle}), 0);
  const std::uint64_t expected[19] = {0, 0, 1, 2, 42, 0, 0, 0, 0, 0, 0, 0, 0};
  for (unsigned i = 0; i <= 18; ++i) EXPECT_EQ(judge.general[i], expected[i]) << i;
}

TEST_F(SiloCallsTest, a_thread_ends_alone_and_the_last_one_ends_the_silo) {
  Thread& second = add_thread(main.silo().id, "second", 8);
  start();
  call(SystemCall::THREAD_EXIT, {.x1 = 9});
  ASSERT_TRUE(is_running(second));
  EXPECT_EQ(main.state(), ThreadState::Dead);
  EXPECT_EQ(main.silo().state(), abi::SiloState::Running);
  EXPECT_EQ(main.silo().live_threads(), 1u);
  call(SystemCall::THREAD_EXIT, {.x1 = 9});
  ASSERT_TRUE(is_running(judge));
  EXPECT_EQ(main.silo().state(), abi::SiloState::Exited);
  EXPECT_EQ(main.silo().exit_status(), 0u);
  EXPECT_EQ(main.silo().live_threads(), 0u);
}

TEST_F(SiloCallsTest, a_thread_that_ends_lets_its_callers_go) {
  add_thread(main.silo().id, "second", 1);
  const std::uint32_t port = add_port(main, "port");
  const std::uint64_t receive = grant_port_server(main, port);
  const std::uint64_t send = grant_port_client(judge, port);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(judge));
  call(SystemCall::PORT_CALL, {.handle = send});
  ASSERT_TRUE(is_running(main));
  call(SystemCall::THREAD_EXIT);
  ASSERT_TRUE(is_running(judge));
  EXPECT_EQ(status(judge), minus(Error::EPIPE));
  expect_clean(judge);
  call(SystemCall::PORT_CALL, {.handle = send});
  EXPECT_EQ(judge.waiting, ipc::Waiting::CallQueued) << "the other thread may still answer";
}

TEST_F(SiloCallsTest, the_console_takes_lines_with_the_silos_name) {
  start();
  EXPECT_EQ(status_of(SystemCall::CONSOLE_WRITE, {.handle = console_handle, .x1 = 3, .words = {word("hel")}}), 0);
  EXPECT_EQ(main.general[3], 3u);
  expect_clean(main, {3});
  EXPECT_EQ(status_of(SystemCall::CONSOLE_WRITE, {.handle = console_handle, .x1 = 0}), 0);
  EXPECT_EQ(main.general[3], 0u);
  EXPECT_EQ(console(), "");
  EXPECT_EQ(status_of(SystemCall::CONSOLE_WRITE,
                      {.handle = console_handle,
                       .x1 = 64,
                       .words = {word("lo, this"), word(" is a li"), word("ne of si"), word("xty-four"),
                                 word(" bytes, "), word("and\tnow "), word("\x1b[2Jits "), word("end 12.\n")}}),
            0);
  EXPECT_EQ(main.general[3], 64u);
  EXPECT_EQ(console(), "[main] hello, this is a line of sixty-four bytes, and\tnow ?[2Jits end 12.\r\n");
  EXPECT_EQ(status_of(SystemCall::CONSOLE_WRITE, {.handle = console_handle, .x1 = 65}), minus(Error::EINVAL));
}

TEST_F(SiloCallsTest, a_console_without_room_is_eagain_and_loses_nothing) {
  start();
  fakes::set_console_room(0);
  std::string expected;
  std::int64_t last = 0;
  for (int i = 0; i < 2000 && last == 0; ++i) {
    last = status_of(SystemCall::CONSOLE_WRITE, {.handle = console_handle, .x1 = 8, .words = {word("abcdefg\n")}});
    if (last == 0) {
      ASSERT_GE(main.general[3], 7u);
      if (main.general[3] == 8) expected += "[main] abcdefg\r\n";
    }
    if (last == 0 && main.general[3] == 7) break;
  }
  EXPECT_EQ(status_of(SystemCall::CONSOLE_WRITE, {.handle = console_handle, .x1 = 1, .words = {word("\n")}}),
            minus(Error::EAGAIN));
  EXPECT_EQ(main.silo().refused_calls, 0u);
  fakes::set_console_room(~std::uint64_t{0});
  EXPECT_EQ(console(), expected);
}

TEST_F(SiloCallsTest, an_unfinished_line_is_completed_at_the_end) {
  start();
  call(SystemCall::CONSOLE_WRITE, {.handle = console_handle, .x1 = 3, .words = {word("bye")}});
  call(SystemCall::EXIT, {.x1 = 0});
  EXPECT_EQ(console(), "[main] bye\r\ngranary: silo main has ended with status 0\r\n");
}

TEST_F(SiloCallsTest, Y8_status_tells_a_running_silo_and_its_counters) {
  start();
  call(SystemCall::CONSOLE_WRITE, {.handle = 0});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_EQ(status_of(SystemCall::SILO_STATUS, {.handle = status_handle}), 0);
  const std::uint64_t expected[19] = {0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0};
  for (unsigned i = 0; i <= 18; ++i) EXPECT_EQ(judge.general[i], expected[i]) << i;
}

TEST_F(SiloCallsTest, status_tells_a_fault) {
  start();
  fault(read_fault(0x123456789, kText + 4));
  ASSERT_TRUE(is_running(judge));
  ASSERT_EQ(status_of(SystemCall::SILO_STATUS, {.handle = status_handle}), 0);
  const std::uint64_t expected[19] = {0, 0, 1, 3, 1, 0x123456789, 0, 0, 0, 0, 0, 0, kText + 4};
  for (unsigned i = 0; i <= 18; ++i) EXPECT_EQ(judge.general[i], expected[i]) << i;
}

TEST_F(SiloCallsTest, defect_F2_the_verdict_needs_its_capability_and_a_sane_status) {
  start();
  EXPECT_EQ(status_of(SystemCall::SYSTEM_VERDICT, {.handle = console_handle}), minus(Error::EPERM));
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  EXPECT_EQ(status_of(SystemCall::SYSTEM_VERDICT, {.handle = verdict_handle, .x1 = 256}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_VERDICT, {.handle = verdict_handle, .x1 = ~std::uint64_t{0}}),
            minus(Error::EINVAL));
  EXPECT_EQ(console(), "");
  EXPECT_EQ(status_of(SystemCall::SYSTEM_VERDICT, {.handle = verdict_handle, .x1 = 255}), 0);
  expect_clean(judge);
  EXPECT_EQ(console(), "granary: verdict: status 255 (failed)\r\n");
  EXPECT_EQ(status_of(SystemCall::SYSTEM_VERDICT, {.handle = verdict_handle, .x1 = 0}), 0);
  EXPECT_EQ(console(), "granary: verdict: status 0 (passed)\r\n");
}

}  // namespace
}  // namespace kernel
