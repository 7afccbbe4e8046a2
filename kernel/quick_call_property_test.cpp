// SPDX-License-Identifier: Apache-2.0
//
// Quick calls and quick batches change nothing that a silo can see: the same random traffic
// (test/fakes/quick_traffic.hpp) through a kernel that is entered the long way for every call and through one that
// tries the short forms first, one after the other. After each step the same thread runs with the same registers and
// the same messages in its page at the same time; at the end of a round every count and the console are the same.
// GRANARY_PROPERTY_STEPS: how many steps (make test-property: ten million).
#include "test/fakes/host_prelude.hpp"

#include "test/fakes/quick_traffic.hpp"

namespace kernel {
namespace {

using abi::SystemCall;

constexpr std::uint64_t kRound = 10'000;

struct Outcome {
  std::vector<fakes::Sight> sights;
  std::vector<std::uint64_t> totals;
  std::string console;
  std::map<std::uint64_t, std::uint64_t> quick;
  std::size_t deaths;
  unsigned leaks;
};

Outcome run(std::uint64_t seed, std::uint64_t steps, bool is_fast) {
  fakes::QuickTraffic world(seed, is_fast);
  for (std::uint64_t step = 0; step < steps && !testing::Test::HasFailure(); ++step) world.step();
  return {world.sights(), world.totals(), world.printed(), world.gone_quickly(), world.deaths(), world.leaks()};
}

constexpr SystemCall kQuickCalls[] = {
    SystemCall::CHAN_SEND,          SystemCall::CHAN_TRY_SEND,    SystemCall::CHAN_RECV,
    SystemCall::CHAN_TRY_RECV,      SystemCall::ASYNC_SEND,       SystemCall::ASYNC_RECEIVE,
    SystemCall::ASYNC_TRY_RECEIVE,  SystemCall::PORT_SEND,        SystemCall::PORT_TRY_SEND,
    SystemCall::PORT_RECEIVE,       SystemCall::PORT_TRY_RECEIVE, SystemCall::NOTIFICATION_SIGNAL,
    SystemCall::NOTIFICATION_WAIT,  SystemCall::SEMAPHORE_POST,   SystemCall::SEMAPHORE_WAIT,
    SystemCall::SEMAPHORE_TRY_WAIT, SystemCall::PORT_SEND_BATCH,  SystemCall::CHAN_SEND_BATCH,
    SystemCall::CHAN_RECV_BATCH,    SystemCall::ASYNC_SEND_BATCH, SystemCall::ASYNC_RECEIVE_BATCH};

TEST(QuickCallProperty, F1_A9_no_silo_can_tell_whether_there_are_quick_calls) {
  const std::uint64_t all = fakes::wanted_property_steps();
  std::map<std::uint64_t, std::uint64_t> quick;
  std::size_t deaths = 0;
  for (std::uint64_t done = 0, seed = 1; done < all && !HasFailure(); done += kRound, ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Outcome slow = run(seed, kRound, false);
    const Outcome fast = run(seed, kRound, true);
    fakes::expect_same(slow.sights, fast.sights);
    ASSERT_EQ(slow.totals, fast.totals);
    ASSERT_EQ(slow.console, fast.console);
    ASSERT_EQ(slow.leaks + fast.leaks, 0u) << "floating-point values of another thread";
    ASSERT_TRUE(slow.quick.empty());
    for (const auto& [number, count] : fast.quick) quick[number] += count;
    deaths += fast.deaths;
  }
  for (const SystemCall number : kQuickCalls) {
    const std::uint64_t count = quick[static_cast<std::uint64_t>(number)];
    EXPECT_GT(count, all / 2'000) << "call " << static_cast<std::uint64_t>(number) << " must often be quick";
    RecordProperty("quick_" + std::to_string(static_cast<std::uint64_t>(number)), std::to_string(count));
  }
  EXPECT_GT(deaths, all / 10'000);
  RecordProperty("deaths", std::to_string(deaths));
}

}  // namespace
}  // namespace kernel
