// SPDX-License-Identifier: Apache-2.0
//
// AsyncChans through real system calls: rights, badges, waiting, closing, what ends them.
#include "test/fakes/host_prelude.hpp"

#include "ipc/notification.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/objects.hpp"
#include "test/fakes/kernel_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;

struct AsyncCalls : fakes::KernelWorld {
  Thread& sink = add_program("sink", 10);
  Thread& source = add_program("source", 9);
  std::uint32_t channel = add_async("events", 2);
  std::uint64_t in = grant(source, abi::ObjectType::AsyncChannel, channel, {Right::AsyncSend, Right::Duplicate}, 0xa1);
  std::uint64_t out = grant(sink, abi::ObjectType::AsyncChannel, channel, {Right::AsyncReceive, Right::Duplicate});

  /// The sink sleeps, so the source runs.
  void let_source_run() { call(SystemCall::SLEEP_UNTIL, {.deadline = kForever}); }
  std::int64_t send(std::uint64_t opcode) { return status_of(SystemCall::ASYNC_SEND, {.handle = in, .x1 = opcode}); }
};

TEST_F(AsyncCalls, A2_a_message_arrives_whole_with_the_senders_badge) {
  start();
  call(SystemCall::ASYNC_RECEIVE, {.handle = out});
  ASSERT_TRUE(is_running(source));
  EXPECT_EQ(status_of(SystemCall::ASYNC_SEND, {.handle = in, .x1 = 3, .flags = 1, .words = {1, 2, 3, 4, 5, 6, 7, 8}}),
            0);
  expect_clean(source);
  ASSERT_TRUE(is_running(sink)) << "the receiver is more urgent";
  const std::uint64_t expected[19] = {0, 3, 1, 1, 2, 3, 4, 0xa1, 0, 5, 6, 7, 8};
  for (unsigned i = 0; i <= 18; ++i) EXPECT_EQ(sink.general[i], expected[i]) << i;
  EXPECT_EQ(source.silo().messages_sent, 1u);
  EXPECT_EQ(sink.silo().messages_received, 1u);
}

TEST_F(AsyncCalls, A2_a_full_channel_refuses_at_once_and_counts) {
  start();
  let_source_run();
  EXPECT_EQ(send(1), 0);
  EXPECT_EQ(send(2), 0);
  EXPECT_EQ(send(3), minus(Error::EAGAIN));
  expect_clean(source);
  EXPECT_EQ(status_of(SystemCall::ASYNC_STATS, {.handle = in}), 0);
  const std::uint64_t expected[] = {2, 0, 1, 2, 2, 2};
  constexpr unsigned kRegister[] = {3, 4, 5, 6, 9, 10};
  for (unsigned i = 0; i < 6; ++i) EXPECT_EQ(source.general[kRegister[i]], expected[i]) << i;
  EXPECT_EQ(source.silo().refused_calls, 0u) << "it is an answer";
}

TEST_F(AsyncCalls, defect_A3_each_right_is_for_one_direction) {
  start();
  EXPECT_EQ(status_of(SystemCall::ASYNC_SEND, {.handle = out}), minus(Error::EPERM));
  let_source_run();
  for (const SystemCall number : {SystemCall::ASYNC_RECEIVE, SystemCall::ASYNC_TRY_RECEIVE, SystemCall::ASYNC_CLOSE,
                                  SystemCall::ASYNC_RECEIVE_BATCH}) {
    EXPECT_EQ(status_of(number, {.handle = in, .words = {1}}), minus(Error::EPERM));
  }
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = in}), minus(Error::EPERM)) << "and for one type";
  EXPECT_EQ(send(1), 0);
}

TEST_F(AsyncCalls, A4_defect_A4_a_receive_waits_exactly_as_long_as_it_is_told) {
  start();
  EXPECT_EQ(status_of(SystemCall::ASYNC_RECEIVE, {.handle = out, .deadline = 0}), minus(Error::EAGAIN));
  EXPECT_EQ(status_of(SystemCall::ASYNC_TRY_RECEIVE, {.handle = out}), minus(Error::EAGAIN));
  EXPECT_EQ(status_of(SystemCall::ASYNC_RECEIVE, {.handle = out, .deadline = 1}), minus(Error::ETIMEDOUT));
  call(SystemCall::ASYNC_RECEIVE, {.handle = out, .deadline = clock() + 50});
  ASSERT_TRUE(is_running(source));
  pass(50);
  ASSERT_TRUE(is_running(sink));
  EXPECT_EQ(status(sink), minus(Error::ETIMEDOUT));
  expect_clean(sink);
}

