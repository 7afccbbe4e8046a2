// SPDX-License-Identifier: Apache-2.0
//
// Calls between cores beside others: that they need no shared section, what they bring, and when they are left to the
// long way. While a core acts here, the other one is beside others all the time, so a shared section would never come.
#include "kernel/quick_visits.hpp"

#include "test/fakes/core_beside.hpp"
#include "test/fakes/two_cores.hpp"

namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;
using fakes::CoreBeside;
using kernel::Thread;
using kernel::ThreadState;

class QuickVisitTest : public fakes::TwoCores {
 protected:
  QuickVisitTest() {
    port = add_port(server, "port");
    own = grant_port_server(server, port);
    to_server = grant_port_client(client, port, 7);
    near_to_server = grant_port_client(neighbour, port, 8);
  }
  /// Whether the call of the running thread is quick; it is done then, or has been taken to the other core.
  bool is_quick(Thread& thread, SystemCall number, const fakes::CallRegisters& registers = {}) {
    const std::uint32_t core = thread.ipc::Party::core;
    fakes::set_current_core(base::CoreId(core));
    load_for(thread, static_cast<std::uint64_t>(number), registers);
    const CoreBeside other(base::CoreId(1 - core));
    const port::QuickExit quick = port::kernel_on_quick_call(&thread.context());
    if (quick.next != nullptr) now_runs(core, quick.next == port::nobody() ? nullptr : quick.next);
    return quick.next != nullptr;
  }
  /// Whether the signal that the core has been sent is dealt with beside others, awake or asleep.
  bool is_read_quickly(std::uint32_t core) {
    {
      const CoreBeside other(base::CoreId(1 - core));
      if (deliver_quickly(core)) return true;
    }
    go_the_long_way(core);
    return false;
  }
  void server_waits() {
    call_by(server, SystemCall::PORT_RECEIVE, {.handle = own});
    ASSERT_EQ(server.state(), ThreadState::Blocked);
  }
  static std::uint64_t word(const Thread& thread, unsigned number) { return thread.general[3 + number]; }
  static std::uint64_t token(const Thread& thread) { return thread.general[8]; }
  static std::uint64_t sent(const Thread& thread) { return thread.silo().messages_sent + thread.messages_sent_abroad; }

  Thread& server = add_program_on(0, "server", 20);
  Thread& neighbour = add_program_on(0, "neighbour", 10);
  Thread& client = add_program_on(1, "client", 20);
  std::uint32_t port = 0;
  std::uint64_t own = 0, to_server = 0, near_to_server = 0;
};

TEST_F(QuickVisitTest, a_call_and_its_reply_need_no_shared_section) {
  start_both();
  server_waits();
  EXPECT_TRUE(is_quick(client, SystemCall::PORT_CALL, {.handle = to_server, .words = {1, 2, 3, 4}}));
  EXPECT_EQ(client.state(), ThreadState::Blocked);
  EXPECT_EQ(client.blocked_on(), kernel::BlockedOn::Call);
  EXPECT_TRUE(sleeps(1));
  EXPECT_TRUE(is_read_quickly(0));
  ASSERT_EQ(running_on(0), &server) << "it is more urgent than who ran";
  EXPECT_EQ(word(server, 0), 1u);
  EXPECT_EQ(word(server, 3), 4u);
  EXPECT_EQ(server.general[7], 7u) << "the badge";
  EXPECT_TRUE(is_quick(server, SystemCall::PORT_REPLY_AND_RECEIVE,
                       {.handle = own, .words = {5, 6, 7, 8}, .token = token(server)}));
  EXPECT_EQ(running_on(0), &neighbour);
  EXPECT_TRUE(is_read_quickly(1));
  ASSERT_EQ(running_on(1), &client);
  EXPECT_EQ(status(client), 0);
  EXPECT_EQ(word(client, 0), 5u);
  EXPECT_EQ(word(client, 3), 8u);
  EXPECT_EQ(sent(client), 1u);
  EXPECT_EQ(client.silo().messages_received, 1u);
  EXPECT_EQ(sent(server), 1u);
  EXPECT_EQ(server.silo().messages_received, 1u);
  EXPECT_EQ(server.waiting, ipc::Waiting::PortMessage);
  EXPECT_TRUE(server.owed.count() == 0);
}

