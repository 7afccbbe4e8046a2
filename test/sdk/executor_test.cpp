// SPDX-License-Identifier: Apache-2.0
//
// Executor and Task over fake objects: who goes on when, in which order, until when; frames without a heap.
#include "test/sdk/executor_world.hpp"

namespace granary {
namespace {

using namespace std::chrono_literals;
using sdk_host::FakeBits;
using sdk_host::FakeQueue;
using sdk_host::FakeWorld;
using Log = std::vector<std::string>;

Task take_all(Executor& executor, FakeQueue queue, Log& log, std::string name) {
  for (;;) {
    const Result<int> got = co_await executor.receive(queue);
    if (!got) {
      log.push_back(name + " " + got.error().name());
      co_return;
    }
    log.push_back(name + " " + std::to_string(*got));
  }
}

Task sleep_and_say(Executor& executor, Deadline deadline, Log& log, std::string name) {
  co_await executor.sleep(deadline);
  log.push_back(std::move(name));
}

class ExecutorTest : public testing::Test {
 protected:
  FakeWorld world;
  StaticExecutor<4, 1024> executor;
  Log log;
};

TEST_F(ExecutorTest, tasks_wait_for_different_objects_and_each_gets_its_own) {
  FakeQueue one(world), two(world);
  executor.start(take_all(executor, one, log, "one")).value();
  executor.start(take_all(executor, two, log, "two")).value();
  world.at(100, [&] { two.put(7); });
  world.at(200, [&] { one.put(8); });
  world.at(300, [&] { one.end(); });
  world.at(400, [&] { two.end(); });
  executor.run().value();
  EXPECT_EQ(log, (Log{"two 7", "one 8", "one EPIPE", "two EPIPE"}));
  EXPECT_EQ(executor.tasks(), 0u);
}

TEST_F(ExecutorTest, tasks_at_one_object_are_served_in_their_order) {
  FakeQueue queue(world);
  const auto once = [&](Executor& executor, std::string name) -> Task {
    const Result<int> got = co_await executor.receive(queue);
    log.push_back(name + std::to_string(*got));
  };
  executor.start(once(executor, "a")).value();
  executor.start(once(executor, "b")).value();
  executor.start(once(executor, "c")).value();
  world.at(100, [&] { queue.put(1), queue.put(2); });
  world.at(200, [&] { queue.put(3); });
  executor.run().value();
  EXPECT_EQ(log, (Log{"a1", "b2", "c3"}));
}

TEST_F(ExecutorTest, sleepers_wake_in_the_order_of_their_deadlines) {
  executor.start(sleep_and_say(executor, Deadline::from_ticks(300), log, "late")).value();
  executor.start(sleep_and_say(executor, Deadline::from_ticks(100), log, "early")).value();
  executor.start(sleep_and_say(executor, Deadline::from_ticks(1), log, "past")).value();
  executor.run().value();
  EXPECT_EQ(log, (Log{"past", "early", "late"}));
  EXPECT_GE(world.now(), 300u);
}

TEST_F(ExecutorTest, a_deadline_ends_a_wait_and_not_before_it) {
  FakeQueue queue(world);
  std::uint64_t when = 0;
  const auto limited = [&](Executor& executor) -> Task {
    const Result<int> got = co_await executor.receive(queue, Deadline::from_ticks(500));
    log.push_back(got.error().name());
    when = world.now();
    const auto at_once = co_await executor.receive(queue, do_not_block);
    log.push_back(at_once.error().name());
  };
  executor.start(limited(executor)).value();
  executor.run().value();
  EXPECT_EQ(log, (Log{"ETIMEDOUT", "EAGAIN"}));
  EXPECT_GE(when, 500u);
}

TEST_F(ExecutorTest, what_is_there_at_the_deadline_is_taken) {
  FakeQueue queue(world);
  const auto limited = [&](Executor& executor) -> Task {
    const Result<int> got = co_await executor.receive(queue, Deadline::from_ticks(500));
    log.push_back(std::to_string(got.value()));
  };
  executor.start(limited(executor)).value();
  world.at(500, [&] { queue.put(5); });
  executor.run().value();
  EXPECT_EQ(log, (Log{"5"}));
}

TEST_F(ExecutorTest, another_thread_may_be_quicker) {
  FakeQueue queue(world);
  executor.start(take_all(executor, queue, log, "q")).value();
  world.at(100, [&] { queue.put(1), queue.steal(); });
  world.at(200, [&] { queue.put(2); });
  world.at(300, [&] { queue.end(); });
  executor.run().value();
  EXPECT_EQ(log, (Log{"q 2", "q EPIPE"}));
}

TEST_F(ExecutorTest, bits_of_a_notification_go_to_the_task_that_asked_for_them_and_none_is_lost) {
  FakeBits bits(world);
  const auto wait_for = [&](Executor& executor, std::uint64_t mask, std::string name) -> Task {
    const auto got = co_await executor.bits(bits, mask);
    log.push_back(name + std::to_string(got.value()));
  };
  executor.start(wait_for(executor, 0b0001, "a")).value();
  executor.start(wait_for(executor, 0b0110, "b")).value();
  world.at(100, [&] { bits.set(0b1110); });  // nobody wants bit 3 yet
  world.at(200, [&] { bits.set(0b0001); });
  executor.run().value();
  EXPECT_EQ(log, (Log{"b6", "a1"}));
  executor.start(wait_for(executor, 0b1000, "c")).value();
  executor.run().value();
  EXPECT_EQ(log.back(), "c8");
}

TEST_F(ExecutorTest, bits_that_one_task_takes_wake_another_that_waits_for_them_already) {
  FakeBits bits(world);
  FakeQueue start(world);
  const auto early = [&](Executor& executor) -> Task {
    const auto got = co_await executor.bits(bits, 0b01);
    log.push_back("early" + std::to_string(got.value()));
  };
  const auto late = [&](Executor& executor) -> Task {  // looks while bit 0 is set and the other task waits for it
    const auto begun = co_await executor.receive(start);
    begun.value();
    bits.set(0b01);
    const auto got = co_await executor.bits(bits, 0b10, Deadline::from_ticks(900));
    log.push_back(got.ok() ? "late" : got.error().name());
  };
  executor.start(early(executor)).value();
  executor.start(late(executor)).value();
  world.at(100, [&] { start.put(1); });
  executor.run().value();
  EXPECT_EQ(log, (Log{"early1", "ETIMEDOUT"}));
  EXPECT_LT(world.waits(), 10u) << "and it does not spin";
}

TEST_F(ExecutorTest, bits_that_nobody_wants_do_not_keep_the_processor_busy) {
  FakeBits bits(world);
  const auto wait_for = [&](Executor& executor) -> Task {
    const auto got = co_await executor.bits(bits, 0b01);
    got.value();
  };
  executor.start(wait_for(executor)).value();
  world.at(100, [&] { bits.set(0b10); });
  world.at(5000, [&] { bits.set(0b01); });
  executor.run().value();
  EXPECT_LT(world.waits(), 8u);
}

TEST_F(ExecutorTest, a_busy_object_does_not_starve_the_others) {
  FakeQueue endless(world);
  endless.refill_for_ever();
  bool stop = false;
  int taken = 0;
  const auto greedy = [&](Executor& executor) -> Task {
    while (!stop) {
      const auto got = co_await executor.receive(endless);
      got.value();
      ++taken;
    }
  };
  executor.start(greedy(executor)).value();
  const auto modest = [&](Executor& executor) -> Task {
    for (int i = 0; i < 3; ++i) co_await executor.yield();
    stop = true;
  };
  executor.start(modest(executor)).value();
  executor.run().value();
  EXPECT_LE(taken, 100);
  EXPECT_GE(taken, 3);
}

TEST_F(ExecutorTest, a_task_can_wait_for_another) {
  FakeQueue queue(world);
  const auto part = [&](Executor& executor, int& sum) -> Task {
    const auto got = co_await executor.receive(queue);
    sum += got.value();
  };
  const auto whole = [&](Executor& executor) -> Task {
    int sum = 0;
    const auto first = co_await part(executor, sum);
    first.value();
    const auto second = co_await part(executor, sum);
    second.value();
    log.push_back(std::to_string(sum));
  };
  executor.start(whole(executor)).value();
  world.at(100, [&] { queue.put(30); });
  world.at(200, [&] { queue.put(12); });
  executor.run().value();
  EXPECT_EQ(log, (Log{"42"}));
}

TEST_F(ExecutorTest, more_tasks_than_frames_is_an_error_that_says_so) {
  FakeQueue queue(world);
  for (int i = 0; i < 4; ++i) executor.start(take_all(executor, queue, log, "t")).value();
  testing::internal::CaptureStderr();
  const Result<void> fifth = executor.start(take_all(executor, queue, log, "t"));
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "executor: no frame is left for a task: give it more of them, StaticExecutor<TASKS, 1024>\n");
  ASSERT_FALSE(fifth.ok());
  EXPECT_EQ(fifth.error(), kNoMemory);
  executor.clear();
  EXPECT_TRUE(executor.start(take_all(executor, queue, log, "t")).ok()) << "frames come back";
}

TEST_F(ExecutorTest, a_frame_that_is_too_large_is_an_error_that_says_how_large) {
  StaticExecutor<2, 64> small;
  FakeQueue queue(world);
  testing::internal::CaptureStderr();
  EXPECT_EQ(small.start(take_all(small, queue, log, "t")).error(), kNoMemory);
  const std::string said = testing::internal::GetCapturedStderr();
  const std::size_t rounded = (small.largest_frame() + 15) / 16 * 16;
  EXPECT_EQ(said, "executor: a task needs a frame of " + std::to_string(small.largest_frame()) +
                      " bytes, and those of this executor have 64: make it StaticExecutor<TASKS, " +
                      std::to_string(rounded) + ">\n");
}

TEST_F(ExecutorTest, a_part_without_a_frame_is_an_error_of_the_one_who_waits) {
  StaticExecutor<1, 1024> one;
  const auto part = [](Executor&) -> Task { co_return; };
  const auto whole = [&](Executor& executor) -> Task {
    const auto got = co_await part(executor);
    log.push_back(got.error().name());
  };
  testing::internal::CaptureStderr();
  one.start(whole(one)).value();
  one.run().value();
  EXPECT_NE(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(log, (Log{"ENOMEM"}));
}

TEST_F(ExecutorTest, frames_are_used_again_without_end) {
  const auto nothing = [](Executor&) -> Task { co_return; };
  for (int i = 0; i < 1000; ++i) {
    executor.start(nothing(executor)).value();
    executor.start(nothing(executor)).value();
    executor.run().value();
  }
}

TEST_F(ExecutorTest, a_task_that_is_dropped_never_runs_and_gives_its_frame_back) {
  StaticExecutor<1, 1024> one;
  for (int i = 0; i < 3; ++i) {
    const Task dropped = sleep_and_say(one, Deadline::from_ticks(1), log, "ran");
    EXPECT_TRUE(static_cast<bool>(dropped));
  }
  one.run().value();
  EXPECT_EQ(log, Log{});
}

TEST_F(ExecutorTest, a_ninth_object_has_no_place) {
  StaticExecutor<9, 1024> nine;
  std::deque<FakeQueue> queues;
  for (int i = 0; i < 9; ++i) nine.start(take_all(nine, queues.emplace_back(world), log, std::to_string(i))).value();
  for (std::size_t i = 0; i < 8; ++i) world.at(100 + i, [&queues, i] { queues[i].end(); });
  nine.run().value();
  ASSERT_EQ(log.size(), 9u);
  EXPECT_EQ(log[0], "8 ENOSPC");
  EXPECT_EQ(log[8], "7 EPIPE");
}

TEST_F(ExecutorTest, a_handle_that_is_bad_is_told_to_the_task_that_waits_for_it_alone) {
  FakeQueue good(world), bad(world);
  executor.start(take_all(executor, good, log, "good")).value();
  executor.start(take_all(executor, bad, log, "bad")).value();
  world.at(100, [&] { bad.break_handle(); });
  world.at(200, [&] { good.put(1); });
  world.at(300, [&] { good.end(); });
  executor.run().value();
  EXPECT_EQ(log, (Log{"bad EBADF", "good 1", "good EPIPE"}));
}

TEST_F(ExecutorTest, an_error_that_no_task_can_be_told_ends_the_run) {
  FakeQueue queue(world);
  executor.start(take_all(executor, queue, log, "q")).value();
  world.fails_with = kNoSuchCall;
  const Result<void> ran = executor.run();
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error(), kNoSuchCall);
  EXPECT_EQ(executor.tasks(), 1u);
}

TEST_F(ExecutorTest, stop_leaves_the_tasks_as_they_are) {
  FakeQueue queue(world);
  const auto stopper = [&](Executor& executor) -> Task {
    log.push_back("stop");
    executor.stop();
    co_await executor.yield();
    log.push_back("on");
  };
  executor.start(stopper(executor)).value();
  executor.start(take_all(executor, queue, log, "q")).value();
  executor.run().value();
  EXPECT_EQ(log, (Log{"stop"}));
  EXPECT_EQ(executor.tasks(), 2u);
  queue.put(3), queue.end();
  executor.run().value();
  EXPECT_EQ(log, (Log{"stop", "q 3", "q EPIPE", "on"}));
}

TEST_F(ExecutorTest, one_round_waits_no_longer_than_it_is_told) {
  FakeQueue queue(world);
  executor.start(take_all(executor, queue, log, "q")).value();
  EXPECT_TRUE(executor.run_once().value()) << "it begins, and waits";
  EXPECT_TRUE(executor.run_once(Deadline::from_ticks(70)).value());
  EXPECT_GE(world.now(), 70u);
  EXPECT_EQ(log, Log{});
}

TEST_F(ExecutorTest, sending_waits_for_room) {
  FakeQueue queue(world);
  queue.make_room(1);
  const auto sender = [&](Executor& executor) -> Task {
    for (std::uint64_t i = 1; i < 4; ++i) {
      const auto got = co_await executor.send(queue, Message{.opcode = i});
      got.value();
      log.push_back("sent " + std::to_string(i));
    }
  };
  executor.start(sender(executor)).value();
  world.at(100, [&] { queue.make_room(1); });
  world.at(200, [&] { queue.make_room(1); });
  executor.run().value();
  EXPECT_EQ(log, (Log{"sent 1", "sent 2", "sent 3"}));
  EXPECT_GE(world.now(), 200u);
}

template <typename Waited>
concept CanBeAskedWithoutAName = requires(Waited (*wait)()) {
  wait().ok();
}
|| requires(Waited (*wait)()) { !wait(); }
|| requires(Waited (*wait)()) { wait().value(); }
|| requires(Waited (*wait)()) { wait()->size(); }
|| requires(Waited (*wait)()) { wait().error(); };

// GCC 12 miscompiles co_await in a condition: task.hpp.
TEST_F(ExecutorTest, what_a_wait_gives_needs_a_name_before_it_is_looked_at) {
  EXPECT_FALSE(CanBeAskedWithoutAName<detail::Awaited<std::string>>);
  EXPECT_TRUE(CanBeAskedWithoutAName<Result<std::string>>);
  const detail::Awaited<std::string> named(Result<std::string>(std::string("abc")));
  EXPECT_TRUE(named.ok() && named && named->size() == 3 && *named == "abc" && named.value() == "abc");
}

TEST_F(ExecutorTest, the_end_of_an_executor_is_the_end_of_its_tasks) {
  struct Trace {
    Log& log;
    ~Trace() { log.push_back("destroyed"); }
  };
  FakeQueue queue(world);
  {
    StaticExecutor<2, 1024> short_lived;
    const auto part = [&](Executor& executor) -> Task {
      Trace trace{log};
      const auto got = co_await executor.receive(queue);
      got.value();
    };
    const auto whole = [&](Executor& executor) -> Task {
      Trace trace{log};
      const auto got = co_await part(executor);
      got.value();
    };
    short_lived.start(whole(short_lived)).value();
    short_lived.run_once().value();
  }
  EXPECT_EQ(log, (Log{"destroyed", "destroyed"}));
}

}  // namespace
}  // namespace granary
