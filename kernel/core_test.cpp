// SPDX-License-Identifier: Apache-2.0
//
// Transitions of threads, one by one; what they mean together is in scheduler_test.cpp and port_calls_test.cpp.
#include "test/fakes/kernel_world.hpp"

namespace kernel {
namespace {

using base::Error;
using base::Ticks;

struct CoreTest : fakes::KernelWorld {
  Thread& thread = add_program("thread", 10);
  Thread& equal = add_program("equal", 10);
  Core& core = this_core();
  void block(BlockedOn operation, Ticks deadline = Ticks::forever()) {
    start();
    ASSERT_TRUE(is_running(thread));
    load(0, {});
    core.block(thread, operation, deadline);
  }
};

TEST_F(CoreTest, blocking_queues_a_finite_deadline_and_no_other) {
  block(BlockedOn::Sleep, Ticks(500));
  EXPECT_EQ(thread.state(), ThreadState::Blocked);
  EXPECT_EQ(core.timers().earliest(), Ticks(500));
  core.end_thread(thread);
  EXPECT_EQ(core.timers().size(), 0u);
}

TEST_F(CoreTest, a_finished_operation_is_in_the_registers_and_counted) {
  block(BlockedOn::Receive, Ticks(500));
  ipc::complete(thread, {}, ipc::Delivery{.message = {.opcode = 3, .flags = 0, .word = {4}}, .badge = 5, .token = 6});
  core.finish_operation(thread);
  EXPECT_EQ(thread.general[0], 0u);
  EXPECT_EQ(thread.general[1], 3u);
  EXPECT_EQ(thread.general[3], 4u);
  EXPECT_EQ(thread.general[7], 5u);
  EXPECT_EQ(thread.general[8], 6u);
  EXPECT_EQ(thread.silo().messages_received, 1u);
  EXPECT_EQ(thread.silo().messages_sent, 0u);
  EXPECT_EQ(core.timers().size(), 0u);
  EXPECT_EQ(thread.state(), ThreadState::Blocked) << "ready only when somebody says so";
  core.make_ready(thread);
  EXPECT_EQ(thread.state(), ThreadState::Ready);
  EXPECT_EQ(core.ready().front(), &equal) << "behind its equals";
}

TEST_F(CoreTest, a_failed_operation_is_not_counted) {
  block(BlockedOn::Send);
  ipc::complete(thread, Error::ETIMEDOUT);
  core.finish_operation(thread);
  EXPECT_EQ(thread.silo().messages_sent, 0u);
  EXPECT_EQ(status(thread), minus(Error::ETIMEDOUT));
}

TEST_F(CoreTest, a_suspended_thread_is_beyond_being_woken) {
  block(BlockedOn::Receive, Ticks(500));
  core.suspend(thread);
  EXPECT_EQ(thread.state(), ThreadState::Ending);
  const port::ThreadContext before = thread.context();
  core.finish_operation(thread);
  core.make_ready(thread);
  EXPECT_EQ(thread.state(), ThreadState::Ending);
  EXPECT_FALSE(static_cast<ReadyLink&>(thread).is_queued());
  for (unsigned i = 0; i < 31; ++i) EXPECT_EQ(thread.general[i], before.general[i]);
}

TEST_F(CoreTest, suspending_takes_a_ready_thread_out_of_the_queue) {
  core.suspend(equal);
  start();
  EXPECT_TRUE(is_running(thread));
  EXPECT_TRUE(core.ready().is_empty());
}

TEST_F(CoreTest, a_thread_ends_once) {
  core.end_thread(equal);
  core.end_thread(equal);
  core.suspend(equal);
  EXPECT_EQ(equal.state(), ThreadState::Dead);
  core.make_ready(equal);
  EXPECT_EQ(equal.state(), ThreadState::Dead);
}

}  // namespace
}  // namespace kernel