TEST_F(QuickVisitTest, a_call_waits_for_a_busy_server_which_takes_it_with_its_next_receive) {
  start_both();
  server_waits();
  EXPECT_TRUE(is_quick(client, SystemCall::PORT_CALL, {.handle = to_server, .words = {1}}));
  EXPECT_TRUE(is_read_quickly(0));
  const std::uint64_t first = token(server);
  // The only other client is of another core; make it call again while it is served.
  EXPECT_TRUE(is_quick(server, SystemCall::PORT_REPLY, {.token = first}));
  EXPECT_EQ(status(server), 0);
  EXPECT_TRUE(is_read_quickly(1));
  EXPECT_TRUE(is_quick(client, SystemCall::PORT_CALL, {.handle = to_server, .words = {2}}));
  EXPECT_TRUE(is_read_quickly(0));
  EXPECT_EQ(running_on(0), &server);
  EXPECT_EQ(client.waiting, ipc::Waiting::CallQueued);
  call_by(server, SystemCall::PORT_RECEIVE, {.handle = own});
  EXPECT_EQ(word(server, 0), 2u);
  EXPECT_EQ(client.waiting, ipc::Waiting::Reply);
}

TEST_F(QuickVisitTest, a_reply_takes_the_next_call_of_another_core_along) {
  Thread& second = add_program_on(1, "second", 30);
  const std::uint64_t of_second = grant_port_client(second, port, 9);
  start_both();
  server_waits();
  ASSERT_EQ(running_on(1), &second);
  EXPECT_TRUE(is_quick(second, SystemCall::PORT_CALL, {.handle = of_second, .words = {1}}));
  ASSERT_EQ(running_on(1), &client) << "its core goes on with whoever is ready";
  EXPECT_TRUE(is_quick(client, SystemCall::PORT_CALL, {.handle = to_server, .words = {2}}));
  EXPECT_TRUE(is_read_quickly(0)) << "both of them";
  EXPECT_EQ(word(server, 0), 1u);
  EXPECT_TRUE(is_quick(server, SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = own, .token = token(server)}));
  EXPECT_EQ(running_on(0), &server);
  EXPECT_EQ(word(server, 0), 2u);
  EXPECT_EQ(server.general[7], 7u);
  EXPECT_EQ(server.silo().messages_received, 2u);
}

TEST_F(QuickVisitTest, a_reply_leaves_a_call_of_its_own_core_to_the_long_way_because_that_lends) {
  start_both();
  server_waits();
  EXPECT_TRUE(is_quick(client, SystemCall::PORT_CALL, {.handle = to_server}));
  EXPECT_TRUE(is_read_quickly(0));
  ASSERT_EQ(running_on(0), &server);
  const std::uint64_t first = token(server);
  call_by(server, SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  ASSERT_EQ(running_on(0), &neighbour);
  call_by(neighbour, SystemCall::PORT_CALL, {.handle = near_to_server});
  timer_on(0);
  if (running_on(0) == nullptr) settle();
  ASSERT_EQ(running_on(0), &server);
  EXPECT_FALSE(is_quick(server, SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = own, .token = first}));
  EXPECT_EQ(client.waiting, ipc::Waiting::Reply) << "nothing has changed";
}

TEST_F(QuickVisitTest, a_send_is_done_over_there_and_its_sender_goes_on) {
  start_both();
  ASSERT_EQ(running_on(0), &server);
  EXPECT_TRUE(is_quick(client, SystemCall::PORT_SEND, {.handle = to_server, .words = {1, 2, 3, 4}}));
  EXPECT_TRUE(is_read_quickly(0));
  EXPECT_EQ(running_on(0), &server);
  EXPECT_TRUE(is_read_quickly(1));
  ASSERT_EQ(running_on(1), &client);
  EXPECT_EQ(status(client), 0);
  expect_clean(client);
  EXPECT_EQ(sent(client), 1u);
  EXPECT_TRUE(is_quick(server, SystemCall::PORT_RECEIVE, {.handle = own}));
  EXPECT_EQ(word(server, 3), 4u);
  EXPECT_EQ(server.general[7], 7u);
}

TEST_F(QuickVisitTest, a_full_port_is_told_by_the_long_way) {
  start_both();
  for (unsigned i = 0; i < abi::kPortQueueCapacity; ++i) {
    EXPECT_TRUE(is_quick(client, SystemCall::PORT_TRY_SEND, {.handle = to_server}));
    EXPECT_TRUE(is_read_quickly(0));
    EXPECT_TRUE(is_read_quickly(1));
  }
  EXPECT_TRUE(is_quick(client, SystemCall::PORT_TRY_SEND, {.handle = to_server})) << "this core cannot know";
  fakes::set_current_core(base::CoreId(0));
  settle();
  EXPECT_EQ(status(client), minus(Error::EAGAIN));
}

