// SPDX-License-Identifier: Apache-2.0
//
// The entries as a whole: each gives back a context that is Running on this core. What they do is tested beside the
// files they call.
#include "test/fakes/kernel_world.hpp"

namespace kernel {
namespace {

struct EntryTest : fakes::KernelWorld {
  Thread& one = add_program("one", 10);
  Thread& two = add_program("two", 10);
};

TEST_F(EntryTest, a_system_call_returns_to_its_caller) {
  start();
  call(abi::SystemCall::NULL_CALL);
  EXPECT_TRUE(is_running(one));
}

TEST_F(EntryTest, a_fault_never_returns_to_its_thread) {
  start();
  fault(read_fault(0));
  EXPECT_TRUE(is_running(two));
}

TEST_F(EntryTest, an_interrupt_for_nobody_returns_to_whom_it_interrupted) {
  start();
  interrupt();
  EXPECT_TRUE(is_running(one));
}

TEST_F(EntryTest, a_timer_interrupt_after_the_turn_goes_to_the_next) {
  start();
  fakes::advance(kTurn);
  interrupt();
  EXPECT_TRUE(is_running(two));
}

TEST_F(EntryTest, floating_point_returns_to_its_user) {
  start();
  EXPECT_EQ(port::kernel_on_floating_point(&one.context()), &one.context());
}

TEST_F(EntryTest, a_wait_instruction_goes_to_the_next_of_the_same_priority) {
  start();
  wait_instruction();
  EXPECT_TRUE(is_running(two));
}

}  // namespace
}  // namespace kernel
