// SPDX-License-Identifier: Apache-2.0
//
// TimerQueue: earliest first, removal from anywhere, full capacity, and a random comparison with a sorted list.
#include "test/fakes/host_prelude.hpp"

#include <memory>
#include <random>
#include <set>

#include "kernel/timer_queue.hpp"

namespace kernel {
namespace {

using base::Ticks;

TEST(TimerQueueTest, has_no_earliest_when_empty) {
  const auto queue = std::make_unique<TimerQueue>();
  EXPECT_TRUE(queue->earliest().is_forever());
  EXPECT_EQ(queue->take_expired(Ticks(~std::uint64_t{0} - 1)), nullptr);
}

TEST(TimerQueueTest, does_not_queue_a_deadline_of_forever) {
  const auto queue = std::make_unique<TimerQueue>();
  TimerLink link;
  queue->insert(link, Ticks::forever());
  EXPECT_FALSE(link.is_timed());
  EXPECT_EQ(queue->size(), 0u);
}

TEST(TimerQueueTest, expires_at_the_deadline_and_not_before) {
  const auto queue = std::make_unique<TimerQueue>();
  TimerLink link;
  queue->insert(link, Ticks(100));
  EXPECT_EQ(queue->take_expired(Ticks(99)), nullptr);
  EXPECT_EQ(queue->take_expired(Ticks(100)), &link);
  EXPECT_FALSE(link.is_timed());
}

TEST(TimerQueueTest, holds_one_deadline_for_every_thread_there_can_be) {
  const auto queue = std::make_unique<TimerQueue>();
  std::vector<TimerLink> links(TimerQueue::kCapacity);
  for (std::size_t i = 0; i < links.size(); ++i) queue->insert(links[i], Ticks((i * 7919) % 5000));
  EXPECT_EQ(queue->size(), TimerQueue::kCapacity);
  Ticks last;
  while (TimerLink* const link = queue->take_expired(Ticks(5000))) {
    EXPECT_GE(link->deadline, last);
    last = link->deadline;
  }
  EXPECT_EQ(queue->size(), 0u);
}

TEST(TimerQueueTest, agrees_with_a_sorted_list) {
  std::mt19937_64 random(2);
  const auto queue = std::make_unique<TimerQueue>();
  std::vector<TimerLink> links(100);
  std::multiset<std::uint64_t> model;
  for (int step = 0; step < 200000; ++step) {
    TimerLink& link = links[random() % links.size()];
    if (link.is_timed()) {
      model.erase(model.find(link.deadline.value()));
      queue->remove(link);
    } else {
      const std::uint64_t deadline = random() % 1000;
      model.insert(deadline);
      queue->insert(link, Ticks(deadline));
    }
    if (step % 17 == 0) {
      const std::uint64_t now = random() % 1000;
      if (TimerLink* const expired = queue->take_expired(Ticks(now))) {
        ASSERT_EQ(expired->deadline.value(), *model.begin());
        ASSERT_LE(expired->deadline.value(), now);
        model.erase(model.begin());
      } else {
        ASSERT_TRUE(model.empty() || *model.begin() > now);
      }
    }
    ASSERT_EQ(queue->size(), model.size());
    ASSERT_EQ(queue->earliest().value(), model.empty() ? ~std::uint64_t{0} : *model.begin());
    for (const TimerLink& any : links) ASSERT_TRUE(!any.is_timed() || any.place < queue->size());
  }
}

}  // namespace
}  // namespace kernel
