// SPDX-License-Identifier: Apache-2.0
//
// Data in its lock: what with() gives back, nesting by rank, and that one core at a time is inside. What must not
// compile is tested in test/compile_fail (lock_order, lock_without_token).
#include "kernel/base/guarded.hpp"

#include "test/fakes/host_prelude.hpp"

#include <thread>

namespace base {
namespace {

auto nothing() { return hold_nothing(TokenSource::interrupts_masked()); }

TEST(GuardedTest, gives_back_what_the_function_returns) {
  Guarded<int, LockRank::Channel> guarded(41);
  EXPECT_EQ(guarded.with(nothing(), [](int& value, auto) { return ++value; }), 42);
  int& inside = guarded.with(nothing(), [](int& value, auto) -> int& { return value; });
  EXPECT_EQ(inside, 42);
}

TEST(GuardedTest, a_higher_rank_is_taken_inside_a_lower_one) {
  Guarded<int, LockRank::Channel> outer(1);
  Guarded<int, LockRank::MessagePool> inner(2);
  const int sum = outer.with(nothing(), [&](int& left, auto held) {
    return inner.with(held, [&](int& right, auto) { return left + right; });
  });
  EXPECT_EQ(sum, 3);
}

/// What does not compile with honest tokens is seen with a forged one.
TEST(GuardedDeathTest, a_lower_rank_inside_a_higher_one_traps) {
  Guarded<int, LockRank::Console> inner(1);
  Guarded<int, LockRank::Channel> outer(2);
  EXPECT_DEATH(inner.with(nothing(), [&](int&, auto) { outer.with(nothing(), [](int&, auto) {}); }), "");
  EXPECT_DEATH(inner.with(nothing(), [&](int&, auto) { inner.with(nothing(), [](int&, auto) {}); }), "");
}

TEST(GuardedTest, the_lock_is_free_again_after_each_use) {
  Guarded<int, LockRank::Console> guarded(0);
  for (int i = 0; i < 3; ++i) guarded.with(nothing(), [](int& value, auto) { ++value; });
  EXPECT_EQ(guarded.with(nothing(), [](int& value, auto) { return value; }), 3);
}

TEST(GuardedTest, one_core_at_a_time_is_inside) {
  struct Pair {
    long left = 0, right = 0;
  };
  Guarded<Pair, LockRank::Channel> guarded;
  const auto work = [&] {
    for (int i = 0; i < 2'000; ++i) {
      guarded.with(nothing(), [](Pair& pair, auto) {
        ASSERT_EQ(pair.left, pair.right) << "another core is inside";
        ++pair.left;
        std::this_thread::yield();  // where another core would come in, if it could
        ++pair.right;
      });
    }
  };
  std::thread threads[] = {std::thread(work), std::thread(work), std::thread(work)};
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(guarded.with(nothing(), [](Pair& pair, auto) { return pair.left; }), 6'000);
}

}  // namespace
}  // namespace base
