// SPDX-License-Identifier: Apache-2.0
//
// Windows on a core: who runs when, what a turn leaves as it was, and whose windows a server runs in.
#include "test/fakes/kernel_world.hpp"

#include "kernel/cpu_time.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Error;
using base::Ticks;

constexpr std::uint64_t kMillisecond = 62'500;

struct WindowWorld : fakes::KernelWorld {
  WindowWorld() { fakes::set_now(1'000'000); }
  Thread& add_in(std::uint32_t its_partition, std::string_view name, std::uint8_t priority) {
    partition = its_partition;
    Thread& thread = add_program(name, priority);
    partition = 0;
    return thread;
  }
  static void add(std::uint32_t milliseconds, std::uint32_t its_partition) {
    ASSERT_TRUE(kernel::add_window(base::CoreId(0), milliseconds * 1000, its_partition).ok());
  }
  static std::uint64_t time_of(const Thread& thread) { return cpu_time(thread).value(); }
};

TEST_F(WindowWorld, each_runs_in_its_window_whatever_its_priority) {
  Thread& one = add_in(1, "one", 5);
  Thread& two = add_in(2, "two", 50);
  Thread& other = add_program("other", 60);
  add(3, 1);
  add(2, 2);
  add(5, 0);
  start();
  for (int frame = 0; frame < 3; ++frame) {
    EXPECT_TRUE(is_running(one));
    EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + 3 * kMillisecond));
    pass(3 * kMillisecond - 1);
    EXPECT_TRUE(is_running(one));
    pass(1);
    EXPECT_TRUE(is_running(two));
    pass(2 * kMillisecond);
    EXPECT_TRUE(is_running(other));
    pass(5 * kMillisecond);
  }
  EXPECT_EQ(time_of(one), 9 * kMillisecond);
  EXPECT_EQ(time_of(two), 6 * kMillisecond);
  EXPECT_EQ(time_of(other), 15 * kMillisecond);
}

TEST_F(WindowWorld, nobody_runs_in_an_idle_window_nor_in_one_whose_silos_sleep) {
  Thread& one = add_in(1, "one", 5);
  add_program("other", 60);
  add(3, 1);
  add(7, abi::kIdlePartition);
  start();
  pass(3 * kMillisecond);
  EXPECT_TRUE(is_running(one));
  EXPECT_EQ(clock(), 1'000'000 + 10 * kMillisecond) << "the core slept";
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + kMillisecond});
  EXPECT_EQ(clock(), 1'000'000 + 11 * kMillisecond);
  EXPECT_TRUE(is_running(one));
}

TEST_F(WindowWorld, who_wakes_while_its_window_is_closed_waits_for_it) {
  Thread& one = add_in(1, "one", 50);
  Thread& two = add_in(2, "two", 5);
  add(3, 1);
  add(7, 2);
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 4 * kMillisecond});
  pass(0);
  EXPECT_TRUE(is_running(two));
  pass(kMillisecond);
  EXPECT_TRUE(is_running(two));
  EXPECT_EQ(one.state(), ThreadState::Ready);
  pass(6 * kMillisecond);
  EXPECT_TRUE(is_running(one));
}

TEST_F(WindowWorld, a_late_interrupt_opens_the_window_of_its_time) {
  add_in(1, "one", 5);
  Thread& two = add_in(2, "two", 5);
  add(3, 1);
  add(2, abi::kIdlePartition);
  add(2, 2);
  start();
  pass(6 * kMillisecond);
  EXPECT_TRUE(is_running(two));
  EXPECT_EQ(fakes::armed_timer(), Ticks(1'000'000 + 7 * kMillisecond)) << "it ends when it does";
}

TEST_F(WindowWorld, equals_keep_their_order_over_a_turn) {
  Thread& one = add_in(1, "one", 5);
  Thread& two = add_in(1, "two", 5);
  Thread& three = add_in(1, "three", 5);
  add_program("other", 5);
  add(3, 1);
  add(3, 0);
  start();
  call(SystemCall::YIELD);
  ASSERT_TRUE(is_running(two));
  pass(3 * kMillisecond);
  pass(3 * kMillisecond);
  ASSERT_TRUE(is_running(two));
  call(SystemCall::YIELD);
  ASSERT_TRUE(is_running(three));
  call(SystemCall::YIELD);
  EXPECT_TRUE(is_running(one));
}

TEST_F(WindowWorld, a_silo_can_end_while_its_window_is_closed) {
  Thread& one = add_in(1, "one", 5);
  Thread& other = add_program("other", 5);
  add(3, 1);
  add(3, 0);
  start();
  pass(3 * kMillisecond);
  ASSERT_TRUE(is_running(other));
  this_core().suspend(one);
  pass(3 * kMillisecond);
  EXPECT_TRUE(is_running(other)) << "after the core has slept";
  EXPECT_EQ(clock(), 1'000'000 + 9 * kMillisecond);
}

TEST_F(WindowWorld, bad_windows_are_refused) {
  const auto refused = [](std::uint32_t core, std::uint32_t length, std::uint32_t its_partition) {
    return !kernel::add_window(base::CoreId(core), length, its_partition).ok();
  };
  EXPECT_TRUE(refused(0, 0, 1));
  EXPECT_TRUE(refused(0, 1000, abi::kIdlePartition + 1));
  EXPECT_TRUE(refused(1, 1000, 1));
  EXPECT_TRUE(refused(0, abi::kPeriodMaximum + 1, 1));
  for (unsigned i = 0; i < abi::kWindowsMaximum; ++i) add(1, 0);
  EXPECT_TRUE(refused(0, 1000, 1));
  EXPECT_FALSE(
      kernel::create_silo(
          {.name = "x", .argument = 0, .capability_slots = 8, .quotas = {}, .partition = abi::kPartitionsMaximum})
          .ok());
}

struct WindowCalls : WindowWorld, testing::WithParamInterface<bool> {};

TEST_P(WindowCalls, a_server_runs_in_its_callers_windows_and_time) {
  Thread& client = add_in(1, "client", 5);
  Thread& server = add_program("server", 50);
  Thread& other = add_program("other", 10);
  const std::uint32_t port = add_port(server, "port");
  const std::uint64_t receive = grant_port_server(server, port);
  const std::uint64_t send = grant_port_client(client, port);
  tries_fast_path = GetParam();
  add(3, 0);
  add(3, 1);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(other));
  pass(3 * kMillisecond);
  for (int frame = 0; frame < 5; ++frame) {
    ASSERT_TRUE(is_running(frame == 0 ? client : server));
    if (frame != 0) {
      call(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .token = server.general[8]});
      ASSERT_TRUE(is_running(client));
    }
    for (int i = 0; i < 3; ++i) {
      call(SystemCall::PORT_CALL, {.handle = send});
      ASSERT_TRUE(is_running(server));
      fakes::advance(1000);
      if (i == 2) break;
      call(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .token = server.general[8]});
      ASSERT_TRUE(is_running(client));
    }
    pass(3 * kMillisecond - 3000);
    EXPECT_TRUE(is_running(other));
    EXPECT_EQ(time_of(client), (frame + 1) * 3 * kMillisecond);
    server.general[8] = 3 * (frame + 1);
    pass(3 * kMillisecond);
  }
  EXPECT_EQ(time_of(server), 0u);
}
INSTANTIATE_TEST_SUITE_P(Ways, WindowCalls, testing::Bool());

}  // namespace
}  // namespace kernel
