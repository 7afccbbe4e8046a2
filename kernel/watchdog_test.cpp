// SPDX-License-Identifier: Apache-2.0
//
// Watchdogs: who is caught and when, who never is, whatever the way of waiting, and what a sleeping core does.
#include "kernel/watchdog.hpp"

#include "kernel/audit.hpp"
#include "kernel/cpu_time.hpp"
#include "test/fakes/direct_world.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Error;
using base::Ticks;

constexpr std::uint64_t kMillisecond = 62'500;
constexpr std::uint64_t kTime = 10 * kMillisecond;  ///< of each watchdog here

struct WatchdogWorld : fakes::KernelWorld {
  explicit WatchdogWorld() { fakes::set_now(1'000'000); }
  Thread& add_watched(std::string_view name, std::uint8_t priority) {
    watchdog = 10'000;
    Thread& thread = add_program(name, priority);
    watchdog = 0;
    return thread;
  }
  void sleep_until_the_second_look() { call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 2 * kTime}); }
  static bool is_caught(const Thread& thread) {
    return thread.silo().state() == abi::SiloState::Faulted &&
           thread.silo().fault_record().report.cause == port::FaultCause::Watchdog;
  }
  /// Time passes, with the timer's interrupts as they come.
  void run(std::uint64_t ticks) {
    for (const std::uint64_t end = clock() + ticks; clock() < end;) {
      const std::uint64_t armed = fakes::armed_timer().value();
      pass(armed > clock() && armed < end ? armed - clock() : end - clock());
    }
  }
};

TEST_F(WatchdogWorld, a_silo_that_loops_from_the_beginning_is_caught_at_the_second_look) {
  Thread& hung = add_watched("hung", 9);
  Thread& other = add_program("other", 5);
  start();
  ASSERT_TRUE(is_running(hung));
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + kTime));
  hung.program_counter = 0x10004;
  run(2 * kTime - 1);
  EXPECT_TRUE(is_running(hung));
  run(1);
  EXPECT_TRUE(is_running(other));
  EXPECT_TRUE(is_caught(hung));
  EXPECT_EQ(hung.silo().fault_record().report.program_counter, 0x10004u);
  EXPECT_EQ(hung.state(), ThreadState::Dead);
  const std::string printed = console();
  EXPECT_NE(printed.find("silo hung stopped: thread hung: its watchdog: it has neither waited nor kicked in time"),
            std::string::npos)
      << printed;
  EXPECT_NE(printed.find("at pc 0x10004"), std::string::npos) << printed;
  // What is printed about it goes out.
  for (int i = 0; i < 100 && !fakes::armed_timer().is_forever(); ++i) run(kTime / 10);
  EXPECT_TRUE(fakes::armed_timer().is_forever()) << "a stopped silo has no timer";
}

/// How often it has slept before.
struct WatchdogMoments : WatchdogWorld, testing::WithParamInterface<int> {};

TEST_P(WatchdogMoments, whenever_a_silo_begins_to_loop_it_is_caught_within_twice_its_time) {
  Thread& hung = add_watched("hung", 9);
  Thread& other = add_program("other", 5);
  start();
  for (int i = 0; i < GetParam(); ++i) {
    run(kMillisecond);
    call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
    ASSERT_TRUE(is_running(other));
    run(1000);
    ASSERT_TRUE(is_running(hung));
  }
  const std::uint64_t since = clock();
  while (!is_caught(hung) && clock() - since <= 3 * kTime) run(kMillisecond / 10);
  EXPECT_TRUE(is_caught(hung));
  EXPECT_LE(clock() - since, 2 * kTime);
  EXPECT_GE(clock() - since, kTime);
}
INSTANTIATE_TEST_SUITE_P(all, WatchdogMoments, testing::Range(0, 30));

