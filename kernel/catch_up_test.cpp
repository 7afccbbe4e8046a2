// SPDX-License-Identifier: Apache-2.0
//
// Catching up: what the kernel makes of direct calls that are unanswered when it is entered, and every way in which
// such a call then ends, an offer is withdrawn, or a priority or a turn is handed on.
#include "test/fakes/host_prelude.hpp"

#include "kernel/direct_call.hpp"
#include "test/fakes/direct_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;
using base::Priority;
using base::Ticks;

// Chains.

struct CatchUpChain : fakes::ChainWorld, testing::WithParamInterface<unsigned> {
  Thread& sleeper = add_program("sleeper", 30);
  std::uint64_t wakes = 0;

  void begin() {
    start();
    ASSERT_TRUE(is_running(sleeper));
    wakes = clock() + 1000;
    call(SystemCall::SLEEP_UNTIL, {.deadline = wakes});
    servers_wait();
  }
  /// Finite for every second one, all behind the sleeper's.
  std::uint64_t deadline_of(unsigned i) const { return i % 2 == 0 ? kForever : wakes + 1000 + i; }
  void expect_an_ordinary_call(unsigned i) {
    Thread& caller = *link[i];
    Thread& callee = *link[i + 1];
    EXPECT_EQ(caller.state(), ThreadState::Blocked);
    EXPECT_EQ(caller.blocked_on(), BlockedOn::Call);
    EXPECT_EQ(caller.waiting, ipc::Waiting::Reply);
    EXPECT_EQ(caller.server, static_cast<ipc::Party*>(&callee));
    EXPECT_EQ(caller.is_timed(), i % 2 != 0);
    if (caller.is_timed()) {
      EXPECT_EQ(caller.TimerLink::deadline, Ticks(deadline_of(i)));
    }
    EXPECT_EQ(callee.owed.count(), 1u);
    EXPECT_EQ(callee.owed.newest_caller(0), static_cast<ipc::Party*>(&caller));
    EXPECT_NE(callee.owed.find(caller.token), nullptr);
    EXPECT_EQ(callee.effective_priority(), Priority(10));
    EXPECT_EQ(callee.direct_caller, nullptr);
    EXPECT_EQ(callee.floating_caller, 0u);
    EXPECT_FALSE(port_of(*callee.silo().capabilities.lookup(receive[i + 1]).value()).has_one_receiver());
  }
};

TEST_P(CatchUpChain, makes_ordinary_calls_of_every_link) {
  const unsigned length = GetParam();
  begin();
  for (unsigned i = 0; i < length; ++i) call_next(i, deadline_of(i));
  EXPECT_EQ(gone_directly(), length);
  EXPECT_EQ(this_core().running(), link[0]) << "it knows nothing of all that";
  interrupt();
  ASSERT_TRUE(is_running(*link[length]));
  for (unsigned i = 0; i < length; ++i) expect_an_ordinary_call(i);
  EXPECT_EQ(link[length]->waiting, ipc::Waiting::Nothing);
  EXPECT_EQ(link[length]->blocked_on(), BlockedOn::Nothing);
  EXPECT_EQ(this_core().timers().size(), 1 + length / 2);
  for (unsigned i = length; i != 0; --i) answer(i);
  EXPECT_EQ(gone_directly(), length) << "the kernel has caught up";
  EXPECT_EQ(this_core().timers().size(), 1u);
  for (unsigned i = 0; i < length; ++i) call_next(i, kForever);
  EXPECT_EQ(gone_directly(), 2 * length);
  for (unsigned i = length; i != 0; --i) answer(i);
  EXPECT_EQ(gone_directly(), 3 * length);
}

