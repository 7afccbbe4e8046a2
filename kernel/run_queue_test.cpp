// SPDX-License-Identifier: Apache-2.0
//
// RunQueue: order, and a random comparison with the plainest queue there is.
#include "test/fakes/host_prelude.hpp"

#include <deque>
#include <random>

#include "kernel/run_queue.hpp"

namespace kernel {
namespace {

base::Priority priority(unsigned value) { return base::Priority(static_cast<std::uint8_t>(value)); }

TEST(RunQueueTest, is_empty_at_first) {
  RunQueue queue;
  EXPECT_TRUE(queue.is_empty());
  EXPECT_EQ(queue.front(), nullptr);
  EXPECT_FALSE(queue.has_more_urgent_than(priority(0)));
}

TEST(RunQueueTest, gives_the_most_urgent_first_and_the_oldest_of_equals) {
  RunQueue queue;
  ReadyLink low, high_one, high_two, highest;
  queue.push_back(low, priority(0));
  queue.push_back(high_one, priority(40));
  queue.push_back(high_two, priority(40));
  queue.push_back(highest, priority(63));
  for (ReadyLink* expected : {&highest, &high_one, &high_two, &low}) {
    ASSERT_EQ(queue.front(), expected);
    queue.remove(*expected);
    EXPECT_FALSE(expected->is_queued());
  }
  EXPECT_TRUE(queue.is_empty());
}

TEST(RunQueueTest, takes_out_the_first_of_the_most_urgent) {
  RunQueue queue;
  ReadyLink low, high_one, high_two;
  queue.push_back(low, priority(0));
  queue.push_back(high_one, priority(63));
  queue.push_back(high_two, priority(63));
  for (ReadyLink* expected : {&high_one, &high_two, &low}) {
    ASSERT_EQ(&queue.pop_front(), expected);
    EXPECT_FALSE(expected->is_queued());
    EXPECT_EQ(expected->next, nullptr);
  }
  EXPECT_TRUE(queue.is_empty());
}

TEST(RunQueueTest, puts_a_preempted_thread_before_its_equals) {
  RunQueue queue;
  ReadyLink first, preempted;
  queue.push_back(first, priority(5));
  queue.push_front(preempted, priority(5));
  EXPECT_EQ(queue.front(), &preempted);
}

TEST(RunQueueTest, compares_urgency_strictly) {
  RunQueue queue;
  ReadyLink link;
  queue.push_back(link, priority(7));
  EXPECT_TRUE(queue.has_more_urgent_than(priority(6)));
  EXPECT_FALSE(queue.has_more_urgent_than(priority(7)));
  EXPECT_TRUE(queue.has(priority(7)));
  EXPECT_FALSE(queue.has(priority(6)));
}

TEST(RunQueueTest, ignores_the_removal_of_what_is_not_queued) {
  RunQueue queue;
  ReadyLink link;
  queue.remove(link);
  queue.push_back(link, priority(1));
  queue.remove(link);
  queue.remove(link);
  EXPECT_TRUE(queue.is_empty());
}

TEST(RunQueueTest, agrees_with_sixty_four_plain_queues) {
  std::mt19937 random(1);
  RunQueue queue;
  std::vector<ReadyLink> links(40);
  std::deque<ReadyLink*> model[64];
  for (int step = 0; step < 200000; ++step) {
    ReadyLink& link = links[random() % links.size()];
    const unsigned level = random() % 64;
    if (!queue.is_empty() && random() % 8 == 0) {
      std::deque<ReadyLink*>& first = model[queue.most_urgent().value()];
      ASSERT_EQ(&queue.pop_front(), first.front());
      first.pop_front();
    } else if (link.is_queued()) {
      std::erase(model[link.level], &link);
      queue.remove(link);
    } else if (random() % 4 == 0) {
      model[level].push_front(&link);
      queue.push_front(link, priority(level));
    } else {
      model[level].push_back(&link);
      queue.push_back(link, priority(level));
    }
    const ReadyLink* expected = nullptr;
    for (unsigned p = 0; p < 64; ++p) {
      ASSERT_EQ(queue.has(priority(p)), !model[p].empty());
      if (!model[p].empty()) expected = model[p].front();
    }
    ASSERT_EQ(queue.front(), expected);
  }
}

}  // namespace
}  // namespace kernel
