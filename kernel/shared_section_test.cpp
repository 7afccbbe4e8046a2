// SPDX-License-Identifier: Apache-2.0
//
// Threads of the host as cores. Under ThreadSanitizer (make test-tsan) this says as well that what one section wrote is
// seen by the next.
#include "test/fakes/host_prelude.hpp"

#include <thread>

#include "kernel/base/guarded.hpp"
#include "kernel/base/ticket_lock.hpp"
#include "kernel/object_section.hpp"
#include "kernel/shared_section.hpp"

namespace kernel {
namespace {

constexpr unsigned kCores = 4;
constexpr unsigned kTimes = 4'000;

/// work(core) on each.
template <typename Work>
void on_each_core(Work work) {
  std::thread threads[kCores];
  for (std::uint32_t core = 0; core < kCores; ++core)
    threads[core] = std::thread([&work, core] { work(base::CoreId(core)); });
  for (std::thread& thread : threads) thread.join();
}
template <typename Work>
void on_all_cores(Work work) {
  on_each_core([&](base::CoreId) { work(); });
}

struct SharedSectionTest : testing::Test {
  SharedSectionTest() { SharedSection::set_cores(kCores); }
  ~SharedSectionTest() override { SharedSection::set_cores(1); }
};

/// An object that silos of several cores use, with something that its lock guards.
struct Counter : ipc::Object {
  Counter() : Object(abi::ObjectType::Semaphore) {}
  unsigned count = 0;
};

/// Beside others.
template <typename Work>
void use(base::CoreId core, ipc::Object& object, Work work) {
  ObjectSection section(core);
  section.enter(object);
  work();
}

TEST_F(SharedSectionTest, a_core_beside_others_is_alone_with_its_object) {
  Counter shared[2];
  on_each_core([&](base::CoreId core) {
    for (unsigned i = 0; i < kTimes; ++i) {
      Counter& counter = shared[(i / 8 + core.value()) % 2];
      use(core, counter, [&] { ++counter.count; });
    }
  });
  EXPECT_EQ(shared[0].count + shared[1].count, kCores * kTimes);
}

TEST_F(SharedSectionTest, who_is_in_it_has_everything_for_itself) {
  Counter shared[2];
  unsigned torn = 0;  // written in shared sections alone
  on_each_core([&](base::CoreId core) {
    for (unsigned i = 0; i < kTimes; ++i) {
      Counter& counter = shared[core.value() % 2];
      // Two steps each, which nobody in a section sees the midst of.
      use(core, counter, [&] {
        ++counter.count;
        ++counter.count;
      });
      if (i % 16 != core.value()) continue;
      const SharedSection section;
      if (shared[0].count % 2 != 0 || shared[1].count % 2 != 0) ++torn;
      for (Counter& each : shared) each.count += 2;
    }
  });
  const SharedSection section;
  EXPECT_EQ(torn, 0u);
  EXPECT_EQ(shared[0].count + shared[1].count, 2 * kCores * kTimes + 2 * 2 * kCores * (kTimes / 16));
}

TEST_F(SharedSectionTest, two_are_beside_each_other_with_two_objects) {
  Counter here, there;
  use(base::CoreId(0), here, [&] {
    std::thread([&] { use(base::CoreId(1), there, [&] { ++there.count; }); }).join();
    ++here.count;
  });
  EXPECT_EQ(here.count + there.count, 2u);
  EXPECT_FALSE(here.lock.is_held());
}

TEST_F(SharedSectionTest, who_finds_it_wanted_has_its_turn_after_that) {
  Counter counter;
  std::atomic<bool> is_beside{false};
  std::thread waiting;
  {
    const SharedSection section;
    waiting = std::thread([&] { use(base::CoreId(1), counter, [&] { is_beside = true; }); });
    for (unsigned i = 0; i < 100; ++i) std::this_thread::yield();
    EXPECT_FALSE(is_beside);
  }
  waiting.join();
  EXPECT_TRUE(is_beside);
  EXPECT_FALSE(counter.lock.is_held());
  { const SharedSection again; }  // no mark is left
}

TEST_F(SharedSectionTest, it_is_had_when_the_last_core_beside_others_has_left) {
  Counter counter;
  std::atomic<bool> is_in{false};
  std::thread waiting;
  use(base::CoreId(0), counter, [&] {
    waiting = std::thread([&] {
      const SharedSection section;
      is_in = true;
    });
    for (unsigned i = 0; i < 100; ++i) std::this_thread::yield();
    EXPECT_FALSE(is_in);
  });
  waiting.join();
  EXPECT_TRUE(is_in);
}

TEST(SharedSectionAloneTest, a_core_that_runs_alone_excludes_nobody) {
  SharedSection::set_cores(1);
  const SharedSection section;
  std::thread([] { const SharedSection another; }).join();
}

TEST_F(SharedSectionTest, one_core_at_a_time_is_in_it) {
  unsigned count = 0;
  on_all_cores([&] {
    for (unsigned i = 0; i < kTimes; ++i) {
      const SharedSection section;
      ++count;
    }
  });
  EXPECT_EQ(count, kCores * kTimes);
}

TEST_F(SharedSectionTest, a_pause_lets_others_in_and_comes_back) {
  unsigned count = 0;
  on_all_cores([&] {
    const SharedSection section;
    for (unsigned i = 0; i < kTimes / 20; ++i) {
      ++count;
      { const SharedSection::Pause pause; }
      ++count;
    }
  });
  EXPECT_EQ(count, kCores * (kTimes / 20) * 2);
}

TEST(SharedSectionDeathTest, it_is_taken_before_every_other_lock_and_once) {
  EXPECT_DEATH(
      {
        const SharedSection section;
        const SharedSection again;
      },
      "");
  Counter counter;
  const auto beside_in_a_section = [&] {
    const SharedSection section;
    use(base::CoreId(0), counter, [] {});
  };
  EXPECT_DEATH(beside_in_a_section(), "");
  base::Guarded<int, base::LockRank::Console> console(0);
  const auto nothing = base::hold_nothing(base::TokenSource::interrupts_masked());
  EXPECT_DEATH(console.with(nothing, [](int&, auto) { const SharedSection section; }), "");
}

TEST(TicketLockTest, it_is_had_in_the_order_of_asking) {
  base::TicketLock lock;
  std::vector<unsigned> order;
  const auto yield = [] { std::this_thread::yield(); };
  lock.acquire(yield);
  EXPECT_TRUE(lock.is_held());
  std::thread threads[3];
  std::atomic<unsigned> asked{0};
  for (unsigned i = 0; i < 3; ++i) {
    threads[i] = std::thread([&, i] {
      bool has_asked = false;
      lock.acquire([&] {
        if (!std::exchange(has_asked, true)) ++asked;
        std::this_thread::yield();
      });
      order.push_back(i);
      lock.release();
    });
    while (asked != i + 1) std::this_thread::yield();
  }
  lock.release();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<unsigned>{0, 1, 2}));
  EXPECT_FALSE(lock.is_held());
}

}  // namespace
}  // namespace kernel