TEST_P(CatchUpChain, deadlines_pass_from_the_outside_in) {
  const unsigned length = GetParam();
  begin();
  for (unsigned i = 0; i < length; ++i) call_next(i, wakes + 1000 + i);
  EXPECT_EQ(gone_directly(), length);
  pass(1000);
  ASSERT_TRUE(is_running(sleeper)) << "more urgent than a server for the first link";
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(*link[length]));
  EXPECT_EQ(this_core().armed(), Ticks(wakes + 1000));
  for (unsigned i = 0; i < length; ++i) {
    pass(i == 0 ? 1000 : 1);
    EXPECT_EQ(status(*link[i]), minus(Error::ETIMEDOUT));
    EXPECT_FALSE(link[i]->is_timed());
    EXPECT_EQ(link[i + 1]->owed.newest_caller(0), nullptr);
    EXPECT_EQ(link[i + 1]->effective_priority(), Priority(20));
  }
}
INSTANTIATE_TEST_SUITE_P(Lengths, CatchUpChain, testing::Range(1u, DIRECT_DEPTH_MAXIMUM + 2u));

struct CatchUpDepth : fakes::ChainWorld {};

TEST_F(CatchUpDepth, the_ninth_call_is_refused_and_the_next_is_direct_again) {
  static_assert(DIRECT_DEPTH_MAXIMUM + 1 == abi::kCallDepthMaximum);
  start();
  servers_wait();
  constexpr unsigned kEighth = abi::kCallDepthMaximum;
  for (unsigned i = 0; i < kEighth; ++i) call_next(i, kForever);
  EXPECT_EQ(gone_directly(), kEighth);
  EXPECT_EQ(this_core().running(), link[0]);
  call(SystemCall::PORT_CALL, {.handle = next[kEighth]});
  ASSERT_TRUE(is_running(*link[kEighth]));
  EXPECT_EQ(status(*link[kEighth]), minus(Error::ELOOP));
  for (unsigned i = 0; i < kEighth; ++i) EXPECT_EQ(link[i]->waiting, ipc::Waiting::Reply);
  for (unsigned i = kEighth; i != 0; --i) answer(i);
  EXPECT_EQ(gone_directly(), kEighth);
  call_next(0, kForever);
  EXPECT_EQ(gone_directly(), kEighth + 1);
}

TEST_F(CatchUpDepth, goes_on_where_it_was_when_the_kernel_has_caught_up) {
  start();
  servers_wait();
  for (unsigned i = 0; i < 4; ++i) call_next(i, kForever);
  interrupt();
  for (unsigned i = 4; i < abi::kCallDepthMaximum; ++i) call_next(i, kForever);
  EXPECT_EQ(gone_directly(), std::uint64_t{abi::kCallDepthMaximum});
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = next[abi::kCallDepthMaximum]}), minus(Error::ELOOP));
}

TEST_F(CatchUpDepth, who_is_called_back_waits_for_itself) {
  const std::uint32_t first = add_port(*link[0], "first");
  grant_port_server(*link[0], first);
  const std::uint64_t back = grant_port_client(*link[2], first);
  start();
  servers_wait();
  call_next(0, kForever);
  call_next(1, kForever);
  call(SystemCall::PORT_CALL, {.handle = back, .x1 = 1});
  ASSERT_TRUE(is_running(*link[2]));
  EXPECT_EQ(status(*link[2]), minus(Error::EDEADLK)) << "the kernel sees the whole circle";
}

// How a call ends that the kernel has caught up with.

struct CatchUpTest : fakes::DirectWorld {
  /// Another thread of the silo, more urgent than all, that sleeps and then does something while the server serves.
  Thread& helper_of(const Thread& thread) { return add_thread(thread.silo().id, "helper", 30); }
  /// Before server_waits(): the helper is the first to run.
  void server_waits_after(Thread& helper) {
    start();
    ASSERT_TRUE(is_running(helper));
    call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
    call(SystemCall::PORT_RECEIVE, {.handle = receive});
    ASSERT_TRUE(is_running(client));
  }
  void wake(Thread& helper) {
    pass(1000);
    ASSERT_TRUE(is_running(helper));
  }
};

