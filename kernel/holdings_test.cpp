// SPDX-License-Identifier: Apache-2.0
//
// What a silo held when it faulted.
#include "test/fakes/kernel_world.hpp"

#include "kernel/holdings.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using testing::HasSubstr;
using testing::Not;

struct HoldingsTest : fakes::KernelWorld {
  Thread& server = add_program("server", 20);
  Thread& client = add_program("client", 10);
  std::uint32_t port = add_port(server, "command");
  std::uint32_t channel = add_channel("samples", 8);
  std::uint64_t receive = grant_port_server(server, port);
  std::uint64_t channel_end = grant(server, abi::ObjectType::Channel, channel, {abi::Right::ChannelReceive}, 0, 1);
  std::uint64_t send = grant_port_client(client, port);
  std::uint64_t channel_send = grant(client, abi::ObjectType::Channel, channel, {abi::Right::ChannelSend}, 0, 0);

  /// What is printed when the running thread, of the server, faults.
  std::string words() {
    fakes::take_console();
    EXPECT_EQ(&running().silo(), &server.silo());
    fault(read_fault(0x5000));
    return console();
  }
  /// The server's thread waits, so that the client runs.
  void let_client_run() {
    call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
    ASSERT_TRUE(is_running(client));
  }
};

TEST_F(HoldingsTest, names_the_callers_that_wait_for_a_reply) {
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(client));
  call(SystemCall::PORT_CALL, {.handle = send});
  ASSERT_TRUE(is_running(server));
  EXPECT_THAT(words(),
              HasSubstr("granary: silo server: thread server owed 1 reply: client/client by port command\r\n"));
}

TEST_F(HoldingsTest, names_messages_that_nobody_has_read) {
  start();
  let_client_run();
  call(SystemCall::PORT_SEND, {.handle = send});
  call(SystemCall::PORT_SEND, {.handle = send});
  call(SystemCall::CHAN_SEND, {.handle = channel_send});
  pass(100);
  ASSERT_TRUE(is_running(server));
  const std::string text = words();
  EXPECT_THAT(text, HasSubstr("granary: silo server: 2 messages were unread in port command\r\n"));
  EXPECT_THAT(text, HasSubstr("granary: silo server: 1 message was unread in channel samples\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("owed")));
}

TEST_F(HoldingsTest, says_nothing_of_a_silo_that_held_nothing) {
  start();
  const std::string text = words();
  EXPECT_THAT(text, Not(HasSubstr("owed")));
  EXPECT_THAT(text, Not(HasSubstr("unread")));
}

TEST_F(HoldingsTest, names_no_more_callers_than_fit) {
  std::vector<Thread*> callers;
  static const char* const kNames[] = {"w0", "w1", "w2", "w3", "w4", "w5"};
  for (const char* name : kNames) callers.push_back(&add_thread(client.silo().id, name, 9));
  start();
  for (int i = 0; i < 6; ++i) {
    call(SystemCall::PORT_RECEIVE, {.handle = receive});
    ASSERT_EQ(&running().silo(), &client.silo());
    call(SystemCall::PORT_CALL, {.handle = send});
    ASSERT_TRUE(is_running(server));
  }
  const std::string text = words();
  EXPECT_THAT(text, HasSubstr("owed 6 replies: client/"));
  EXPECT_THAT(text, HasSubstr(" and more\r\n"));
}

TEST_F(HoldingsTest, has_nothing_to_say_before_it_begins_and_after_its_end) {
  Holdings holdings;
  const Unlocked held = base::hold_nothing(base::TokenSource::interrupts_masked());
  EXPECT_FALSE(holdings.say_next(held, server.silo()));
  holdings.begin();
  while (holdings.say_next(held, server.silo())) {
  }
  EXPECT_FALSE(holdings.say_next(held, server.silo()));
}

}  // namespace
}  // namespace kernel
