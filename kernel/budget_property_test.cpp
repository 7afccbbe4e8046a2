// SPDX-License-Identifier: Apache-2.0
//
// Random threads with budgets that work, sleep and call a server, against a scheduler that is as simple as possible: it
// goes tick by tick and keeps each tick that was used. Who runs must be the same at each moment, and so must be who has
// paid.
#include "test/fakes/kernel_world.hpp"

#include <algorithm>
#include <deque>
#include <random>

#include "kernel/cpu_time.hpp"

namespace kernel {
namespace {

using abi::SystemCall;

/// What the reference knows of a client.
struct Client {
  Thread* thread = nullptr;
  std::uint64_t handle = 0;
  unsigned priority = 0;
  std::uint64_t budget = 0, period = 0;  ///< ticks; 0: without
  std::uint64_t wakes = 0;
  bool is_calling = false;
  std::deque<std::uint64_t> used = {};
  std::uint64_t time = 0;

  bool may_run(std::uint64_t now) {
    while (!used.empty() && used.front() + period <= now) used.pop_front();
    return budget == 0 || used.size() < budget;
  }
  void pay(std::uint64_t now) {
    ++time;
    if (budget != 0) used.push_back(now);
  }
  /// It has used its budget in more parts than there are refills: then one may come late.
  bool may_be_late() const {
    unsigned parts = 1;
    for (std::size_t i = 1; i < used.size(); ++i) parts += used[i] != used[i - 1] + 1;
    return parts >= Budget::kRefills;
  }
};

class Round : public fakes::KernelWorld {
 public:
  Round(std::uint64_t seed, bool tries_short_ways) : random(seed) {
    tries_fast_path = tries_short_ways;
    make();
  }

  std::mt19937_64 random;
  std::vector<Client> clients;
  Thread* server = nullptr;
  Thread* background = nullptr;
  // Of the server: whom it serves, who waits, in whose time it works.
  Client* served = nullptr;
  std::deque<Client*> waiting;
  Client* lender = nullptr;
  bool is_held = false;

  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>(low, high)(random);
  }

  /// Who pays for the server now, null if it does not go on.
  Client* payer_of_server(std::uint64_t now) {
    if (served == nullptr) return nullptr;
    if (lender != nullptr && lender->may_run(now)) return lender;
    lender = nullptr;
    if (served->may_run(now)) {
      is_held = false;
      return served;
    }
    if (is_held) return nullptr;
    for (Client* const client : waiting)
      if (client->may_run(now) && (lender == nullptr || client->priority > lender->priority)) lender = client;
    is_held = lender == nullptr;
    loans += lender != nullptr;
    return lender;
  }
  /// Who should run at this tick; `payer`: whose time it is.
  const Thread* choose(std::uint64_t now, Client*& payer) {
    const Thread* best = background;
    payer = nullptr;
    for (Client& client : clients) {
      if (client.is_calling || client.wakes > now || !client.may_run(now)) continue;
      if (payer != nullptr && payer->priority > client.priority) continue;
      best = client.thread;
      payer = &client;
    }
    if (Client* const of_server = payer_of_server(now)) {
      if (payer == nullptr || of_server->priority > payer->priority) {
        best = server;
        payer = of_server;
      }
    }
    return best;
  }

 private:
  void TestBody() override {}

  void make() {
    std::vector<unsigned> priorities = {10, 11, 12, 13, 14};
    std::shuffle(priorities.begin(), priorities.end(), random);
    server = &add_program("server", 20);
    const std::uint32_t port = add_port(*server, "port");
    receive = grant_port_server(*server, port);
    clients.resize(4);
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const auto period = static_cast<std::uint32_t>(between(60, 200));
      if (i != 3) budget = {static_cast<std::uint32_t>(between(10, period / 2)), period, abi::Overrun::Throttle};
      Client& client = clients[i];
      client.thread = &add_program("client" + std::to_string(i), static_cast<std::uint8_t>(priorities[i]));
      client.priority = priorities[i];
      client.handle = grant_port_client(*client.thread, port);
      client.budget = budget.amount * kFrequency / 1'000'000;
      client.period = budget.period * kFrequency / 1'000'000;
      budget = {};
    }
    background = &add_program("background", 1);
    start();
    ASSERT_TRUE(is_running(*server));
    call(SystemCall::PORT_RECEIVE, {.handle = receive});
  }

  Client* running_client() {
    for (Client& client : clients)
      if (is_running(*client.thread)) return &client;
    return nullptr;
  }

  /// What the running thread does when it has worked for a while.
  void act() {
    if (is_running(*background)) return;
    if (Client* const client = running_client()) {
      if (between(0, 1) == 0) {
        client->wakes = clock() + between(1, 8'000);
        call(SystemCall::SLEEP_UNTIL, {.deadline = client->wakes});
        return;
      }
      client->is_calling = true;
      call(SystemCall::PORT_CALL, {.handle = client->handle});
      if (served == nullptr) {
        served = client;
      } else {
        waiting.push_back(client);
        is_held = false;  // it is asked again
      }
      return;
    }
    ASSERT_TRUE(is_running(*server));
    served->is_calling = false;
    served = nullptr;
    lender = nullptr;
    is_held = false;
    if (!waiting.empty()) {
      served = waiting.front();
      waiting.pop_front();
    }
    call(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .token = server->general[8]});
  }

 public:
  void run(std::uint64_t actions) {
    std::uint64_t acts = clock() + between(1, 6'000);
    while (actions != 0) {
      std::uint64_t until = std::min(acts, fakes::armed_timer().value());
      if (until < clock()) until = clock();
      for (std::uint64_t now = clock(); now != until; ++now) {
        Client* payer = nullptr;
        const Thread* const expected = choose(now, payer);
        if (!is_running(*expected)) {
          // Whoever should run may get something back later than it could.
          bool is_excused = false;
          for (const Client& client : clients) is_excused = is_excused || client.may_be_late();
          ASSERT_TRUE(is_excused) << "at " << now << " " << running().name() << " runs and not " << expected->name();
          return;
        }
        if (payer != nullptr) {
          ASSERT_TRUE(payer->may_run(now));
          payer->pay(now);
        }
      }
      fakes::set_now(until);
      if (fakes::armed_timer().value() <= until) {
        interrupt();
        continue;
      }
      act();
      --actions;
      acts = clock() + between(1, between(0, 3) == 0 ? 6'000 : 1'500);
    }
    for (Client& client : clients) EXPECT_EQ(cpu_time(*client.thread).value(), client.time) << client.thread->name();
    is_whole = true;
  }

  bool is_whole = false;  ///< run() has come to its end
  std::uint64_t loans = 0;

 private:
  std::uint64_t receive = 0;
};

class BudgetAgainstReference : public testing::TestWithParam<bool> {};

TEST_P(BudgetAgainstReference, the_same_run_at_each_moment_and_the_same_have_paid) {
  unsigned whole = 0;
  std::uint64_t loans = 0;
  for (std::uint64_t seed = 1; seed <= 25 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Round round(seed, GetParam());
    round.run(200);
    whole += round.is_whole;
    loans += round.loans;
  }
  EXPECT_GT(whole, 12u) << "few have an excuse";
  EXPECT_GT(loans, 5u) << "and loans are among what is tried";
}
INSTANTIATE_TEST_SUITE_P(Ways, BudgetAgainstReference, testing::Bool());

}  // namespace
}  // namespace kernel