TEST_F(AsyncCalls, A6_defect_A5_a_close_lets_the_queue_be_received_and_refuses_every_send) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 10});
  EXPECT_EQ(send(1), 0);
  pass(10);
  ASSERT_TRUE(is_running(sink));
  EXPECT_EQ(status_of(SystemCall::ASYNC_CLOSE, {.handle = out}), 0);
  expect_clean(sink);
  EXPECT_EQ(status_of(SystemCall::ASYNC_CLOSE, {.handle = out}), 0) << "again: nothing more happens";
  EXPECT_EQ(status_of(SystemCall::ASYNC_RECEIVE, {.handle = out}), 0);
  EXPECT_EQ(sink.general[1], 1u);
  EXPECT_EQ(status_of(SystemCall::ASYNC_RECEIVE, {.handle = out}), minus(Error::EPIPE));
  let_source_run();
  EXPECT_EQ(send(2), minus(Error::EPIPE));
}

TEST_F(AsyncCalls, defect_A5_the_end_of_the_last_sender_lets_receivers_drain_and_wakes_them) {
  start();
  let_source_run();
  const std::uint64_t second = [&] {
    EXPECT_EQ(status_of(SystemCall::HANDLE_DUPLICATE,
                        {.handle = in, .words = {static_cast<std::uint64_t>(Right::AsyncSend)}}),
              0);
    return source.general[3];
  }();
  EXPECT_EQ(send(1), 0);
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = in}), 0);
  EXPECT_EQ(status_of(SystemCall::ASYNC_SEND, {.handle = second, .x1 = 2}), 0) << "one sender is left";
  this_core().cancel_operation(sink, Error::ETIMEDOUT);  // it is to be found waiting
  interrupt();
  ASSERT_TRUE(is_running(sink));
  for (std::uint64_t i = 1; i <= 2; ++i) {
    EXPECT_EQ(status_of(SystemCall::ASYNC_RECEIVE, {.handle = out}), 0);
    EXPECT_EQ(sink.general[1], i);
  }
  call(SystemCall::ASYNC_RECEIVE, {.handle = out});
  ASSERT_TRUE(is_running(source));
  call(SystemCall::HANDLE_CLOSE, {.handle = second});
  ASSERT_TRUE(is_running(sink));
  EXPECT_EQ(status(sink), minus(Error::EPIPE));
}

TEST_F(AsyncCalls, defect_A5_the_end_of_the_last_receiver_makes_every_send_epipe) {
  start();
  let_source_run();
  EXPECT_EQ(send(1), 0);
  this_core().cancel_operation(sink, Error::ETIMEDOUT);
  interrupt();
  ASSERT_TRUE(is_running(sink));
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = out}), 0);
  let_source_run();
  EXPECT_EQ(send(2), minus(Error::EPIPE));
}

TEST_F(AsyncCalls, A5_defect_A6_subscribers_are_told_when_the_last_receiver_is_gone) {
  start();
  ipc::Notification notification;
  BindingObject binding(Capability{}, sink.silo(), 0);
  AsyncObject& object = async_of(*sink.silo().capabilities.lookup(out).value());
  object.readable.bind(binding, notification, 4);
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = out}), 0);
  EXPECT_EQ(notification.bits(), 4u);
  ipc::unbind(binding);
}

TEST_F(AsyncCalls, defect_A5_the_death_of_the_receiving_silo_does_too) {
  start();
  call(SystemCall::EXIT, {});
  ASSERT_TRUE(is_running(source));
  EXPECT_EQ(send(1), minus(Error::EPIPE));
  const ObjectCounts counts = object_counts(fakes::unlocked());
  EXPECT_GE(counts.async_channels, 1u) << "the sender still names it";
}

TEST_F(AsyncCalls, closing_a_handle_ends_the_receive_that_is_blocked_through_it) {
  Thread& helper = add_thread(sink.silo().id, "helper", 8);
  start();
  call(SystemCall::ASYNC_RECEIVE, {.handle = out});
  let_source_run();
  ASSERT_TRUE(is_running(helper));
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = out}), 0);
  ASSERT_TRUE(is_running(sink));
  EXPECT_EQ(status(sink), minus(Error::EPIPE));
}

}  // namespace
}  // namespace kernel
