// SPDX-License-Identifier: Apache-2.0
//
// Floating-point registers follow their owner and nobody else sees them.
#include "test/fakes/kernel_world.hpp"

namespace kernel {
namespace {

using abi::SystemCall;

struct FloatingPointTest : fakes::KernelWorld {
  Thread& one = add_program("one", 10);
  Thread& two = add_program("two", 10);
  void use_floating_point(std::uint64_t value) {
    ASSERT_EQ(running().trap_control, fakes::kTrapFloatingPoint);
    port::ThreadContext* const context = port::kernel_on_floating_point(&running().context());
    ASSERT_EQ(context, &running().context());
    ASSERT_EQ(running().trap_control, 0u);
    change(value);
  }
  static void change(std::uint64_t value) {
    port::FloatingPointState& registers = fakes::floating_point_registers();
    for (std::uint64_t& word : registers.vector) word = value;
    registers.control = value;
    registers.status = value;
  }
  static void expect_registers(std::uint64_t value) {
    const port::FloatingPointState& registers = fakes::floating_point_registers();
    for (const std::uint64_t word : registers.vector) ASSERT_EQ(word, value);
    ASSERT_EQ(registers.control, value);
    ASSERT_EQ(registers.status, value);
  }
};

TEST_F(FloatingPointTest, begins_with_zeros_whatever_was_there) {
  change(0x5ec7e7);
  start();
  load(1, {});
  const port::ThreadContext before = one.context();
  ASSERT_EQ(port::kernel_on_floating_point(&one.context()), &one.context());
  expect_registers(0);
  EXPECT_EQ(this_core().floating_point_owner(), &one);
  for (unsigned i = 0; i < 31; ++i) EXPECT_EQ(one.general[i], before.general[i]);
}

TEST_F(FloatingPointTest, is_kept_across_a_switch_without_a_second_user) {
  start();
  use_floating_point(1);
  call(SystemCall::YIELD);
  EXPECT_EQ(two.trap_control, fakes::kTrapFloatingPoint);
  call(SystemCall::YIELD);
  ASSERT_TRUE(is_running(one));
  EXPECT_EQ(one.trap_control, 0u) << "still the owner: no trap";
  expect_registers(1);
}

TEST_F(FloatingPointTest, moves_between_two_users) {
  start();
  use_floating_point(1);
  call(SystemCall::YIELD);
  use_floating_point(2);
  EXPECT_EQ(one.trap_control, fakes::kTrapFloatingPoint);
  call(SystemCall::YIELD);
  ASSERT_TRUE(is_running(one));
  port::kernel_on_floating_point(&one.context());
  expect_registers(1);
  call(SystemCall::YIELD);
  port::kernel_on_floating_point(&two.context());
  expect_registers(2);
}

TEST_F(FloatingPointTest, a_dead_owner_owns_nothing_and_its_values_reach_nobody) {
  start();
  use_floating_point(0xdead);
  call(SystemCall::EXIT);
  ASSERT_TRUE(is_running(two));
  EXPECT_EQ(this_core().floating_point_owner(), nullptr);
  EXPECT_EQ(two.trap_control, fakes::kTrapFloatingPoint);
  use_floating_point(3);
  EXPECT_EQ(one.floating_point.vector[0], 0u) << "nothing was saved for the dead";
}

}  // namespace
}  // namespace kernel
