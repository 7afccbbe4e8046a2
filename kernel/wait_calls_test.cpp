// SPDX-License-Identifier: Apache-2.0
//
// WAIT_ANY, BIND and UNBIND: arguments, rights, every condition, what ends a wait, who is woken when many watch, and
// that nothing of a binding is left behind.
#include "test/fakes/event_world.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using base::Error;

struct WaitCalls : fakes::WatchedWorld {};

TEST_F(WaitCalls, C9_arguments_are_checked_before_anything_is_done) {
  start();
  EXPECT_EQ(status_of(Call::WAIT_ANY, {.x1 = 0, .words = {receive | 1}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(Call::WAIT_ANY, {.x1 = 9, .words = {receive | 1}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(Call::WAIT_ANY, {.x1 = std::uint64_t{1} << 32 | 1, .words = {receive | 1}}),
            minus(Error::EINVAL));
  for (const std::uint64_t low_bits : {0, 4, 5, 32, 63}) EXPECT_EQ(ready({receive | low_bits}), minus(Error::EINVAL));
  EXPECT_EQ(ready({receive | 1, 1}), minus(Error::EBADF));
  EXPECT_EQ(ready({receive | 2}), minus(Error::EPERM)) << "a server does not send";
  EXPECT_EQ(ready({observe | 2}), minus(Error::EINVAL));
  EXPECT_EQ(ready({receive | 1, observe | 1}), minus(Error::EAGAIN));
  EXPECT_EQ(high.silo().refused_calls, 11u);
  EXPECT_EQ(status_of(Call::WAIT_ANY, any_of({receive | 1}, 1)), minus(Error::ETIMEDOUT));
  EXPECT_EQ(high.waiting, ipc::Waiting::Nothing);
}

TEST_F(WaitCalls, C9_a_deadline_ends_it_and_takes_it_out_of_everything) {
  start();
  call(Call::WAIT_ANY, any_of({receive | 1, here | 1, observe | 1}, clock() + 100));
  pass(100);
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(status(high), minus(Error::ETIMEDOUT));
  for (const ipc::Watch& watch : high.watches) EXPECT_FALSE(watch.node.is_linked());
  call(Call::SLEEP_UNTIL, {.deadline = kForever});
  EXPECT_EQ(status_of(Call::PORT_SEND, {.handle = send}), 0);
  EXPECT_TRUE(is_running(low));
}

TEST_F(WaitCalls, C9_closing_a_handle_of_the_set_ends_the_wait_and_no_other_does) {
  Thread& second = add_thread(high.silo().id, "second", 15);
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t others = copy(word, bit(Right::NotificationWait));
  call(Call::SLEEP_UNTIL, {.deadline = clock() + 100});
  ASSERT_TRUE(is_running(second));
  // X0 holds the handle `word`, which WAIT_ANY does not read.
  fakes::CallRegisters registers = any_of({here | 1, receive | 1, observe | 1, here | 2, observe | 1, others | 1});
  registers.handle = word;
  registers.words[3] = receive | 1;
  call(Call::WAIT_ANY, registers);
  pass(100);
  ASSERT_TRUE(is_running(high));
  const std::uint64_t still = copy(word, bit(Right::NotificationSignal));
  close(word);
  EXPECT_EQ(second.state(), ThreadState::Blocked) << "X0 is no handle of its call";
  close(others);
  EXPECT_EQ(second.state(), ThreadState::Ready);
  EXPECT_EQ(status(second), minus(Error::EPIPE));
  for (const ipc::Watch& watch : second.watches) EXPECT_FALSE(watch.node.is_linked());
  close(still);
  expect_nothing_left(high);
}

TEST_F(WaitCalls, C9_both_events_of_one_place_and_one_object_in_several_places) {
  start();
  EXPECT_EQ(status_of(Call::CHAN_SEND, {.handle = here}), 0);
  EXPECT_EQ(woken_by({here | 3, receive | 1, here | 1}, Call::CHAN_SEND, {.handle = there}), 0b101u);
  EXPECT_EQ(status_of(Call::CHAN_RECV, {.handle = here}), 0);
  EXPECT_EQ(woken_by({here | 3, receive | 1, here | 1}, Call::CHAN_RECV, {.handle = there}), 0b001u);
}

TEST_F(WaitCalls, C9_when_many_watch_all_are_woken_in_steps_and_who_comes_again_waits) {
  const base::SiloId crowd = add_silo("crowd");
  std::vector<Thread*> watchers;
  static std::string names[20];
  for (unsigned i = 0; i < 20; ++i) {
    names[i] = "w" + std::to_string(i);
    watchers.push_back(&add_thread(crowd, names[i], 30));
  }
  const std::uint32_t shared = add_semaphore("shared", 0);
  const std::uint64_t watch = grant(*watchers[0], ObjectType::Semaphore, shared, {Right::SemaphoreWait});
  const std::uint64_t post = grant(high, ObjectType::Semaphore, shared, {Right::SemaphorePost, Right::SemaphoreWait});
  start();
  for (std::size_t i = 0; i < watchers.size(); ++i) call(Call::WAIT_ANY, any_of({watch | 1}));
  ASSERT_TRUE(is_running(high));
  call(Call::SEMAPHORE_POST, {.handle = post});
  ASSERT_TRUE(is_running(*watchers[0])) << "they are more urgent";
  EXPECT_EQ(status_of(Call::SEMAPHORE_TRY_WAIT, {.handle = watch}), 0);
  // Each finds nothing and waits again, while the rest are still being woken; none of them is woken a second time.
  std::map<const Thread*, int> turns;
  for (int calls = 0; calls < 100 && !is_running(high); ++calls) {
    ++turns[&running()];
    call(Call::WAIT_ANY, any_of({watch | 1}));
    if (is_running(high) && this_core().has_work()) pass(kFrequency / 1000);
  }
  ASSERT_TRUE(is_running(high)) << "it comes to an end";
  EXPECT_EQ(turns.size(), 20u);
  for (const auto& [thread, count] : turns) EXPECT_EQ(count, 1) << thread->name();
}

TEST_F(WaitCalls, C9_a_silo_that_dies_in_the_middle_of_its_waits_leaves_nothing_behind) {
  Thread& second = add_thread(high.silo().id, "second", 20);
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t gate = new_semaphore();
  EXPECT_EQ(bind(gate, word, 1), 0);
  EXPECT_EQ(bind(receive, word, 1), 0);
  set_timer(new_timer(word), clock() + 1000, kPeriod);
  call(Call::WAIT_ANY, any_of({word | 1, gate | 1, receive | 1, here | 1, observe | 1}));
  ASSERT_TRUE(is_running(second));
  fault(read_fault(0));
  EXPECT_TRUE(is_running(low));
  EXPECT_EQ(high.state(), ThreadState::Dead);
  expect_nothing_left(high);
  EXPECT_EQ(status_of(Call::PORT_SEND, {.handle = send}), minus(Error::EPIPE));
  EXPECT_EQ(ready({send | 2, there | 3}), 0b11);
}

TEST_F(WaitCalls, C9_revoking_a_handle_of_the_set_ends_the_wait_and_what_was_bound_by_it) {
  Thread& second = add_thread(high.silo().id, "second", 15);
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t gate = new_semaphore();
  const std::uint64_t derived = copy(gate, bit(Right::SemaphoreWait));
  EXPECT_EQ(bind(derived, word, 1), 0);
  call(Call::SLEEP_UNTIL, {.deadline = clock() + 100});
  ASSERT_TRUE(is_running(second));
  call(Call::WAIT_ANY, any_of({receive | 1, derived | 1}));
  pass(100);
  ASSERT_TRUE(is_running(high));
  call(Call::HANDLE_REVOKE, {.handle = gate});
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(status(high), 0);
  EXPECT_EQ(second.state(), ThreadState::Ready);
  EXPECT_EQ(status(second), minus(Error::ECANCELED));
  EXPECT_EQ(used(high, abi::QuotaKind::Bindings), 0u);
  close(gate);
  close(word);
  expect_nothing_left(high);
}

}  // namespace
}  // namespace kernel
