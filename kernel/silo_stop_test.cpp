// SPDX-License-Identifier: Apache-2.0
//
// A stop in pieces: what must be true at once, and what the pieces do while others run between them.
#include "test/fakes/kernel_world.hpp"

#include "kernel/silo_stop.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Error;

struct SiloStopTest : fakes::KernelWorld {
  Thread& urgent = add_program("urgent", 50);
  Thread& server = add_program("server", 20);
  std::vector<Thread*> workers;
  Thread& client = add_program("client", 10);
  std::uint32_t port = add_port(server, "port");
  std::uint64_t receive = grant_port_server(server, port);
  std::uint64_t send = grant_port_client(client, port);
  std::uint64_t urgent_send = grant_port_client(urgent, port);

  SiloStopTest() {
    static const char* const kNames[] = {"w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7"};
    for (const char* name : kNames) workers.push_back(&add_thread(server.silo().id, name, 19));
  }
  /// The server's silo stops, and the urgent thread becomes ready after the first steps of it.
  void stop_and_be_interrupted() {
    fakes::set_clock_step(40);
    call(SystemCall::EXIT, {.x1 = 1});
    fakes::set_clock_step(0);
    ASSERT_TRUE(is_running(urgent));
    ASSERT_TRUE(this_core().has_work());
  }
  void finish_work() {
    for (int i = 0; i < 100 && this_core().has_work(); ++i) pass(kFrequency / 10000);
    EXPECT_FALSE(this_core().has_work());
  }
};

TEST_F(SiloStopTest, N7_defect_F3_no_thread_of_the_silo_runs_again_from_the_first_moment) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 60});
  ASSERT_TRUE(is_running(server));
  stop_and_be_interrupted();
  EXPECT_EQ(server.silo().state(), abi::SiloState::Exited);
  for (const Thread* const worker : workers)
    EXPECT_TRUE(worker->state() == ThreadState::Ending || worker->state() == ThreadState::Dead);
  finish_work();
  for (const Thread* const worker : workers) EXPECT_EQ(worker->state(), ThreadState::Dead);
  EXPECT_EQ(server.silo().live_threads(), 0u);
  EXPECT_EQ(server.silo().capabilities.live(), 0u);
}

TEST_F(SiloStopTest, a_call_that_comes_between_the_pieces_is_let_go) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 60});
  stop_and_be_interrupted();
  call(SystemCall::PORT_CALL, {.handle = urgent_send});
  // Now nothing more urgent is ready, so the work goes on at once.
  EXPECT_EQ(status(urgent), minus(Error::EPIPE));
  EXPECT_TRUE(is_running(urgent));
  EXPECT_FALSE(this_core().has_work());
}

TEST_F(SiloStopTest, defect_F3_several_silos_stop_one_after_the_other) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 60});
  stop_and_be_interrupted();
  call(SystemCall::EXIT, {.x1 = 2});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(urgent.state(), ThreadState::Dead);
  EXPECT_EQ(server.state(), ThreadState::Dead);
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = send}), minus(Error::EPIPE));
}

TEST_F(SiloStopTest, a_deadline_that_passes_during_the_stop_is_kept) {
  start();
  const std::uint64_t when = clock() + 60;
  call(SystemCall::SLEEP_UNTIL, {.deadline = when});
  fakes::set_clock_step(10);
  call(SystemCall::EXIT, {.x1 = 1});
  fakes::set_clock_step(0);
  EXPECT_TRUE(is_running(urgent)) << "before the stop was complete, or right after it";
  EXPECT_LE(clock(), when + 200);
}

TEST_F(SiloStopTest, work_is_finished_before_equals_and_lesser_run) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(server));
  call(SystemCall::EXIT, {.x1 = 1});
  ASSERT_TRUE(is_running(client));
  EXPECT_FALSE(this_core().has_work());
}

}  // namespace
}  // namespace kernel
