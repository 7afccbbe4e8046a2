// SPDX-License-Identifier: Apache-2.0
//
// Budgets on a core: enforced to the tick, held and let go, overrun policies, who pays for a call, and loans.
#include "test/fakes/kernel_world.hpp"

#include "kernel/cpu_time.hpp"

namespace kernel {
namespace {

using abi::Overrun;
using abi::SystemCall;
using base::Error;
using base::Priority;
using base::Ticks;

constexpr std::uint64_t kMillisecond = 62'500;

struct BudgetWorld : fakes::KernelWorld {
  BudgetWorld() { fakes::set_now(1'000'000); }
  /// A silo with one thread that may run 2 ms in each 10.
  Thread& add_limited(std::string_view name, std::uint8_t priority, Overrun overrun = Overrun::Throttle,
                      std::uint32_t amount = 2000, std::uint32_t period = 10000) {
    budget = {amount, period, overrun};
    Thread& thread = add_program(name, priority);
    budget = {};
    return thread;
  }
  void sleep_for(std::uint64_t ticks) { call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + ticks}); }
  void sleep_for_ever() { call(SystemCall::SLEEP_UNTIL, {.deadline = kForever}); }
  static std::uint64_t time_of(const Thread& thread) { return cpu_time(thread).value(); }
};

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

/// A server (20) at a port; a client with a budget (10), a second client (8) and a bystander (5).
struct PayWorld : BudgetWorld {
  Thread& server = add_program("server", 20);
  Thread* client = nullptr;
  Thread& second = add_program("second", 12);
  Thread& other = add_program("other", 5);
  std::uint32_t port = add_port(server, "port");
  std::uint64_t receive = grant_port_server(server, port);
  std::uint64_t second_call = grant_port_client(second, port);
  std::uint64_t client_call = 0;

  void begin(Overrun policy = Overrun::Throttle) {
    client = &add_limited("client", 10, policy);
    client_call = grant_port_client(*client, port);
    start();
    call(SystemCall::PORT_RECEIVE, {.handle = receive});
    ASSERT_TRUE(is_running(second));
    sleep_for(kMillisecond / 2);
    ASSERT_TRUE(is_running(*client));
    call(SystemCall::PORT_CALL, {.handle = client_call});
    ASSERT_TRUE(is_running(server));
  }
  void reply() { call(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .token = token}); }
  std::uint64_t token = 1;
};

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