TEST_F(WatchdogWorld, one_that_waits_at_the_last_moment_each_time_is_never_caught) {
  Thread& watched = add_watched("watched", 9);
  Thread& other = add_program("other", 5);
  start();
  for (int i = 0; i < 50; ++i) {
    run(kTime - 100);
    call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
    ASSERT_TRUE(is_running(other));
    run(100);
    ASSERT_TRUE(is_running(watched)) << i;
  }
}

TEST_F(WatchdogWorld, one_that_waits_all_the_time_is_not_even_looked_at_while_the_core_sleeps) {
  Thread& watched = add_watched("watched", 9);
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000 * kTime});
  EXPECT_TRUE(is_running(watched)) << "the core slept";
  EXPECT_EQ(fakes::sleeps(), 1u) << "and nothing woke it in between";
  // The look is late, and comes now.
  interrupt();
  ASSERT_TRUE(is_running(watched));
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + kTime));
}

TEST_F(WatchdogWorld, one_that_was_woken_after_a_long_wait_has_its_time) {
  Thread& watched = add_watched("watched", 9);
  add_program("other", 5);
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 5 * kTime + kTime / 2});
  run(5 * kTime + kTime / 2);
  ASSERT_TRUE(is_running(watched));
  run(kTime - 1);
  EXPECT_FALSE(is_caught(watched)) << "it was blocked when its core looked last";
  run(kTime);
  EXPECT_TRUE(is_caught(watched));
}

TEST_F(WatchdogWorld, kicking_is_as_good_as_waiting) {
  Thread& watched = add_watched("watched", 9);
  Thread& other = add_program("other", 5);
  start();
  for (int i = 0; i < 50; ++i) {
    run(kTime - 1);
    EXPECT_EQ(status_of(SystemCall::SILO_KICK), 0);
    expect_clean(watched);
    ASSERT_TRUE(is_running(watched)) << i;
  }
  run(2 * kTime);
  EXPECT_TRUE(is_running(other));
  EXPECT_EQ(status_of(SystemCall::SILO_KICK), 0) << "without a watchdog it is in vain";
}

TEST_F(WatchdogWorld, calls_that_do_not_wait_are_no_evidence) {
  Thread& watched = add_watched("watched", 9);
  const std::uint64_t channel = grant(watched, abi::ObjectType::Channel, add_channel("channel", 2),
                                      {abi::Right::ChannelSend, abi::Right::ChannelReceive}, 0, 0);
  add_program("other", 5);
  tries_fast_path = true;
  start();
  for (const std::uint64_t end = clock() + 2 * kTime; clock() < end && is_running(watched);) {
    call(SystemCall::YIELD);
    call(SystemCall::NULL_CALL);
    call(SystemCall::SLEEP_UNTIL, {.deadline = 0});
    call(SystemCall::SLEEP_UNTIL, {.deadline = clock() - 1});
    call(SystemCall::CHAN_RECV, {.handle = channel, .deadline = clock() - 1});
    call(SystemCall::CHAN_TRY_RECV, {.handle = channel});
    call(SystemCall::CHAN_SEND, {.handle = channel, .deadline = 0});
    wait_instruction();
    run(kMillisecond / 3);
  }
  EXPECT_TRUE(is_caught(watched));
}

TEST_F(WatchdogWorld, one_thread_that_waits_is_enough) {
  Thread& watched = add_watched("watched", 9);
  Thread& helper = add_thread(watched.silo().id, "helper", 10);
  add_program("other", 5);
  start();
  ASSERT_TRUE(is_running(helper));
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  run(10 * kTime);
  EXPECT_TRUE(is_running(watched));
}

TEST_F(WatchdogWorld, of_several_the_one_that_runs_is_named) {
  Thread& watched = add_watched("watched", 9);
  Thread& helper = add_thread(watched.silo().id, "helper", 5);
  add_program("other", 1);
  start();
  run(2 * kTime);
  EXPECT_TRUE(is_caught(watched));
  EXPECT_EQ(watched.silo().fault_record().thread.view(), watched.name());
  EXPECT_EQ(helper.state(), ThreadState::Dead);
}

