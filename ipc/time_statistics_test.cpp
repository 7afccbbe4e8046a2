// SPDX-License-Identifier: Apache-2.0
//
// Times of calls: the statistics by themselves, and the port that keeps them against a reference over random sequences
// of calls, replies, deadlines and deaths.
#include "test/fakes/ipc_world.hpp"

#include <deque>
#include <memory>
#include <random>

#include "ipc/time_statistics.hpp"

namespace ipc {
namespace {

base::Ticks at(std::uint64_t ticks) { return base::Ticks(ticks); }

TEST(TimeStatisticsTest, D9_counts_shortest_longest_sum_and_buckets) {
  TimeStatistics times;
  EXPECT_EQ(times.shortest(), 0u);
  for (const std::uint64_t length : {5u, 1000u, 0u, 7u, 8u}) times.add(at(10), at(10 + length));
  EXPECT_EQ(times.count(), 5u);
  EXPECT_EQ(times.shortest(), 0u);
  EXPECT_EQ(times.longest(), 1000u);
  EXPECT_EQ(times.sum(), 1020u);
  EXPECT_EQ(times.bucket(0), 1u);
  EXPECT_EQ(times.bucket(2), 2u);
  EXPECT_EQ(times.bucket(3), 1u);
  EXPECT_EQ(times.bucket(9), 1u);
  EXPECT_EQ(times.bucket(40), 0u);
}

TEST(TimeStatisticsTest, D9_an_unknown_time_is_no_time_and_none_is_negative) {
  TimeStatistics times;
  times.add(at(0), at(5));
  times.add(at(5), at(0));
  EXPECT_EQ(times.count(), 0u);
  times.add(at(9), at(5));
  EXPECT_EQ(times.longest(), 0u);
  EXPECT_EQ(times.count(), 1u);
}

TEST(TimeStatisticsTest, D9_the_longest_times_share_the_last_bucket) {
  TimeStatistics times;
  times.add(at(1), at(~std::uint64_t{0}));
  times.add(at(1), at(1 + (std::uint64_t{1} << 39)));
  EXPECT_EQ(times.bucket(39), 2u);
}

struct CallTimesTest : fakes::IpcWorld {
  CallTimesTest() : port(make_port()) {}
  ~CallTimesTest() override {
    for (Party* party : {&server, &one, &two}) party_dies(*party, wakes);
    end_port(*port);
    while (wakes.pop_front() != nullptr) {
    }
  }
  Outcome call(Party& caller, std::uint64_t now) {
    return port->call(fakes::nothing_held(), caller, fakes::message_of(1), 0, wakes, at(now));
  }
  std::uint64_t take(std::uint64_t now) {
    EXPECT_EQ(port->receive(fakes::nothing_held(), server, kDoNotBlock, wakes, at(now)), kCompleted);
    return got(server).token;
  }
  void answer(std::uint64_t token, std::uint64_t now) {
    static_cast<void>(reply(server, token, fakes::message_of(2), wakes, at(now)));
    while (wakes.pop_front() != nullptr) {
    }
  }
  std::unique_ptr<Port> port;
  Party server, one, two;
};

TEST_F(CallTimesTest, D9_service_time_is_apart_from_waiting_time) {
  static_cast<void>(call(one, 100));
  answer(take(160), 165);
  EXPECT_EQ(port->waiting_times().sum(), 60u);
  EXPECT_EQ(port->service_times().sum(), 5u);
}

TEST_F(CallTimesTest, D9_a_call_to_a_waiting_server_does_not_wait) {
  static_cast<void>(port->receive(fakes::nothing_held(), server, kMayBlock, wakes, at(10)));
  static_cast<void>(call(one, 500));
  EXPECT_EQ(woken(), &server);
  answer(got(server).token, 540);
  EXPECT_EQ(port->waiting_times().count(), 1u);
  EXPECT_EQ(port->waiting_times().sum(), 0u) << "how long the server waited is nobody's waiting time";
  EXPECT_EQ(port->service_times().sum(), 40u);
}

TEST_F(CallTimesTest, D9_answers_out_of_order_are_timed_each_by_its_own_call) {
  static_cast<void>(call(one, 100));
  static_cast<void>(call(two, 110));
  const std::uint64_t first = take(120), second = take(130);
  answer(second, 135);
  answer(first, 220);
  EXPECT_EQ(port->service_times().shortest(), 5u);
  EXPECT_EQ(port->service_times().longest(), 100u);
}

TEST_F(CallTimesTest, D9_a_call_that_ends_by_a_deadline_has_no_service_time) {
  static_cast<void>(call(one, 100));
  const std::uint64_t token = take(120);
  cancel(one, base::Error::ETIMEDOUT);
  answer(token, 150);
  EXPECT_EQ(port->service_times().count(), 0u);
  EXPECT_EQ(port->waiting_times().count(), 1u);
  EXPECT_EQ(port->statistics().replies_lost, 1u);
}

TEST_F(CallTimesTest, D9_a_call_that_is_never_taken_has_no_time_at_all) {
  static_cast<void>(call(one, 100));
  cancel(one, base::Error::ETIMEDOUT);
  EXPECT_EQ(port->waiting_times().count(), 0u);
}

TEST_F(CallTimesTest, D9_the_death_of_the_server_makes_no_service_time) {
  static_cast<void>(call(one, 100));
  take(110);
  party_dies(server, wakes);
  EXPECT_EQ(woken(), &one);
  EXPECT_EQ(port->service_times().count(), 0u);
}

TEST_F(CallTimesTest, D9_a_send_has_no_times) {
  static_cast<void>(port->send(fakes::nothing_held(), one, fakes::message_of(1), 0, kDoNotBlock, wakes));
  take(50);
  EXPECT_EQ(port->waiting_times().count(), 0u);
}

TEST_F(CallTimesTest, D9_random_sequences_agree_with_a_reference) {
  std::mt19937 random(9);
  std::vector<std::unique_ptr<Party>> callers;
  for (int i = 0; i < 12; ++i) callers.push_back(std::make_unique<Party>());
  TimeStatistics service, waiting;
  struct Taken {
    Party* caller;
    std::uint64_t token, since;
    bool alive;
  };
  std::vector<Taken> taken;
  std::deque<std::pair<Party*, std::uint64_t>> queued;
  std::uint64_t now = 1;
  for (int step = 0; step < 50'000; ++step) {
    now += random() % 5000;
    Party& caller = *callers[random() % callers.size()];
    switch (random() % 4) {
      case 0:
        if (caller.waiting != Waiting::Nothing) break;
        static_cast<void>(call(caller, now));
        queued.emplace_back(&caller, now);
        break;
      case 1:
        if (queued.empty()) break;
        taken.push_back({queued.front().first, take(now), now, true});
        waiting.add(at(queued.front().second), at(now));
        queued.pop_front();
        break;
      case 2: {
        if (taken.empty()) break;
        const std::size_t which = random() % taken.size();
        answer(taken[which].token, now);
        if (taken[which].alive) service.add(at(taken[which].since), at(now));
        taken.erase(taken.begin() + static_cast<std::ptrdiff_t>(which));
        break;
      }
      default:
        if (random() % 4 != 0) break;
        cancel(caller, base::Error::ETIMEDOUT);
        std::erase_if(queued, [&](const auto& entry) { return entry.first == &caller; });
        for (Taken& entry : taken) {
          if (entry.caller == &caller) entry.alive = false;
        }
    }
  }
  for (const auto& [real, wanted] : {std::pair{&port->service_times(), &service}, {&port->waiting_times(), &waiting}}) {
    EXPECT_GT(wanted->count(), 100u);
    EXPECT_EQ(real->count(), wanted->count());
    EXPECT_EQ(real->sum(), wanted->sum());
    EXPECT_EQ(real->shortest(), wanted->shortest());
    EXPECT_EQ(real->longest(), wanted->longest());
    for (unsigned i = 0; i < TimeStatistics::kBuckets; ++i) EXPECT_EQ(real->bucket(i), wanted->bucket(i)) << i;
  }
  for (const auto& caller : callers) party_dies(*caller, wakes);
}

}  // namespace
}  // namespace ipc
