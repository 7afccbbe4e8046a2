// SPDX-License-Identifier: Apache-2.0
//
// What a deadline means.
#include "test/fakes/kernel_world.hpp"

#include "kernel/blocking_call.hpp"

namespace kernel {
namespace {

using base::Ticks;
using ipc::Blocking;

TEST(WaitTest, N1_zero_does_not_block) {
  fakes::reset();
  EXPECT_EQ(Wait::until(Ticks(0)).blocking, Blocking::DoNotBlock);
  EXPECT_EQ(Wait::not_at_all().blocking, Blocking::DoNotBlock);
  EXPECT_EQ(Wait::not_at_all().deadline, Ticks(0));
}

TEST(WaitTest, N1_all_ones_blocks_for_ever_without_a_look_at_the_clock) {
  fakes::reset();
  fakes::set_clock_step(1);
  const Ticks before = port::now();
  EXPECT_EQ(Wait::until(Ticks::forever()).blocking, Blocking::MayBlock);
  EXPECT_EQ(port::now().value(), before.value() + 1);
}

TEST(WaitTest, N1_the_past_and_the_present_do_not_block_and_the_future_does) {
  fakes::reset();
  fakes::set_now(1000);
  EXPECT_EQ(Wait::until(Ticks(1)).blocking, Blocking::DoNotBlock);
  EXPECT_EQ(Wait::until(Ticks(1000)).blocking, Blocking::DoNotBlock);
  EXPECT_EQ(Wait::until(Ticks(1001)).blocking, Blocking::MayBlock);
  EXPECT_EQ(Wait::until(Ticks(~std::uint64_t{0} - 1)).blocking, Blocking::MayBlock);
}

TEST(TakesHandleTest, only_of_calls_that_take_one_X0_is_a_handle) {
  const auto number = [](abi::SystemCall call) { return static_cast<std::uint64_t>(call); };
  EXPECT_TRUE(takes_handle(number(abi::SystemCall::PORT_RECEIVE)));
  EXPECT_TRUE(takes_handle(number(abi::SystemCall::CHAN_CLOSE)));
  EXPECT_FALSE(takes_handle(number(abi::SystemCall::WAIT_ANY)));
  EXPECT_FALSE(takes_handle(number(abi::SystemCall::NAME_CONNECT)));
  EXPECT_FALSE(takes_handle(12345));
  EXPECT_FALSE(takes_handle(~std::uint64_t{0}));
}

struct HandOverTest : fakes::KernelWorld {};

TEST_F(HandOverTest, a_receiver_whose_silo_has_just_stopped_takes_no_message) {
  Thread& first = add_program("server", 15);
  for (const char* name : {"w1", "w2", "w3", "w4", "w5", "w6"}) add_thread(first.silo().id, name, 1);
  Thread& server = add_thread(first.silo().id, "receiver", 20);
  Thread& client = add_program("client", 30);
  const std::uint32_t port = add_port(first, "port");
  const std::uint64_t receive = grant_port_server(first, port);
  const std::uint64_t send = grant_port_client(client, port);
  start();
  call(abi::SystemCall::SLEEP_UNTIL, {.deadline = clock() + 50});
  call(abi::SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(first));
  // The silo stops while its receiver waits. Before that thread is ended, the more urgent client runs and calls it.
  fakes::set_clock_step(30);
  fault(read_fault(0));
  fakes::set_clock_step(0);
  ASSERT_TRUE(is_running(client));
  ASSERT_EQ(server.state(), ThreadState::Ending);
  ASSERT_EQ(server.waiting, ipc::Waiting::Nothing);
  call(abi::SystemCall::PORT_CALL, {.handle = send});
  ASSERT_TRUE(is_running(client)) << "and not the receiver";
  EXPECT_EQ(status(client), minus(base::Error::EPIPE));
  EXPECT_EQ(server.state(), ThreadState::Dead);
}

TEST_F(HandOverTest, the_core_does_not_go_to_a_caller_whose_silo_has_just_stopped) {
  Thread& first = add_program("client", 15);
  for (const char* name : {"w1", "w2", "w3", "w4", "w5", "w6"}) add_thread(first.silo().id, name, 1);
  Thread& caller = add_thread(first.silo().id, "caller", 20);
  Thread& server = add_program("server", 30);
  Thread& low = add_program("low", 0);
  const std::uint32_t port = add_port(server, "port");
  const std::uint64_t receive = grant_port_server(server, port);
  const std::uint64_t send = grant_port_client(caller, port);
  start();
  call(abi::SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(caller));
  call(abi::SystemCall::PORT_CALL, {.handle = send});
  const std::uint64_t token = server.general[8];
  call(abi::SystemCall::SLEEP_UNTIL, {.deadline = clock() + 50});
  ASSERT_TRUE(is_running(first));
  // The silo stops while its caller waits for the reply, which comes before that thread is ended.
  fakes::set_clock_step(30);
  fault(read_fault(0));
  fakes::set_clock_step(0);
  ASSERT_TRUE(is_running(server));
  ASSERT_EQ(caller.state(), ThreadState::Ending);
  ASSERT_EQ(caller.waiting, ipc::Waiting::Reply);
  call(abi::SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .token = token});
  EXPECT_TRUE(is_running(low)) << "and not the caller";
  EXPECT_EQ(caller.state(), ThreadState::Dead);
}

}  // namespace
}  // namespace kernel
