// SPDX-License-Identifier: Apache-2.0
//
// Loans: a server goes on in the time of who waits behind its caller, and every way in which that ends.
#include "test/fakes/budget_world.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Error;
using base::Priority;
using fakes::BudgetWorld;
using fakes::kMillisecond;
using fakes::PayWorld;

TEST_F(PayWorld, it_goes_on_for_who_waits_behind_that_caller) {
  begin();
  pass(kMillisecond / 2);
  ASSERT_TRUE(is_running(second));
  call(SystemCall::PORT_CALL, {.handle = second_call});
  ASSERT_TRUE(is_running(server)) << "the call is queued";
  EXPECT_EQ(server.effective_priority(), Priority(10));
  pass(kMillisecond * 3 / 2);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.effective_priority(), Priority(12));
  EXPECT_EQ(&server.payer(), &second.own_context());
  const std::uint64_t before = time_of(second);
  fakes::advance(777);
  reply();
  EXPECT_EQ(time_of(second), before + 777);
  ASSERT_TRUE(is_running(server)) << "it has received the second call";
  EXPECT_EQ(&server.payer(), &second.own_context());
  token = 2;
  reply();
  EXPECT_TRUE(is_running(second));
  EXPECT_EQ(client->state(), ThreadState::Ready);
  EXPECT_EQ(time_of(*client), 2 * kMillisecond);
}

TEST_F(PayWorld, a_loan_ends_with_the_lenders_deadline) {
  begin();
  pass(kMillisecond / 2);
  ASSERT_TRUE(is_running(second));
  call(SystemCall::PORT_CALL, {.handle = second_call, .deadline = clock() + 2 * kMillisecond});
  pass(kMillisecond * 3 / 2);
  ASSERT_TRUE(is_running(server));
  ASSERT_EQ(&server.payer(), &second.own_context());
  pass(kMillisecond / 2);
  ASSERT_TRUE(is_running(second));
  EXPECT_EQ(status(second), minus(Error::ETIMEDOUT));
  EXPECT_EQ(&server.payer(), &client->own_context());
  sleep_for_ever();
  EXPECT_TRUE(is_running(other)) << "the server has nobody's time";
  pass(8 * kMillisecond);
  EXPECT_TRUE(is_running(server));
}

struct LoanWorld : PayWorld {
  Thread& killer = add_thread(second.silo().id, "killer", 30);
};

TEST_F(LoanWorld, a_loan_ends_with_the_lender) {
  client = &add_limited("client", 10);
  client_call = grant_port_client(*client, port);
  start();
  ASSERT_TRUE(is_running(killer));
  sleep_for(3 * kMillisecond);
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  sleep_for(kMillisecond);
  call(SystemCall::PORT_CALL, {.handle = client_call});
  pass(kMillisecond);
  ASSERT_TRUE(is_running(second));
  call(SystemCall::PORT_CALL, {.handle = second_call});
  pass(kMillisecond);
  ASSERT_TRUE(is_running(server));
  ASSERT_EQ(&server.payer(), &second.own_context());
  pass(kMillisecond);
  ASSERT_TRUE(is_running(killer));
  call(SystemCall::EXIT, {.x1 = 0});
  EXPECT_EQ(&server.payer(), &client->own_context());
  EXPECT_TRUE(is_running(other));
  pass(7 * kMillisecond);
  EXPECT_TRUE(is_running(server));
}

TEST_F(PayWorld, who_comes_to_wait_lends_to_a_server_that_is_held) {
  begin();
  pass(kMillisecond / 2);
  ASSERT_TRUE(is_running(second));
  sleep_for(2 * kMillisecond);
  pass(kMillisecond * 3 / 2);
  ASSERT_TRUE(is_running(other)) << "the server is held";
  pass(kMillisecond / 2);
  ASSERT_TRUE(is_running(second));
  call(SystemCall::PORT_CALL, {.handle = second_call});
  EXPECT_TRUE(is_running(server));
  EXPECT_EQ(server.effective_priority(), Priority(12));
  EXPECT_EQ(&server.payer(), &second.own_context());
}

}  // namespace
}  // namespace kernel
