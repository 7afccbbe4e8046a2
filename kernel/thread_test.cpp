// SPDX-License-Identifier: Apache-2.0
//
// Threads at their birth: what they start with, and what is refused.
#include "test/fakes/kernel_world.hpp"

#include "kernel/port/cpu.hpp"

namespace kernel {
namespace {

using base::Error;

struct ThreadTest : fakes::KernelWorld {
  Silo& silo = silo_of(add_silo("silo"));
  ThreadDescription description{.name = "main",
                                .entry = base::SiloAddress(kText),
                                .stack_pointer = base::SiloAddress(kStack),
                                .argument = 5,
                                .priority = base::Priority(9),
                                .core = base::CoreId(0)};
  Error refusal() {
    const auto made = create_thread(silo, description);
    return made.ok() ? Error::EIO : made.error();
  }
};

TEST_F(ThreadTest, starts_with_its_arguments_and_nothing_else_in_its_registers) {
  const auto made = create_thread(silo, description);
  ASSERT_TRUE(made.ok());
  Thread& thread = *made.value();
  EXPECT_EQ(thread.general[0], 5u);
  EXPECT_EQ(thread.general[1], 77u);
  for (unsigned i = 2; i < 31; ++i) EXPECT_EQ(thread.general[i], 0u) << i;
  EXPECT_EQ(thread.program_counter, kText);
  EXPECT_EQ(thread.stack_pointer, kStack);
  EXPECT_EQ(thread.thread_pointer, 0u);
  EXPECT_EQ(thread.translation_base, silo.space.translation_base());
  EXPECT_EQ(thread.trap_control, fakes::kTrapFloatingPoint);
  EXPECT_EQ(thread.kernel_stack, port::kernel_stack_top(base::CoreId(0)));
  EXPECT_EQ(thread.zero_pair[0] | thread.zero_pair[1], 0u);
  for (const std::uint64_t vector : thread.floating_point.vector) EXPECT_EQ(vector, 0u);
}

TEST_F(ThreadTest, is_ready_and_listed) {
  Thread& thread = *create_thread(silo, description).value();
  EXPECT_EQ(thread.state(), ThreadState::Ready);
  EXPECT_EQ(this_core().ready().front(), &thread);
  EXPECT_EQ(silo.threads().front(), &thread);
  EXPECT_EQ(silo.live_threads(), 1u);
  EXPECT_EQ(all_threads().back(), &thread);
  EXPECT_EQ(thread.effective_priority(), base::Priority(9));
}

TEST_F(ThreadTest, has_its_context_first_and_on_a_cache_line) {
  Thread& thread = *create_thread(silo, description).value();
  EXPECT_EQ(static_cast<void*>(&thread.context()), static_cast<void*>(&thread));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&thread) % 64, 0u);
  EXPECT_EQ(&Thread::from(static_cast<ipc::Party&>(thread)), &thread);
  EXPECT_EQ(&Thread::from(static_cast<ReadyLink&>(thread)), &thread);
  EXPECT_EQ(&Thread::from(static_cast<TimerLink&>(thread)), &thread);
}

TEST_F(ThreadTest, refuses_a_core_that_runs_no_silos) {
  description.core = base::CoreId(1);
  EXPECT_EQ(refusal(), Error::EINVAL);
}

TEST_F(ThreadTest, refuses_a_priority_that_does_not_exist) {
  description.priority = base::Priority(64);
  EXPECT_EQ(refusal(), Error::EINVAL);
}

TEST_F(ThreadTest, refuses_a_misaligned_or_distant_stack) {
  description.stack_pointer = base::SiloAddress(kStack + 8);
  EXPECT_EQ(refusal(), Error::EINVAL);
  description.stack_pointer = base::SiloAddress(port::kSiloAddressLimit + 16);
  EXPECT_EQ(refusal(), Error::EINVAL);
}

TEST_F(ThreadTest, refuses_names_that_are_empty_too_long_or_taken) {
  description.name = "";
  EXPECT_EQ(refusal(), Error::EINVAL);
  description.name = "a-name-of-thirty-two-characters!";
  EXPECT_EQ(refusal(), Error::EINVAL);
  description.name = "main";
  ASSERT_TRUE(create_thread(silo, description).ok());
  EXPECT_EQ(refusal(), Error::EEXIST);
}

TEST_F(ThreadTest, refuses_more_threads_than_a_silo_can_have) {
  std::vector<std::string> names;
  for (unsigned i = 0; i < kThreadsPerSilo; ++i) names.push_back("t" + std::to_string(i));
  for (const std::string& name : names) {
    description.name = name;
    ASSERT_TRUE(create_thread(silo, description).ok());
  }
  description.name = "one-more";
  EXPECT_EQ(refusal(), Error::ENOSPC);
}

}  // namespace
}  // namespace kernel
