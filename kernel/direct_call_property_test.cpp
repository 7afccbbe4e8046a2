// SPDX-License-Identifier: Apache-2.0
//
// The fast path changes nothing that a silo can see: the same random traffic (test/fakes/direct_traffic.hpp) through a
// kernel that is entered for every call and through one behind the model of the fast path, one after the other. After
// each step the same thread runs with the same registers at the same time, tokens and counts among them; at the end of
// a round the console has the same text. GRANARY_PROPERTY_STEPS: how many steps (make test-property: ten million).
#include "test/fakes/host_prelude.hpp"

#include "test/fakes/direct_traffic.hpp"

namespace kernel {
namespace {

constexpr std::uint64_t kRound = 10'000;

struct Outcome {
  std::vector<fakes::Sight> sights;
  std::string console;
  std::uint64_t direct;
  unsigned leaks;
  std::size_t deaths;
};

Outcome run(std::uint64_t seed, std::uint64_t steps, bool is_fast) {
  fakes::DirectTraffic world(seed, is_fast);
  for (std::uint64_t step = 0; step < steps && !testing::Test::HasFailure(); ++step) world.step();
  return {world.sights(), world.printed(), world.direct(), world.leaks(), world.deaths()};
}

TEST(DirectCallProperty, F1_Y5_no_silo_can_tell_whether_there_is_a_fast_path) {
  const std::uint64_t all = fakes::wanted_property_steps();
  std::uint64_t direct = 0;
  std::size_t deaths = 0;
  for (std::uint64_t done = 0, seed = 1; done < all && !HasFailure(); done += kRound, ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Outcome slow = run(seed, kRound, false);
    const Outcome fast = run(seed, kRound, true);
    fakes::expect_same(slow.sights, fast.sights);
    ASSERT_EQ(slow.console, fast.console);
    ASSERT_EQ(slow.leaks + fast.leaks, 0u) << "floating-point values of another thread";
    ASSERT_EQ(slow.direct, 0u);
    direct += fast.direct;
    deaths += fast.deaths;
  }
  EXPECT_GT(direct, all / 20) << "enough must go by the fast path";
  EXPECT_GT(deaths, all / 10'000);
  RecordProperty("direct", std::to_string(direct));
  RecordProperty("deaths", std::to_string(deaths));
}

}  // namespace
}  // namespace kernel
