// SPDX-License-Identifier: Apache-2.0
//
// Threads of the host as cores. Under ThreadSanitizer (make test-tsan) this says as well that what one section wrote is
// seen by the next.
#include "test/fakes/host_prelude.hpp"

#include <thread>

#include "kernel/base/guarded.hpp"
#include "kernel/base/ticket_lock.hpp"
#include "kernel/shared_section.hpp"

namespace kernel {
namespace {

constexpr unsigned kCores = 4;
constexpr unsigned kTimes = 4'000;

template <typename Work>
void on_all_cores(Work work) {
  std::thread threads[kCores];
  for (std::thread& thread : threads) thread = std::thread(work);
  for (std::thread& thread : threads) thread.join();
}

TEST(SharedSectionTest, one_core_at_a_time_is_in_it) {
  unsigned count = 0;
  on_all_cores([&] {
    for (unsigned i = 0; i < kTimes; ++i) {
      const SharedSection section;
      ++count;
    }
  });
  EXPECT_EQ(count, kCores * kTimes);
}

TEST(SharedSectionTest, a_pause_lets_others_in_and_comes_back) {
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