TEST_F(QuickVisitTest, what_is_not_common_is_left_to_the_long_way) {
  start_both();
  server_waits();
  EXPECT_FALSE(is_quick(client, SystemCall::PORT_CALL, {.handle = to_server + 1})) << "no such handle";
  EXPECT_FALSE(is_quick(client, SystemCall::PORT_CALL, {.handle = to_server, .flags = 0x100})) << "a flag";
  EXPECT_FALSE(is_quick(client, SystemCall::PORT_CALL, {.handle = to_server, .deadline = 0})) << "it cannot wait";
  EXPECT_FALSE(is_quick(client, SystemCall::PORT_CALL, {.handle = to_server, .deadline = clock()})) << "it has passed";
  EXPECT_EQ(client.state(), ThreadState::Running);
  EXPECT_FALSE(is_quick(neighbour, SystemCall::PORT_REPLY, {.token = 1})) << "it owes nothing";
  EXPECT_EQ(fakes::take_signals(base::CoreId(0)), 0u);
}

TEST_F(QuickVisitTest, a_call_that_could_not_wait_is_refused_over_there_as_well) {
  start_both();
  server_waits();
  call_by(client, SystemCall::PORT_CALL, {.handle = to_server, .deadline = 0});
  settle();
  ASSERT_EQ(running_on(1), &client);
  EXPECT_EQ(status(client), minus(Error::EINVAL));
  EXPECT_EQ(server.state(), ThreadState::Blocked) << "it has not come";
}

TEST_F(QuickVisitTest, a_call_with_a_deadline_is_quick_and_the_deadline_ends_it) {
  Thread& second = add_program_on(1, "second", 5);
  start_both();
  server_waits();
  EXPECT_TRUE(is_quick(client, SystemCall::PORT_CALL, {.handle = to_server, .deadline = clock() + 1000}));
  ASSERT_EQ(running_on(1), &second);
  EXPECT_EQ(fakes::armed_timer(), base::Ticks(clock() + 1000));
  EXPECT_TRUE(is_read_quickly(0));
  EXPECT_EQ(client.waiting, ipc::Waiting::Reply);
  fakes::advance(1000);
  timer_on(1);
  ASSERT_EQ(running_on(1), &client);
  EXPECT_EQ(status(client), minus(Error::ETIMEDOUT));
  call_by(server, SystemCall::PORT_REPLY, {.token = token(server)});
  EXPECT_EQ(status(server), minus(Error::EPIPE)) << "its caller has gone";
}

TEST_F(QuickVisitTest, a_call_to_a_server_that_waits_itself_is_looked_at_for_a_circle) {
  const std::uint32_t second = add_port(client, "second");
  grant_port_server(client, second);
  const std::uint64_t to_client = grant_port_client(server, second);
  start_both();
  // The server calls the client, whose only thread then calls the server: a circle.
  EXPECT_TRUE(is_quick(server, SystemCall::PORT_CALL, {.handle = to_client}));
  EXPECT_TRUE(is_read_quickly(1));
  EXPECT_EQ(server.waiting, ipc::Waiting::CallQueued);
  EXPECT_TRUE(is_quick(client, SystemCall::PORT_CALL, {.handle = to_server}));
  EXPECT_FALSE(is_read_quickly(0));
  settle();
  ASSERT_EQ(running_on(1), &client);
  EXPECT_EQ(status(client), minus(Error::EDEADLK));
}

TEST_F(QuickVisitTest, a_port_that_measures_times_is_served_by_the_long_way) {
  start_both();
  call_by(server, SystemCall::PORT_CALL_STATS, {.handle = own, .words = {0}});
  ASSERT_EQ(status(server), 0);
  server_waits();
  EXPECT_TRUE(is_quick(client, SystemCall::PORT_CALL, {.handle = to_server}));
  EXPECT_FALSE(is_read_quickly(0));
  settle();
  EXPECT_EQ(running_on(0), &server);
  EXPECT_FALSE(is_quick(server, SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = own, .token = token(server)}));
}

TEST_F(QuickVisitTest, a_caller_that_ends_on_its_way_is_not_served) {
  start_both();
  server_waits();
  EXPECT_TRUE(is_quick(client, SystemCall::PORT_CALL, {.handle = to_server}));
  fakes::set_current_core(base::CoreId(1));
  client.core().suspend(client);
  settle();
  EXPECT_EQ(server.state(), ThreadState::Blocked);
  EXPECT_EQ(server.waiting, ipc::Waiting::PortMessage);
}

}  // namespace
