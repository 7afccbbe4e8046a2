// SPDX-License-Identifier: Apache-2.0
//
// What a deadline means.
#include "test/fakes/kernel_world.hpp"

#include "kernel/blocking_call.hpp"

namespace kernel {
namespace {

using base::Ticks;
using ipc::Blocking;

TEST(WaitTest, zero_does_not_block) {
  fakes::reset();
  EXPECT_EQ(Wait::until(Ticks(0)).blocking, Blocking::DoNotBlock);
  EXPECT_EQ(Wait::not_at_all().blocking, Blocking::DoNotBlock);
  EXPECT_EQ(Wait::not_at_all().deadline, Ticks(0));
}

TEST(WaitTest, all_ones_blocks_for_ever_without_a_look_at_the_clock) {
  fakes::reset();
  fakes::set_clock_step(1);
  const Ticks before = port::now();
  EXPECT_EQ(Wait::until(Ticks::forever()).blocking, Blocking::MayBlock);
  EXPECT_EQ(port::now().value(), before.value() + 1);
}

TEST(WaitTest, the_past_and_the_present_do_not_block_and_the_future_does) {
  fakes::reset();
  fakes::set_now(1000);
  EXPECT_EQ(Wait::until(Ticks(1)).blocking, Blocking::DoNotBlock);
  EXPECT_EQ(Wait::until(Ticks(1000)).blocking, Blocking::DoNotBlock);
  EXPECT_EQ(Wait::until(Ticks(1001)).blocking, Blocking::MayBlock);
  EXPECT_EQ(Wait::until(Ticks(~std::uint64_t{0} - 1)).blocking, Blocking::MayBlock);
}

struct HandOverTest : fakes::KernelWorld {};

TEST_F(HandOverTest, the_core_does_not_go_to_a_thread_whose_silo_has_just_stopped) {
  Thread& server = add_program("server", 20);
  add_thread(server.silo().id, "second", 15);
  Thread& client = add_program("client", 30);
  Thread& other = add_program("other", 5);
  const std::uint32_t port = add_port(server, "port");
  const std::uint64_t receive = grant_port_server(server, port);
  const std::uint64_t send = grant_port_client(client, port);
  start();
  call(abi::SystemCall::SLEEP_UNTIL, {.deadline = clock() + 50});
  call(abi::SystemCall::PORT_RECEIVE, {.handle = receive});
  // The silo stops while its server thread waits; before that thread is ended the client runs and calls it.
  fakes::set_clock_step(60);
  fault(read_fault(0));
  fakes::set_clock_step(0);
  ASSERT_TRUE(is_running(client));
  if (server.state() == ThreadState::Ending) {
    call(abi::SystemCall::PORT_CALL, {.handle = send});
    EXPECT_EQ(client.waiting, ipc::Waiting::Nothing);
  } else {
    call(abi::SystemCall::PORT_CALL, {.handle = send});
  }
  while (!is_running(client)) {
    ASSERT_TRUE(is_running(other));
    pass(kFrequency / 10000);
  }
  EXPECT_EQ(status(client), minus(base::Error::EPIPE));
  EXPECT_EQ(server.state(), ThreadState::Dead);
}

}  // namespace
}  // namespace kernel
