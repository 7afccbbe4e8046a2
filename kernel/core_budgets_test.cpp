// SPDX-License-Identifier: Apache-2.0
//
// Budgets on a core: enforced to the tick, held and let go, overrun policies, who pays for a call, and loans.
#include "kernel/audit.hpp"
#include "test/fakes/budget_world.hpp"

namespace kernel {
namespace {

using abi::Overrun;
using abi::SystemCall;
using base::Error;
using base::Priority;
using base::Ticks;
using fakes::BudgetWorld;
using fakes::kMillisecond;
using fakes::PayWorld;

TEST_F(BudgetWorld, the_timer_is_armed_for_the_moment_at_which_a_budget_is_used_up) {
  Thread& limited = add_limited("limited", 9);
  Thread& other = add_program("other", 5);
  start();
  ASSERT_TRUE(is_running(limited));
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + 2 * kMillisecond));
  pass(2 * kMillisecond - 1);
  EXPECT_TRUE(is_running(limited));
  pass(1);
  EXPECT_TRUE(is_running(other));
  EXPECT_EQ(limited.state(), ThreadState::Ready);
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + 8 * kMillisecond)) << "a period after it began";
  pass(8 * kMillisecond - 1);
  EXPECT_TRUE(is_running(other));
  pass(1);
  EXPECT_TRUE(is_running(limited));
  EXPECT_EQ(time_of(limited), 2 * kMillisecond);
  EXPECT_EQ(time_of(other), 8 * kMillisecond);
}

TEST_F(BudgetWorld, the_core_idles_while_all_wait_for_their_budgets) {
  Thread& limited = add_limited("limited", 9);
  start();
  pass(2 * kMillisecond);
  EXPECT_TRUE(is_running(limited)) << "it slept";
  EXPECT_EQ(fakes::sleeps(), 1u);
  EXPECT_EQ(clock(), 1'000'000 + 10 * kMillisecond);
  EXPECT_EQ(time_of(limited), 2 * kMillisecond);
}

TEST_F(BudgetWorld, what_the_kernel_was_late_by_comes_off_the_next_refill) {
  Thread& limited = add_limited("limited", 9);
  Thread& other = add_program("other", 5);
  start();
  pass(2 * kMillisecond + 100);
  EXPECT_TRUE(is_running(other));
  pass(8 * kMillisecond - 100);
  ASSERT_TRUE(is_running(limited));
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + 2 * kMillisecond));
}

TEST_F(BudgetWorld, a_thread_that_sleeps_uses_nothing_and_saves_nothing) {
  Thread& limited = add_limited("limited", 9);
  add_program("other", 5);
  start();
  pass(kMillisecond);
  sleep_for(30 * kMillisecond);
  pass(30 * kMillisecond);
  ASSERT_TRUE(is_running(limited));
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + 2 * kMillisecond));
}

TEST_F(BudgetWorld, a_thread_that_wakes_without_budget_waits_for_it) {
  Thread& limited = add_limited("limited", 9);
  Thread& other = add_program("other", 5);
  start();
  fakes::advance(2 * kMillisecond);  // the call comes before the timer
  sleep_for(kMillisecond);
  ASSERT_TRUE(is_running(other));
  pass(kMillisecond);
  EXPECT_TRUE(is_running(other));
  EXPECT_EQ(limited.state(), ThreadState::Ready);
  pass(7 * kMillisecond);
  EXPECT_TRUE(is_running(limited));
}

TEST_F(BudgetWorld, a_yield_at_the_last_tick_waits_as_well) {
  add_limited("limited", 9);
  Thread& other = add_program("other", 5);
  start();
  fakes::advance(2 * kMillisecond);
  call(SystemCall::YIELD);
  EXPECT_TRUE(is_running(other));
}

TEST_F(BudgetWorld, threads_without_a_budget_arm_no_timer) {
  add_program("one", 9);
  add_program("two", 5);
  start();
  EXPECT_TRUE(fakes::armed_timer().is_forever());
}

TEST_F(BudgetWorld, the_end_of_a_silo_whose_thread_is_held_is_as_any_other) {
  Thread& limited = add_limited("limited", 9);
  Thread& helper = add_thread(limited.silo().id, "helper", 5);
  add_program("other", 3);
  start();
  pass(2 * kMillisecond);
  ASSERT_TRUE(is_running(helper));
  call(SystemCall::EXIT, {.x1 = 0});
  EXPECT_EQ(limited.state(), ThreadState::Dead);
  pass(20 * kMillisecond);
  EXPECT_EQ(limited.state(), ThreadState::Dead);
}

