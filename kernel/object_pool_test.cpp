// SPDX-License-Identifier: Apache-2.0
//
// ObjectPool: alignment, reuse, type-stable memory, and refusal when memory is out.
#include "test/fakes/host_prelude.hpp"

#include "kernel/object_pool.hpp"

#include <map>
#include <random>
#include <set>

#include "test/fakes/fake_arena.hpp"

namespace kernel {
namespace {

struct Small {
  explicit Small(std::uint64_t a, std::uint64_t b = 7) : first(a), second(b) {}
  std::uint64_t first;
  std::uint64_t second;
  std::uint64_t more[10] = {};
};
struct Large {
  std::byte bytes[5000] = {};
};

std::uint64_t address_of(const void* object) { return reinterpret_cast<std::uintptr_t>(object); }

TEST(ObjectPool, makes_aligned_objects_from_their_arguments_and_reuses_freed_ones) {
  fakes::Arena arena(4);
  ObjectPool<Small> pool;
  Small* const one = pool.create(fakes::unlocked(), 1u, 2u).value();
  Small* const two = pool.create(fakes::unlocked(), 3u).value();
  EXPECT_EQ(one->second, 2u);
  EXPECT_EQ(two->second, 7u);
  EXPECT_EQ(address_of(one) % 64, 0u);
  EXPECT_EQ(address_of(two) % 64, 0u);
  EXPECT_EQ(arena.used_pages(), 1u);
  pool.give_back(*one);
  EXPECT_EQ(one->first, 1u);  // still a Small
  EXPECT_EQ(pool.create(fakes::unlocked(), 9u).value(), one);
  EXPECT_EQ(pool.live(), 2u);
}

TEST(ObjectPool, takes_a_run_of_pages_for_large_objects) {
  fakes::Arena arena(5);
  ObjectPool<Large> pool;
  EXPECT_EQ(address_of(pool.create(fakes::unlocked()).value()) % 64, 0u);
  EXPECT_TRUE(pool.create(fakes::unlocked()).ok());
  EXPECT_EQ(pool.create(fakes::unlocked()).error(), base::Error::ENOMEM);
  EXPECT_EQ(arena.used_pages(), 4u);
}

TEST(ObjectPool, says_enomem_and_goes_on_when_something_is_freed) {
  fakes::Arena arena(2);
  ObjectPool<Small> pool;
  std::set<Small*> live;
  for (;;) {
    const auto made = pool.create(fakes::unlocked(), 0u);
    if (!made.ok()) break;
    EXPECT_TRUE(live.insert(made.value()).second);
  }
  EXPECT_EQ(live.size(), 2 * (4096 / 128));
  pool.give_back(**live.begin());
  EXPECT_TRUE(pool.create(fakes::unlocked(), 0u).ok());
}

TEST(ObjectPool, never_gives_a_live_object_again_over_random_steps) {
  fakes::Arena arena(64);
  ObjectPool<Small> pool;
  std::vector<Small*> live;
  std::mt19937_64 random(5);
  std::uint64_t serial = 0;
  std::map<Small*, std::uint64_t> expected;
  for (int step = 0; step < 100'000; ++step) {
    if (random() % 2 == 0) {
      const auto made = pool.create(fakes::unlocked(), ++serial);
      if (!made.ok()) continue;
      ASSERT_TRUE(expected.emplace(made.value(), serial).second);
      live.push_back(made.value());
    } else if (!live.empty()) {
      const std::size_t which = random() % live.size();
      ASSERT_EQ(live[which]->first, expected[live[which]]);
      pool.give_back(*live[which]);
      expected.erase(live[which]);
      live[which] = live.back();
      live.pop_back();
    }
    ASSERT_EQ(pool.live(), live.size());
  }
}

TEST(ObjectPoolDeathTest, traps_on_an_object_freed_twice) {
  fakes::Arena arena(1);
  ObjectPool<Small> pool;
  Small* const one = pool.create(fakes::unlocked(), 1u).value();
  pool.give_back(*one);
  EXPECT_DEATH(pool.give_back(*one), "");
}

}  // namespace
}  // namespace kernel