TEST_F(CatchUpTest, P8_the_server_answers_the_long_way) {
  server_waits();
  call_directly();
  const std::uint64_t token = server.general[8];
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.x1 = 7, .words = {5}, .token = token}), 0);
  ASSERT_TRUE(is_running(server)) << "the more urgent one again";
  EXPECT_EQ(client.state(), ThreadState::Ready);
  EXPECT_EQ(client.general[1], 7u);
  EXPECT_EQ(client.general[3], 5u);
  expect_clean(client, {1, 3, 4, 5, 6});
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), minus(Error::EINVAL));
  EXPECT_EQ(port_statistics(receive), (std::vector<std::uint64_t>{0, 1, 0, 1, 1, 0, 0, 1}));
}

TEST_F(CatchUpTest, P8_the_server_takes_more_calls_before_it_answers) {
  server_waits();
  call_directly();
  const std::uint64_t first = server.general[8];
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(other));
  ASSERT_TRUE(is_direct(SystemCall::PORT_CALL, {.handle = other_handle, .x1 = 2}));
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.general[8], first + 1);
  EXPECT_FALSE(is_direct(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .x1 = 3, .token = first}))
      << "not the call that it took last";
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(client.general[1], 3u);
  EXPECT_EQ(server.owed.count(), 1u);
  call_directly();
  EXPECT_EQ(server.general[8], first + 2);
  answer_directly();
  EXPECT_EQ(other.waiting, ipc::Waiting::Reply);
}

TEST_F(CatchUpTest, Y5_the_deadline_of_the_caller_passes) {
  Thread& sleeper = add_program("sleeper", 30);
  server_waits_after(sleeper);
  auto registers = request();
  registers.deadline = clock() + 2000;
  call_directly(registers);
  EXPECT_FALSE(client.is_timed());
  wake(sleeper);
  EXPECT_TRUE(client.is_timed());
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  pass(1000);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status(client), minus(Error::ETIMEDOUT));
  EXPECT_EQ(client.state(), ThreadState::Ready);
  EXPECT_EQ(server.effective_priority(), server.own_priority());
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = 1}), minus(Error::EPIPE));
  EXPECT_EQ(port_statistics(receive), (std::vector<std::uint64_t>{0, 1, 0, 1, 0, 0, 1, 1}));
}

TEST_F(CatchUpTest, the_callers_silo_ends) {
  Thread& helper = helper_of(client);
  server_waits_after(helper);
  call_directly();
  const std::uint64_t token = server.general[8];
  wake(helper);
  call(SystemCall::EXIT, {});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(client.state(), ThreadState::Dead);
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), minus(Error::EPIPE));
  EXPECT_EQ(port_statistics(receive)[6], 1u) << "a lost reply";
}

TEST_F(CatchUpTest, P10_the_servers_silo_ends_while_it_serves) {
  server_waits();
  call_directly();
  call(SystemCall::EXIT, {});
  while (!is_running(client)) call(SystemCall::YIELD);
  EXPECT_EQ(status(client), minus(Error::EPIPE));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, request()), minus(Error::EPIPE));
}

TEST_F(CatchUpTest, P10_a_fault_of_a_server_that_serves_is_its_own) {
  server_waits();
  call_directly();
  fault(read_fault(0x123));
  EXPECT_EQ(server.silo().state(), abi::SiloState::Faulted);
  EXPECT_EQ(client.silo().state(), abi::SiloState::Running);
  while (!is_running(client)) call(SystemCall::YIELD);
  EXPECT_EQ(status(client), minus(Error::EPIPE));
}