TEST_F(BudgetWorld, an_overrun_is_a_fault_where_the_policy_says_so) {
  Thread& limited = add_limited("limited", 9, Overrun::Fault);
  Thread& other = add_program("other", 5);
  start();
  limited.program_counter = 0x10004;
  pass(2 * kMillisecond);
  EXPECT_TRUE(is_running(other));
  EXPECT_EQ(limited.silo().state(), abi::SiloState::Faulted);
  EXPECT_EQ(limited.silo().fault_record().report.cause, port::FaultCause::BudgetOverrun);
  EXPECT_NE(console().find("silo limited stopped: thread limited: its budget is used up"), std::string::npos);
}

TEST_F(BudgetWorld, bad_budgets_are_refused) {
  const base::SiloId silo = add_silo("silo");
  add_thread(silo, "good", 5);
  const auto refused = [&](std::uint32_t amount, std::uint32_t period, std::uint32_t overrun = 0) {
    return !kernel::add_thread(silo, {.name = "bad",
                                      .entry = base::SiloAddress(kText),
                                      .stack_pointer = base::SiloAddress(kStack + kStackBytes),
                                      .argument = 0,
                                      .priority = Priority(5),
                                      .core = base::CoreId(0),
                                      .budget = {amount, period, static_cast<Overrun>(overrun)}})
                .ok();
  };
  EXPECT_TRUE(refused(1001, 1000));
  EXPECT_TRUE(refused(abi::kBudgetMinimum - 1, 1000));
  EXPECT_TRUE(refused(0, 1000));
  EXPECT_TRUE(refused(20, abi::kPeriodMinimum - 1));
  EXPECT_TRUE(refused(1000, abi::kPeriodMaximum + 1));
  EXPECT_TRUE(refused(1000, 1000, 3));
  EXPECT_FALSE(refused(1000, 1000));
}

// Calls.

TEST_F(PayWorld, a_server_runs_in_its_callers_time) {
  begin();
  fakes::advance(1000);
  reply();
  ASSERT_TRUE(is_running(*client));
  EXPECT_EQ(time_of(*client), 1000u);
  EXPECT_EQ(time_of(server), 0u);
  EXPECT_EQ(&server.payer(), &server.own_context());
}

TEST_F(PayWorld, a_server_that_has_used_up_its_callers_budget_waits_for_it) {
  begin();
  EXPECT_EQ(&server.payer(), &client->own_context());
  pass(kMillisecond / 2);
  ASSERT_TRUE(is_running(second));
  sleep_for_ever();
  ASSERT_TRUE(is_running(server));
  pass(kMillisecond * 3 / 2);
  ASSERT_TRUE(is_running(other));
  EXPECT_EQ(time_of(*client), 2 * kMillisecond);
  EXPECT_EQ(server.state(), ThreadState::Ready);
  pass(8 * kMillisecond);
  ASSERT_TRUE(is_running(server));
  reply();
  EXPECT_TRUE(is_running(*client));
}

TEST_F(PayWorld, by_policy_the_call_ends_and_the_server_is_told) {
  begin(Overrun::EndCall);
  pass(kMillisecond / 2);
  ASSERT_TRUE(is_running(second));
  sleep_for_ever();
  pass(kMillisecond * 3 / 2);
  ASSERT_TRUE(is_running(server)) << "in its own time";
  EXPECT_EQ(&server.payer(), &server.own_context());
  EXPECT_EQ(server.effective_priority(), Priority(20));
  call(SystemCall::PORT_REPLY, {.token = token});
  EXPECT_EQ(status(server), minus(Error::EPIPE));
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(other)) << "the caller has no time left either";
  pass(8 * kMillisecond);
  ASSERT_TRUE(is_running(*client));
  EXPECT_EQ(status(*client), minus(Error::ETIMEDOUT));
}

TEST_F(PayWorld, a_call_that_is_ended_so_is_in_the_audit) {
  grant(other, abi::ObjectType::Audit, 0, {abi::Right::AuditRead});
  begin(Overrun::EndCall);
  while (take_audit_record()) {
  }
  pass(kMillisecond / 2);
  sleep_for_ever();
  pass(kMillisecond * 3 / 2);
  const auto record = take_audit_record();
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(static_cast<std::uint32_t>(record->subject), client->silo().id.value());
  EXPECT_EQ(record->subject >> abi::kAuditCategoryShift & 0xff,
            static_cast<std::uint64_t>(abi::AuditCategory::Overrun));
  EXPECT_EQ(record->what, static_cast<std::uint64_t>(SystemCall::PORT_CALL));
  EXPECT_EQ(record->handle, client_call);
  EXPECT_FALSE(take_audit_record().has_value());
}

TEST_F(PayWorld, the_fault_of_a_caller_lets_its_server_go_on) {
  begin(Overrun::Fault);
  pass(kMillisecond / 2);
  sleep_for_ever();
  pass(kMillisecond * 3 / 2);
  EXPECT_EQ(client->silo().state(), abi::SiloState::Faulted);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(&server.payer(), &server.own_context());
  call(SystemCall::PORT_REPLY, {.token = token});
  EXPECT_EQ(status(server), minus(Error::EPIPE));
}

}  // namespace
}  // namespace kernel
