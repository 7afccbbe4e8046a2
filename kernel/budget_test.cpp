// SPDX-License-Identifier: Apache-2.0
//
// Budgets: what is used comes back a period later, and in no time of one period more than the amount is used.
#include "test/fakes/host_prelude.hpp"

#include <algorithm>
#include <deque>
#include <random>

#include "kernel/budget.hpp"

namespace kernel {
namespace {

using base::Ticks;

struct BudgetTest : testing::Test {
  Budget budget{Ticks(20), Ticks(100)};
  void use(std::uint64_t from, std::uint64_t to) {
    budget.replenish(Ticks(from));
    budget.charge(Ticks(from), Ticks(to));
  }
  std::uint64_t left_at(std::uint64_t now) {
    budget.replenish(Ticks(now));
    return budget.left().value();
  }
};

TEST_F(BudgetTest, is_full_at_first) {
  EXPECT_EQ(budget.left(), Ticks(20));
  EXPECT_FALSE(budget.is_exhausted());
}

TEST_F(BudgetTest, what_is_used_comes_back_a_period_after_it_began_to_be) {
  use(1000, 1020);
  EXPECT_TRUE(budget.is_exhausted());
  EXPECT_EQ(budget.next_use(), Ticks(1100));
  EXPECT_EQ(left_at(1099), 0u);
  EXPECT_EQ(left_at(1100), 20u);
}

TEST_F(BudgetTest, what_was_not_used_is_not_saved_up) {
  EXPECT_EQ(left_at(1'000'000), 20u);
  use(1'000'000, 1'000'005);
  EXPECT_EQ(left_at(2'000'000), 20u);
}

TEST_F(BudgetTest, each_part_comes_back_in_its_own_time) {
  use(1000, 1005);
  use(1050, 1065);
  EXPECT_TRUE(budget.is_exhausted());
  EXPECT_EQ(budget.next_use(), Ticks(1100));
  EXPECT_EQ(left_at(1100), 5u);
  use(1100, 1105);
  EXPECT_EQ(budget.next_use(), Ticks(1150));
  EXPECT_EQ(left_at(1150), 15u);
}

TEST_F(BudgetTest, it_is_not_used_twice_around_a_refill) {
  // A server whose budget came back whole at fixed times would let 40 ticks through in 40.
  use(1080, 1100);
  EXPECT_EQ(left_at(1100), 0u);
  EXPECT_EQ(budget.next_use(), Ticks(1180));
}

TEST_F(BudgetTest, charges_that_follow_each_other_are_one) {
  for (std::uint64_t now = 1000; now < 1020; ++now) budget.charge(Ticks(now), Ticks(now + 1));
  EXPECT_EQ(left_at(1099), 0u);
  EXPECT_EQ(left_at(1100), 20u);
}

TEST_F(BudgetTest, an_empty_charge_is_none) {
  budget.charge(Ticks(7), Ticks(7));
  EXPECT_EQ(budget.left(), Ticks(20));
}

TEST_F(BudgetTest, what_was_used_too_much_comes_off_the_next_refill) {
  use(1000, 1023);
  EXPECT_EQ(budget.left(), Ticks(0));
  EXPECT_EQ(left_at(1100), 20u) << "23 came back, of which 3 are owed";
}

TEST_F(BudgetTest, what_is_owed_can_take_a_refill_whole) {
  use(1000, 1002);
  use(1010, 1030);
  EXPECT_EQ(budget.next_use(), Ticks(1110)) << "the refill of 1100 is no more than what is owed";
  EXPECT_EQ(left_at(1100), 0u);
  EXPECT_TRUE(budget.is_exhausted());
  EXPECT_EQ(left_at(1110), 20u);
}

TEST_F(BudgetTest, with_too_many_parts_the_closest_come_back_together_and_none_too_early) {
  static_assert(Budget::kRefills == 8);
  for (const std::uint64_t part : {1000, 1010, 1020, 1030, 1034, 1050, 1060, 1070, 1080}) use(part, part + 1);
  EXPECT_EQ(left_at(1120), 20u - 9 + 3);
  EXPECT_EQ(left_at(1132), 20u - 9 + 3) << "that of 1030 waits for the one behind it";
  EXPECT_EQ(left_at(1133), 20u - 9 + 5);
}

/// Random use: the window of one period that ends at each moment holds no more than the amount, and what was used too
/// much in one go.
TEST(BudgetProperty, in_no_time_of_one_period_more_than_the_amount_is_used) {
  std::mt19937_64 random(27);
  const auto between = [&](std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>(low, high)(random);
  };
  for (int round = 0; round < 200; ++round) {
    const std::uint64_t period = between(10, 300), amount = between(1, period), slow = between(0, 3);
    Budget budget{Ticks(amount), Ticks(period)};
    std::deque<std::uint64_t> used;  // each tick that was
    std::uint64_t now = 1000, wanted = 0;
    for (int step = 0; step < 400; ++step) {
      now += between(0, between(0, 3) == 0 ? period : 3);
      budget.replenish(Ticks(now));
      if (budget.is_exhausted()) {
        ASSERT_GT(budget.next_use().value(), now);
        ASSERT_LE(budget.next_use().value(), now + period) << "nothing comes back later than a period after its use";
        now = budget.next_use().value();
        budget.replenish(Ticks(now));
      }
      ASSERT_FALSE(budget.is_exhausted());
      const std::uint64_t left = budget.left().value();
      std::uint64_t length = between(1, left);
      if (between(0, 1) == 0) length = std::min<std::uint64_t>(left, 2);
      if (length == left) length += between(0, slow);
      wanted += length;
      budget.charge(Ticks(now), Ticks(now + length));
      for (; length != 0; --length) used.push_back(now++);
      while (used.front() + period < now) used.pop_front();
      for (std::size_t first = 0; first < used.size(); ++first)
        if (used[first] + period >= now) {
          ASSERT_LE(used.size() - first, amount + slow) << "period " << period << " amount " << amount;
          break;
        }
    }
    ASSERT_GT(wanted, 0u);
  }
}

}  // namespace
}  // namespace kernel