TEST_F(WatchdogWorld, a_starved_silo_is_caught_and_the_most_urgent_of_its_threads_named) {
  Thread& starved = add_watched("starved", 3);
  Thread& worse = add_thread(starved.silo().id, "worse", 4);
  Thread& hog = add_program("hog", 9);
  start();
  ASSERT_TRUE(is_running(hog));
  run(2 * kTime);
  EXPECT_TRUE(is_running(hog)) << "which goes on";
  EXPECT_TRUE(is_caught(starved));
  EXPECT_EQ(starved.silo().fault_record().thread.view(), worse.name());
}

TEST_F(WatchdogWorld, whoever_is_more_urgent_runs_before_the_rest_of_a_stop_and_the_stopped_one_never) {
  Thread& hung = add_watched("hung", 9);
  Thread& urgent = add_program("urgent", 20);
  add_program("other", 5);
  start();
  ASSERT_TRUE(is_running(urgent));
  sleep_until_the_second_look();
  ASSERT_TRUE(is_running(hung));
  run(2 * kTime);
  ASSERT_TRUE(is_running(urgent));
  EXPECT_TRUE(is_caught(hung));
  EXPECT_EQ(hung.state(), ThreadState::Ending);
  EXPECT_FALSE(hung.ReadyLink::is_queued());
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  EXPECT_EQ(hung.state(), ThreadState::Dead);
}

TEST_F(WatchdogWorld, its_stop_is_in_the_audit) {
  Thread& hung = add_watched("hung", 9);
  Thread& other = add_program("other", 5);
  grant(other, abi::ObjectType::Audit, 0, {abi::Right::AuditRead});
  start();
  while (take_audit_record()) {
  }
  run(2 * kTime);
  const auto record = take_audit_record();
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(static_cast<std::uint32_t>(record->subject), hung.silo().id.value());
  EXPECT_EQ(record->what, static_cast<std::uint64_t>(abi::AuditLife::Faulted));
  EXPECT_EQ(record->detail, static_cast<std::uint64_t>(abi::FaultKind::Watchdog));
}

TEST_F(WatchdogWorld, a_silo_that_is_started_again_begins_anew) {
  restart = {.mode = abi::RestartMode::Always};
  Thread& hung = add_watched("hung", 9);
  restart = {};
  add_program("other", 5);
  start();
  run(2 * kTime);
  while (hung.silo().life.restarts == 0) run(kMillisecond);
  EXPECT_EQ(hung.silo().state(), abi::SiloState::Running);
  const std::uint64_t since = hung.silo().life.started.value();
  while (hung.silo().life.restarts == 1 && hung.silo().state() == abi::SiloState::Running) run(kMillisecond / 10);
  EXPECT_GE(clock() - since, 2 * kTime - kMillisecond);
  EXPECT_LE(clock() - since, 2 * kTime + kMillisecond);
}

TEST_F(WatchdogWorld, it_costs_nobody_any_time) {
  Thread& watched = add_watched("watched", 9);
  add_program("other", 5);
  start();
  ASSERT_TRUE(is_running(watched));
  fakes::advance(kTime);
  const std::uint64_t before = cpu_time(watched).value();
  interrupt();
  EXPECT_EQ(cpu_time(watched).value(), before);
}

TEST_F(WatchdogWorld, a_silo_that_ends_by_itself_leaves_no_timer) {
  Thread& watched = add_watched("watched", 9);
  Thread& other = add_program("other", 5);
  start();
  ASSERT_TRUE(is_running(watched));
  call(SystemCall::EXIT, {.x1 = 3});
  ASSERT_TRUE(is_running(other));
  run(5 * kTime);
  EXPECT_TRUE(fakes::armed_timer().is_forever());
  EXPECT_EQ(watched.silo().state(), abi::SiloState::Exited);
}

