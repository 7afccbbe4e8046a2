// SPDX-License-Identifier: Apache-2.0
//
// The loop of silos in C, over fake objects in virtual time.
#include "granary/loop.h"
#include "test/sdk/executor_world.hpp"

namespace granary {
namespace {

using sdk_host::FakeQueue;
using sdk_host::FakeWorld;

class LoopTest : public testing::Test {
 protected:
  FakeWorld world;
  granary_loop loop{};
  std::vector<std::string> log;

  /// What is called, and with what.
  struct Callback {
    LoopTest* test;
    std::function<void()> does;
  };
  std::deque<Callback> callbacks;
  void* calls(std::function<void()> does) { return &callbacks.emplace_back(Callback{this, std::move(does)}); }
  static void call(granary_loop*, void* context) { static_cast<Callback*>(context)->does(); }
};

TEST_F(LoopTest, objects_and_timers_call_their_functions) {
  FakeQueue one(world), two(world);
  const auto taker = [&](FakeQueue queue, std::string name) {
    return calls([this, queue, name] {
      const Result<int> got = queue.try_receive();
      log.push_back(name + (got.ok() ? std::to_string(*got) : got.error().name()));
      if (!got.ok()) {
        EXPECT_EQ(granary_loop_forget(&loop, queue.value()), GRANARY_OK);
      }
    });
  };
  EXPECT_EQ(granary_loop_watch(&loop, one.value(), GRANARY_EVENT_READABLE, call, taker(one, "one ")), GRANARY_OK);
  EXPECT_EQ(granary_loop_watch(&loop, two.value(), GRANARY_EVENT_READABLE, call, taker(two, "two ")), GRANARY_OK);
  EXPECT_EQ(granary_loop_every(&loop, 150, 0, call, calls([this] { log.push_back("once"); })), GRANARY_OK);
  world.at(100, [&] { two.put(2); });
  world.at(200, [&] { one.put(1), one.end(), two.end(); });
  EXPECT_EQ(granary_loop_run(&loop), GRANARY_OK);
  EXPECT_EQ(log, (std::vector<std::string>{"two 2", "once", "one 1", "two EPIPE", "one EPIPE"}));
}

TEST_F(LoopTest, a_period_does_not_drift_and_leaves_out_what_nobody_had_time_for) {
  std::vector<std::uint64_t> times;
  void* const context = calls([&] {
    times.push_back(world.now());
    if (times.size() == 2) world.sleep_until(6'500);  // it takes long, once
    if (times.size() == 4) granary_loop_stop(&loop);
  });
  EXPECT_EQ(granary_loop_every(&loop, 1'000, 1, call, context), GRANARY_OK);  // 1 us is 1000 ticks here
  EXPECT_EQ(granary_loop_run(&loop), GRANARY_OK);
  EXPECT_EQ(times, (std::vector<std::uint64_t>{1'000, 2'000, 6'500, 7'000}));
  EXPECT_EQ(granary_loop_cancel(&loop, call, context), GRANARY_OK);
  EXPECT_EQ(granary_loop_cancel(&loop, call, context), GRANARY_ENOENT);
  EXPECT_EQ(granary_loop_run(&loop), GRANARY_OK) << "nothing is left";
}

TEST_F(LoopTest, what_cannot_be_watched_is_refused) {
  FakeQueue queue(world);
  void* const nothing = calls([] {});
  EXPECT_EQ(granary_loop_watch(&loop, 0, GRANARY_EVENT_READABLE, call, nothing), GRANARY_EINVAL);
  EXPECT_EQ(granary_loop_watch(&loop, queue.value(), 0, call, nothing), GRANARY_EINVAL);
  EXPECT_EQ(granary_loop_watch(&loop, queue.value(), 4, call, nothing), GRANARY_EINVAL);
  EXPECT_EQ(granary_loop_watch(&loop, queue.value(), 1, nullptr, nothing), GRANARY_EINVAL);
  EXPECT_EQ(granary_loop_every(&loop, 1, 1, nullptr, nothing), GRANARY_EINVAL);
  EXPECT_EQ(granary_loop_watch(&loop, queue.value(), 1, call, nothing), GRANARY_OK);
  EXPECT_EQ(granary_loop_watch(&loop, queue.value(), 1, call, nothing), GRANARY_EEXIST);
  EXPECT_EQ(granary_loop_forget(&loop, 0x4440), GRANARY_ENOENT);
  for (int i = 0; i < 7; ++i)
    EXPECT_EQ(granary_loop_watch(&loop, FakeQueue(world).value(), 1, call, nothing), GRANARY_OK);
  EXPECT_EQ(granary_loop_watch(&loop, FakeQueue(world).value(), 1, call, nothing), GRANARY_ENOSPC);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(granary_loop_every(&loop, 1, 1, call, nothing), GRANARY_OK);
  EXPECT_EQ(granary_loop_every(&loop, 1, 1, call, nothing), GRANARY_ENOSPC);
}

TEST_F(LoopTest, a_function_may_forget_another_that_is_ready_too) {
  FakeQueue one(world), two(world);
  one.put(1), two.put(2);
  void* const first = calls([&] {
    log.push_back("first");
    EXPECT_EQ(granary_loop_forget(&loop, two.value()), GRANARY_OK);
    EXPECT_EQ(granary_loop_forget(&loop, one.value()), GRANARY_OK);
  });
  EXPECT_EQ(granary_loop_watch(&loop, one.value(), 1, call, first), GRANARY_OK);
  EXPECT_EQ(granary_loop_watch(&loop, two.value(), 1, call, calls([&] { log.push_back("second"); })), GRANARY_OK);
  EXPECT_EQ(granary_loop_run(&loop), GRANARY_OK);
  EXPECT_EQ(log, std::vector<std::string>{"first"});
}

TEST_F(LoopTest, a_wait_that_fails_says_why) {
  FakeQueue queue(world);
  EXPECT_EQ(granary_loop_watch(&loop, queue.value(), 1, call, calls([] {})), GRANARY_OK);
  world.at(100, [&] { queue.break_handle(); });
  EXPECT_EQ(granary_loop_run(&loop), GRANARY_EBADF);
}

}  // namespace
}  // namespace granary