TEST_F(CatchUpTest, P7_the_servers_silo_ends_while_it_is_offered) {
  Thread& helper = helper_of(server);
  server_waits_after(helper);
  ASSERT_NE(the_port().direct_receiver, nullptr);
  wake(helper);
  const PortObject& object = the_port();
  call(SystemCall::EXIT, {});
  EXPECT_EQ(object.direct_receiver, nullptr);
  while (!is_running(client)) call(SystemCall::YIELD);
  EXPECT_FALSE(is_direct(SystemCall::PORT_CALL, request()));
  EXPECT_EQ(status(client), minus(Error::EPIPE));
}

TEST_F(CatchUpTest, P5_the_port_is_destroyed_by_the_one_that_serves) {
  server_waits();
  call_directly();
  EXPECT_EQ(status_of(SystemCall::PORT_DESTROY, {.handle = receive}), 0);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.x1 = 7, .token = 1}), 0) << "what was taken can be answered";
  EXPECT_EQ(client.general[1], 7u);
}

TEST_F(CatchUpTest, P5_the_port_is_destroyed_while_its_server_is_offered) {
  Thread& helper = helper_of(server);
  server_waits_after(helper);
  wake(helper);
  call(SystemCall::PORT_DESTROY, {.handle = receive});
  EXPECT_EQ(the_port().direct_receiver, nullptr);
  EXPECT_EQ(status(server), minus(Error::EPIPE));
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  while (!is_running(client)) call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  EXPECT_FALSE(is_direct(SystemCall::PORT_CALL, request()));
  EXPECT_EQ(status(client), minus(Error::EPIPE));
}

TEST_F(CatchUpTest, B10_the_callers_capability_is_revoked_while_it_is_served) {
  server_waits();
  call_directly();
  call(SystemCall::HANDLE_REVOKE, {.handle = receive});
  while (!is_running(server)) call(SystemCall::YIELD);
  EXPECT_EQ(status(server), 0);
  EXPECT_EQ(status(client), minus(Error::ECANCELED));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = 1}), minus(Error::EPIPE));
}

TEST_F(CatchUpTest, B10_the_callers_handle_is_closed_while_it_is_served) {
  Thread& helper = helper_of(client);
  server_waits_after(helper);
  call_directly();
  wake(helper);
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = client_handle}), 0);
  EXPECT_EQ(status(client), minus(Error::EPIPE));
  EXPECT_EQ(client.state(), ThreadState::Ready);
}

TEST_F(CatchUpTest, another_handle_is_closed_while_the_caller_is_served) {
  Thread& helper = helper_of(client);
  const std::uint64_t unrelated = grant_port_client(client, port);
  server_waits_after(helper);
  call_directly();
  wake(helper);
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = unrelated}), 0);
  EXPECT_EQ(client.waiting, ipc::Waiting::Reply);
}

TEST_F(CatchUpTest, P12_a_direct_call_takes_no_capability_with_its_reply) {
  const std::uint64_t bits =
      grant(server, abi::ObjectType::Notification, add_notification("bits"), {Right::Grant, Right::NotificationWait});
  server_waits();
  auto registers = request();
  registers.flags = abi::kFlagAccept;
  EXPECT_FALSE(is_direct(SystemCall::PORT_CALL, registers));
  call(SystemCall::PORT_REPLY_AND_RECEIVE, answer());
  ASSERT_TRUE(is_running(client)) << "it would have taken one";
  call_directly();
  const std::uint64_t token = server.general[8];
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.flags = abi::kFlagTransfer, .words = {0, 0, 0, bits}, .token = token}),
            minus(Error::EPERM));
}

TEST_F(CatchUpTest, the_server_closes_the_handle_by_which_it_waited) {
  const std::uint64_t second = grant_port_server(server, port);
  server_waits();
  call_directly();
  const auto reply = answer();
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = receive}), 0);
  EXPECT_FALSE(is_direct(SystemCall::PORT_REPLY_AND_RECEIVE, reply));
  EXPECT_EQ(status(server), minus(Error::EBADF));
  EXPECT_EQ(port_statistics(second)[6], 0u);
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = reply.token}), 0);
}

}  // namespace
}  // namespace kernel