TEST_F(WatchdogWorld, many_that_are_due_at_once_are_looked_at_a_few_in_each_entry) {
  std::vector<Thread*> hung;
  for (int i = 0; i < 11; ++i) hung.push_back(&add_watched("hung" + std::to_string(i), 9));
  Thread& other = add_program("other", 5);
  start();
  fakes::advance(kTime);
  for (int entry = 0; entry < 3; ++entry) interrupt();
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + kTime)) << "three entries of at most four";
  fakes::advance(kTime);
  while (fakes::armed_timer() <= Ticks(clock())) interrupt();  // left-over work takes interrupts as well
  for (const Thread* thread : hung) EXPECT_TRUE(is_caught(*thread));
  EXPECT_TRUE(is_running(other));
}

TEST_F(WatchdogWorld, a_time_out_of_range_is_refused) {
  for (const std::uint32_t time : {1u, abi::kWatchdogMinimum - 1, abi::kWatchdogMaximum + 1}) {
    EXPECT_EQ(
        kernel::create_silo({.name = "bad", .argument = 0, .capability_slots = 8, .quotas = quotas, .watchdog = time})
            .error(),
        Error::EINVAL)
        << time;
  }
}

/// The server has a watchdog; the others have not.
struct DirectWatchdogWorld : fakes::KernelWorld {
  DirectWatchdogWorld() {
    fakes::set_now(1'000'000);
    tries_fast_path = true;
  }
  Thread& server = add_watched("server", 20);
  Thread& client = add_watched("client", 10);
  Thread& other = add_program("other", 1);
  std::uint32_t port = add_port(server, "port");
  std::uint64_t receive = grant_port_server(server, port);
  std::uint64_t calling = grant_port_client(client, port);

  Thread& add_watched(std::string_view name, std::uint8_t priority) {
    watchdog = 10'000;
    Thread& thread = add_program(name, priority);
    watchdog = 0;
    return thread;
  }
  static bool is_caught(const Thread& thread) { return thread.silo().has_stopped(); }
  void server_waits() {
    start();
    call(SystemCall::PORT_RECEIVE, {.handle = receive});
    ASSERT_TRUE(is_running(client));
  }
  void call_directly() {
    const std::uint64_t before = gone_directly();
    call(SystemCall::PORT_CALL, {.handle = calling});
    ASSERT_EQ(gone_directly(), before + 1);
    ASSERT_TRUE(is_running(server));
  }
  void answer_directly() {
    const std::uint64_t before = gone_directly();
    call(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .token = server.general[8]});
    ASSERT_EQ(gone_directly(), before + 1);
    ASSERT_TRUE(is_running(client));
  }
};

TEST_F(DirectWatchdogWorld, a_client_that_calls_by_the_fast_path_alone_is_never_caught) {
  server_waits();
  for (int i = 0; i < 100; ++i) {
    call_directly();
    answer_directly();
    pass(kTime - 1);
    ASSERT_FALSE(is_caught(client)) << i;
  }
}

TEST_F(DirectWatchdogWorld, one_that_has_called_once_and_loops_is_caught) {
  server_waits();
  call_directly();
  answer_directly();
  pass(kTime);
  EXPECT_FALSE(is_caught(client));
  pass(kTime);
  EXPECT_TRUE(is_caught(client)) << "the call was before the last look";
  EXPECT_FALSE(is_caught(server));
}

TEST_F(DirectWatchdogWorld, a_server_that_answers_every_time_in_time_is_never_caught) {
  server_waits();
  for (int i = 0; i < 50; ++i) {
    call_directly();
    fakes::advance(kTime - 1);  // the look is not due yet
    answer_directly();
    pass(1);
    ASSERT_FALSE(is_caught(server)) << i;
    ASSERT_FALSE(is_caught(client)) << i;
  }
}

TEST_F(DirectWatchdogWorld, a_server_that_loops_in_a_direct_call_is_caught_and_its_caller_is_told) {
  server_waits();
  call_directly();
  pass(kTime);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(client.state(), ThreadState::Blocked) << "the kernel has caught up";
  pass(kTime);
  EXPECT_TRUE(is_caught(server));
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status(client), minus(Error::EPIPE));
}

}  // namespace
}  // namespace kernel
