// SPDX-License-Identifier: Apache-2.0
//
// Processor time: by who pays, and who may see it.
#include "test/fakes/budget_world.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Error;
using base::Priority;
using fakes::BudgetWorld;
using fakes::kMillisecond;
using fakes::PayWorld;

TEST_F(BudgetWorld, a_thread_and_an_observer_see_the_time) {
  Thread& limited = add_limited("limited", 9);
  Thread& other = add_program("other", 5);
  const std::uint64_t seen = grant(other, abi::ObjectType::Silo, limited.silo().id.value(), {abi::Right::SiloObserve});
  start();
  fakes::advance(1000);
  call(SystemCall::THREAD_TIME);
  EXPECT_EQ(limited.general[3], 1000u);
  EXPECT_EQ(limited.general[4], 1000u);
  EXPECT_EQ(limited.general[5], 2 * kMillisecond - 1000);
  EXPECT_EQ(limited.general[6], 0u);
  pass(2 * kMillisecond - 1000);
  ASSERT_TRUE(is_running(other));
  fakes::advance(10);
  call(SystemCall::THREAD_TIME);
  EXPECT_EQ(other.general[3], 10u);
  EXPECT_EQ(other.general[5], kForever);
  call(SystemCall::SILO_TIME, {.handle = seen});
  EXPECT_EQ(other.general[3], 2 * kMillisecond);
  EXPECT_EQ(other.general[4], 1u);
  expect_clean(other, {3, 4});
}

TEST_F(BudgetWorld, idle_time_is_nobodys) {
  Thread& one = add_program("one", 9);
  start();
  fakes::advance(100);
  sleep_for(5000);
  EXPECT_EQ(time_of(one), 100u);
}

TEST_F(PayWorld, who_takes_a_message_runs_in_its_own_time) {
  begin();
  reply();
  ASSERT_TRUE(is_running(*client));
  call(SystemCall::PORT_SEND, {.handle = client_call});
  ASSERT_TRUE(is_running(server));
  fakes::advance(500);
  EXPECT_EQ(time_of(server), 500u);
  EXPECT_EQ(time_of(*client), 0u);
}

TEST_F(PayWorld, direct_calls_are_paid_by_the_caller) {
  tries_fast_path = true;
  begin();
  EXPECT_EQ(gone_directly(), 1u);
  pass(kMillisecond / 2);
  ASSERT_TRUE(is_running(second));
  EXPECT_EQ(time_of(*client), kMillisecond / 2);
  EXPECT_EQ(&server.payer(), &client->own_context());
  sleep_for_ever();
  pass(kMillisecond * 3 / 2);
  EXPECT_TRUE(is_running(other));
  EXPECT_EQ(time_of(*client), 2 * kMillisecond);
  EXPECT_EQ(time_of(server), 0u);
}

}  // namespace
}  // namespace kernel
