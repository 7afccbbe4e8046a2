// SPDX-License-Identifier: Apache-2.0
//
// A system at rest says so, once, and says why.
#include "test/fakes/kernel_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;

struct IdleReportTest : fakes::KernelWorld {
  Thread& one = add_program("one", 10);
  std::uint32_t port = add_port(one, "command");
  std::uint64_t receive = grant_port_server(one, port);

  /// The running thread makes a call after which the core has nothing to do any more.
  void last_call(SystemCall number, const fakes::CallRegisters& registers = {}) {
    EXPECT_THROW(call(number, registers), fakes::IdleForever);
  }
};

TEST_F(IdleReportTest, says_that_every_silo_has_ended) {
  start();
  last_call(SystemCall::EXIT, {.x1 = 0});
  EXPECT_EQ(console(), "granary: silo one has ended with status 0\r\ngranary: every silo has ended\r\n");
}

TEST_F(IdleReportTest, is_the_verdict_with_once) {
  set_once(true);
  start();
  EXPECT_THROW(call(SystemCall::EXIT, {.x1 = 0}), fakes::PoweredOff);
  EXPECT_EQ(fakes::take_console(),
            "granary: silo one has ended with status 0\r\ngranary: every silo has ended\r\n"
            "granary: verdict: status 0 (passed)\r\n");
}

TEST_F(IdleReportTest, is_a_failed_verdict_after_a_bad_status) {
  set_once(true);
  start();
  EXPECT_THROW(call(SystemCall::EXIT, {.x1 = 3}), fakes::PoweredOff);
  EXPECT_THAT(fakes::take_console(), testing::EndsWith("granary: verdict: status 1 (failed)\r\n"));
}

TEST_F(IdleReportTest, is_a_failed_verdict_after_a_fault) {
  set_once(true);
  start();
  EXPECT_THROW(fault(read_fault(0)), fakes::PoweredOff);
  EXPECT_THAT(fakes::take_console(), testing::EndsWith("granary: verdict: status 1 (failed)\r\n"));
}

TEST_F(IdleReportTest, is_a_passed_verdict_if_only_servers_without_work_are_left) {
  set_once(true);
  start();
  EXPECT_THROW(call(SystemCall::PORT_RECEIVE, {.handle = receive}), fakes::PoweredOff);
  EXPECT_THAT(fakes::take_console(), testing::EndsWith("granary: verdict: status 0 (passed)\r\n"));
}

TEST_F(IdleReportTest, is_a_failed_verdict_if_somebody_waits_for_what_cannot_come) {
  set_once(true);
  start();
  EXPECT_THROW(call(SystemCall::SLEEP_UNTIL, {.deadline = kForever}), fakes::PoweredOff);
  EXPECT_THAT(fakes::take_console(), testing::EndsWith("granary: verdict: status 1 (failed)\r\n"));
}

TEST_F(IdleReportTest, names_who_waits_for_what) {
  Thread& two = add_program("two", 9);
  Thread& three = add_program("three", 8);
  Thread& four = add_program("four", 7);
  Thread& five = add_program("five", 6);
  const std::uint64_t call_handle = grant_port_client(two, port);
  const std::uint32_t channel = add_channel("samples", 1);
  const std::uint64_t send = grant(three, abi::ObjectType::Channel, channel, {Right::ChannelSend}, 0, 0);
  const std::uint64_t take =
      grant(four, abi::ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive}, 0, 1);
  const std::uint64_t five_send = grant_port_client(five, port);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::PORT_CALL, {.handle = call_handle});
  ASSERT_TRUE(is_running(one));
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(three));
  call(SystemCall::CHAN_SEND, {.handle = send});
  call(SystemCall::CHAN_SEND, {.handle = send});
  ASSERT_TRUE(is_running(four));
  call(SystemCall::CHAN_RECV, {.handle = take});
  call(SystemCall::CHAN_RECV, {.handle = take});
  ASSERT_TRUE(is_running(three)) << "its send has completed";
  call(SystemCall::CHAN_SEND, {.handle = send});
  call(SystemCall::CHAN_SEND, {.handle = send});
  ASSERT_TRUE(is_running(four));
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  while (five.waiting == ipc::Waiting::Nothing && five.owed.count() == 0) {
    try {
      call(SystemCall::PORT_SEND, {.handle = five_send});
    } catch (const fakes::IdleForever&) {
    }
  }
  EXPECT_EQ(console(),
            "granary: idle: nothing can run any more: 5 threads wait for ever\r\n"
            "granary:   one/one sleeps for ever\r\n"
            "granary:   two/two waits for a reply of thread one\r\n"
            "granary:   three/three waits for room in channel samples\r\n"
            "granary:   four/four sleeps for ever\r\n"
            "granary:   five/five waits for room in port command\r\n");
}

TEST_F(IdleReportTest, names_waits_at_ports_and_for_messages) {
  Thread& two = add_program("two", 9);
  Thread& three = add_program("three", 8);
  const std::uint32_t sleepy = add_port(three, "sleepy");
  grant_port_server(three, sleepy);
  const std::uint64_t call_handle = grant_port_client(two, sleepy);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::PORT_CALL, {.handle = call_handle});
  ASSERT_TRUE(is_running(three));
  call(SystemCall::CHAN_CREATE, {.words = {1}});
  last_call(SystemCall::CHAN_RECV, {.handle = three.general[3]});
  EXPECT_EQ(console(),
            "granary: idle: nothing can run any more: 3 threads wait for ever\r\n"
            "granary:   one/one waits for a message to port command\r\n"
            "granary:   two/two waits for somebody to take its call to port sleepy\r\n"
            "granary:   three/three waits for a message from channel (made by a silo)\r\n");
}

TEST_F(IdleReportTest, is_not_said_while_a_deadline_is_armed) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  ASSERT_TRUE(is_running(one));
  EXPECT_EQ(console(), "");
}

TEST_F(IdleReportTest, names_at_most_thirty_two_threads) {
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) names.push_back("t" + std::to_string(i));
  for (const char* name : {"a", "b"}) {
    const base::SiloId silo = add_silo(name);
    for (const std::string& thread : names) add_thread(silo, thread, 3);
  }
  start();
  for (int i = 0; i < 40; ++i) call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  last_call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  const std::string text = console();
  EXPECT_THAT(text, testing::HasSubstr("41 threads wait"));
  EXPECT_THAT(text, testing::EndsWith("granary:   and 9 more\r\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 34);
}

}  // namespace
}  // namespace kernel
