// SPDX-License-Identifier: Apache-2.0
//
// Conditions by type of object: the right that each needs, and where each becomes true.
#include "test/fakes/event_world.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using base::Error;

constexpr std::uint64_t kReadable = 1, kWritable = 2;

struct Watching : fakes::WatchedWorld {};

TEST_F(Watching, defect_A3_every_condition_needs_the_right_to_take_what_would_be_there) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t gate = new_semaphore(1);
  EXPECT_EQ(ready({copy(word, bit(Right::NotificationSignal)) | 1}), minus(Error::EPERM));
  EXPECT_EQ(ready({copy(gate, bit(Right::SemaphorePost)) | 1}), minus(Error::EPERM));
  EXPECT_EQ(ready({new_timer(word) | 1}), minus(Error::EINVAL));
  EXPECT_EQ(ready({gate | 1}), 1);
  call(Call::SLEEP_UNTIL, {.deadline = kForever});
  EXPECT_EQ(ready({send | 1}), minus(Error::EPERM)) << "a client does not receive";
  EXPECT_EQ(ready({send | 2}), 1);
}

TEST_F(Watching, C9_each_event_wakes_with_its_place) {
  start();
  const std::vector<std::uint64_t> all = {receive | kReadable, here | kReadable, observe | kReadable};
  EXPECT_EQ(woken_by(all, Call::PORT_SEND, {.handle = send}), 0b001u);
  EXPECT_EQ(status_of(Call::PORT_TRY_RECEIVE, {.handle = receive}), 0) << "nothing was taken";
  EXPECT_EQ(woken_by(all, Call::PORT_CALL, {.handle = send}), 0b001u) << "a queued call";
  EXPECT_EQ(status_of(Call::PORT_TRY_RECEIVE, {.handle = receive}), 0);
  EXPECT_EQ(status_of(Call::PORT_REPLY, {.token = high.general[8]}), 0);
  EXPECT_EQ(woken_by(all, Call::CHAN_SEND, {.handle = there}), 0b010u);
  EXPECT_EQ(ready(all), 0b010) << "nothing was taken";
  EXPECT_EQ(status_of(Call::CHAN_SEND, {.handle = here}), 0);
  EXPECT_EQ(woken_by({receive | kReadable, here | kWritable}, Call::CHAN_RECV, {.handle = there}), 0b10u);
  EXPECT_EQ(status_of(Call::CHAN_RECV, {.handle = here}), 0);
  EXPECT_EQ(woken_by(all, Call::EXIT, {}) & 0b100, 0b100u) << "a silo that stops";
  call(Call::SLEEP_UNTIL, {.deadline = clock() + 10});
  EXPECT_EQ(ready({receive | 1, here | 3, observe | 1}), 0b110) << "and the end of the channel that went with it";
}

TEST_F(Watching, C9_a_slot_of_a_full_port_wakes_its_senders_and_so_does_its_end) {
  Thread& middle = add_program("middle", 15);
  const std::uint64_t middle_send = grant_port_client(middle, port);
  start();
  call(Call::SLEEP_UNTIL, {.deadline = clock() + 100});
  ASSERT_TRUE(is_running(middle));
  for (unsigned i = 0; i < abi::kPortQueueCapacity; ++i) call(Call::PORT_TRY_SEND, {.handle = middle_send});
  EXPECT_EQ(ready({middle_send | kWritable}), minus(Error::EAGAIN));
  call(Call::WAIT_ANY, any_of({middle_send | kWritable}));
  pass(100);
  ASSERT_TRUE(is_running(high));
  call(Call::PORT_TRY_RECEIVE, {.handle = receive});
  EXPECT_EQ(middle.state(), ThreadState::Ready);
  EXPECT_EQ(middle.general[3], 1u);
  call(Call::SLEEP_UNTIL, {.deadline = clock() + 100});
  call(Call::PORT_TRY_SEND, {.handle = middle_send});
  call(Call::WAIT_ANY, any_of({middle_send | kWritable}));
  pass(100);
  ASSERT_TRUE(is_running(high));
  call(Call::PORT_DESTROY, {.handle = receive});
  EXPECT_EQ(middle.state(), ThreadState::Ready);
  EXPECT_EQ(status(middle), 0);
  EXPECT_EQ(middle.general[3], 1u) << "to see EPIPE";
}

TEST_F(Watching, A5_defect_A6_an_async_channel_wakes_and_sets_bits_for_every_message_and_at_its_end) {
  const std::uint32_t async = add_async("async", 4);
  const std::uint64_t take_async = grant(high, ObjectType::AsyncChannel, async, {Right::AsyncReceive});
  const std::uint64_t send_async = grant(low, ObjectType::AsyncChannel, async, {Right::AsyncSend});
  start();
  EXPECT_EQ(ready({take_async | kWritable}), minus(Error::EINVAL)) << "its sender never waits";
  EXPECT_EQ(ready({take_async | kReadable}), minus(Error::EAGAIN));
  EXPECT_EQ(woken_by({receive | 1, take_async | 1}, Call::ASYNC_SEND, {.handle = send_async}), 0b10u);
  EXPECT_EQ(ready({take_async | kReadable}), 1) << "nothing was taken";
  const std::uint64_t word = new_notification();
  EXPECT_EQ(bind(take_async, word, 0b1), 0);
  EXPECT_EQ(take(word), 0b1) << "a message is there";
  EXPECT_EQ(status_of(Call::ASYNC_TRY_RECEIVE, {.handle = take_async}), 0);
  call(Call::SLEEP_UNTIL, {.deadline = clock() + 10});
  ASSERT_TRUE(is_running(low));
  EXPECT_EQ(ready({send_async | kReadable}), minus(Error::EPERM));
  EXPECT_EQ(status_of(Call::ASYNC_SEND, {.handle = send_async}), 0);
  pass(10);
  EXPECT_EQ(take(word), 0b1);
  EXPECT_EQ(status_of(Call::ASYNC_TRY_RECEIVE, {.handle = take_async}), 0);
  EXPECT_EQ(woken_by({take_async | 1}, Call::HANDLE_CLOSE, {.handle = send_async}), 0b1u) << "nobody sends any more";
  EXPECT_EQ(take(word), 0b1);
  EXPECT_EQ(status_of(Call::ASYNC_TRY_RECEIVE, {.handle = take_async}), minus(Error::EPIPE));
  close(take_async);
  EXPECT_EQ(used(high, abi::QuotaKind::Bindings), 0u);
}

TEST_F(Watching, N11_a_refused_call_wakes_who_waits_for_the_audit) {
  const std::uint64_t audit = grant(high, ObjectType::Audit, 0, {Right::AuditRead});
  const std::uint64_t trace = grant(high, ObjectType::Trace, 0, {Right::TraceControl});
  start();
  EXPECT_EQ(ready({trace | kReadable}), minus(Error::EPERM)) << "without the right to read it";
  while (ready({audit | kReadable}) == 1) EXPECT_EQ(status_of(Call::AUDIT_READ, {.handle = audit}), 0);
  call(Call::WAIT_ANY, any_of({receive | kReadable, audit | kReadable}));
  ASSERT_TRUE(is_running(low));
  call(Call::PORT_SEND, {.handle = 0});
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(high.general[3], 0b10u);
  EXPECT_EQ(status(low), minus(Error::EBADF));
  const std::uint64_t word = new_notification();
  EXPECT_EQ(bind(audit, word, 0b1), 0);
  EXPECT_EQ(take(word), 0b1) << "a record is there";
  EXPECT_EQ(unbind(audit, word), 0);
}

}  // namespace
}  // namespace kernel
