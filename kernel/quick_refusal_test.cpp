// SPDX-License-Identifier: Apache-2.0
//
// What is not quick: in each uncommon case a quick call says so and has changed nothing (fakes::QuickWorld::is_quick
// compares), so that the handler follows.
#include "test/fakes/host_prelude.hpp"

#include "test/fakes/quick_world.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Priority;
using enum abi::SystemCall;

constexpr std::uint64_t kNextGeneration = std::uint64_t{1} << 32;

struct QuickRefusal : fakes::QuickWorld {
  /// Each send of a message, with a handle for it.
  std::vector<std::pair<SystemCall, std::uint64_t>> sends() {
    return {{CHAN_SEND, of[&first].channel},
            {CHAN_TRY_SEND, of[&first].channel},
            {ASYNC_SEND, of[&first].async},
            {PORT_SEND, to[&low]},
            {PORT_TRY_SEND, to[&low]}};
  }
  /// The other quick calls, with arguments with which they are quick once fill() was there.
  std::vector<std::pair<SystemCall, fakes::CallRegisters>> others() {
    const std::uint64_t semaphore_handle = of[&first].semaphore, events = of[&first].notification;
    return {{CHAN_RECV, {.handle = of[&first].channel}},
            {CHAN_TRY_RECV, {.handle = of[&first].channel}},
            {ASYNC_RECEIVE, {.handle = of[&first].async}},
            {ASYNC_TRY_RECEIVE, {.handle = of[&first].async}},
            {PORT_RECEIVE, {.handle = of[&first].receive}},
            {PORT_TRY_RECEIVE, {.handle = of[&first].receive}},
            {NOTIFICATION_SIGNAL, bits(events, 1)},
            {NOTIFICATION_WAIT, bits(events, 1)},
            {SEMAPHORE_POST, {.handle = semaphore_handle}},
            {SEMAPHORE_WAIT, {.handle = semaphore_handle}},
            {SEMAPHORE_TRY_WAIT, {.handle = semaphore_handle}}};
  }
  std::uint64_t without_rights(ObjectType type, std::uint32_t object) {
    return grant(first, type, object, {Right::Duplicate}, kBadge);
  }
  bool sends_to_channel() { return is_quick(CHAN_SEND, message(of[&first].channel)); }
  bool receives_from_channel() { return is_quick(CHAN_RECV, {.handle = of[&first].channel}); }
  bool sends_to_async() { return is_quick(ASYNC_SEND, message(of[&first].async)); }
  bool sends_to_low() { return is_quick(PORT_SEND, message(to[&low])); }
  bool receives() { return is_quick(PORT_RECEIVE, {.handle = of[&first].receive}); }
  bool signals() { return is_quick(NOTIFICATION_SIGNAL, bits(of[&first].notification, 1)); }
  bool posts() { return is_quick(SEMAPHORE_POST, {.handle = of[&first].semaphore}); }
  /// `high` waits for any of these, with their events.
  void set_up_watcher(Words places) {
    const std::uint64_t count = places.size();
    set_up({{&high, {WAIT_ANY, {.x1 = count, .words = std::move(places)}}}}, &low);
  }
  std::int64_t bind(std::uint64_t object, std::uint64_t events) {
    return status_of(BIND, {.handle = object, .words = {of[&first].notification, 1, events}});
  }
};

TEST_F(QuickRefusal, N3_a_send_with_flags_or_without_its_right_is_not_quick) {
  const std::uint64_t no_rights[] = {without_rights(ObjectType::Channel, channel),
                                     without_rights(ObjectType::AsyncChannel, async)};
  set_up({}, &low);
  for (const auto& [number, handle] : sends()) {
    SCOPED_TRACE(static_cast<int>(number));
    for (const std::uint64_t flags : {2, 3, 4, 8, 16, 0x100}) EXPECT_FALSE(is_quick(number, message(handle, flags)));
    for (const std::uint64_t wrong : {std::uint64_t{0}, handle + kNextGeneration, handle ^ 1, ~std::uint64_t{0},
                                      of[&first].semaphore, no_rights[0], no_rights[1]})
      EXPECT_FALSE(is_quick(number, message(wrong)));
    EXPECT_TRUE(is_quick(number, message(handle)));
    if (number == CHAN_SEND) call(HANDLE_CLOSE, {.handle = no_rights[0]});
  }
}

TEST_F(QuickRefusal, N3_no_other_call_without_its_right_is_quick) {
  const std::uint64_t no_rights[] = {
      without_rights(ObjectType::Channel, channel), without_rights(ObjectType::AsyncChannel, async),
      without_rights(ObjectType::Notification, notification), without_rights(ObjectType::Semaphore, semaphore)};
  set_up({}, &low);
  for (const auto& [number, registers] : others()) {
    SCOPED_TRACE(static_cast<int>(number));
    fakes::CallRegisters wrong = registers;
    for (const std::uint64_t handle : {std::uint64_t{0}, registers.handle + kNextGeneration, registers.handle ^ 1,
                                       to[&low], no_rights[0], no_rights[1], no_rights[2], no_rights[3]}) {
      wrong.handle = handle;
      EXPECT_FALSE(is_quick(number, wrong));
    }
  }
}

TEST_F(QuickRefusal, N10_no_send_of_a_silo_with_a_limit_is_quick) {
  const base::SiloId silo = add_silo("limited", 64, {.messages = 1'000, .bytes = 0, .burst = 8});
  Thread& limited = add_thread(silo, "limited", 30);
  const std::uint64_t handles[] = {grant_port_client(limited, add_port(high, "more")),
                                   grant(limited, Type::Channel, channel, {Right::ChannelSend}),
                                   grant(limited, Type::AsyncChannel, async, {Right::AsyncSend})};
  start();
  ASSERT_TRUE(is_running(limited));
  for (const SystemCall number : {PORT_SEND, PORT_TRY_SEND, PORT_SEND_BATCH}) {
    EXPECT_FALSE(is_quick(number, {.handle = handles[0], .words = {1}}));
  }
  for (const SystemCall number : {CHAN_SEND, CHAN_TRY_SEND, CHAN_SEND_BATCH}) {
    EXPECT_FALSE(is_quick(number, {.handle = handles[1], .words = {1}}));
  }
  for (const SystemCall number : {ASYNC_SEND, ASYNC_SEND_BATCH}) {
    EXPECT_FALSE(is_quick(number, {.handle = handles[2], .words = {1}}));
  }
}

TEST_F(QuickRefusal, Y4_what_would_wait_is_not_quick_unless_it_may_for_ever) {
  set_up({}, &low);
  for (const std::uint64_t deadline : {std::uint64_t{0}, std::uint64_t{1}, clock() + 1000, kForever - 1}) {
    EXPECT_FALSE(is_quick(CHAN_RECV, {.handle = of[&first].channel, .deadline = deadline}));
    EXPECT_FALSE(is_quick(PORT_RECEIVE, {.handle = of[&first].receive, .deadline = deadline}));
    EXPECT_FALSE(is_quick(NOTIFICATION_WAIT, bits(of[&first].notification, 1, deadline)));
  }
  for (const auto& [number, registers] : others()) {
    const bool tries = number == CHAN_TRY_RECV || number == PORT_TRY_RECEIVE || number == ASYNC_TRY_RECEIVE ||
                       number == SEMAPHORE_TRY_WAIT || number == ASYNC_RECEIVE || number == SEMAPHORE_WAIT;
    EXPECT_FALSE(tries && is_quick(number, registers)) << "nothing is there";
  }
  EXPECT_FALSE(is_quick(NOTIFICATION_WAIT, bits(of[&first].notification, 0)));
}

TEST_F(QuickRefusal, Y4_what_is_there_is_taken_whatever_the_deadline) {
  start();
  call(CHAN_TRY_SEND, message(of[&high].channel));
  call(PORT_TRY_SEND, message(of[&high].to_first));
  call(SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(first));
  EXPECT_TRUE(is_quick(CHAN_RECV, {.handle = of[&first].channel, .deadline = 0}));
  EXPECT_TRUE(is_quick(PORT_RECEIVE, {.handle = of[&first].receive, .deadline = 1}));
  ASSERT_TRUE(signals());
  EXPECT_TRUE(is_quick(NOTIFICATION_WAIT, bits(of[&first].notification, 1, clock() + 10)));
}

TEST_F(QuickRefusal, N1_nobody_waits_quickly_while_nobody_else_is_ready_or_work_is_left_over) {
  set_up({});
  const auto none_waits = [&] {
    EXPECT_FALSE(receives_from_channel());
    EXPECT_FALSE(receives());
    EXPECT_FALSE(is_quick(NOTIFICATION_WAIT, bits(of[&first].notification, 1)));
  };
  none_waits();
  this_core().cancel_operation(low, base::Error::ETIMEDOUT);
  this_core().note_work(Priority(0));
  none_waits();
  EXPECT_TRUE(sends_to_channel()) << "nobody is woken by that";
}

TEST_F(QuickRefusal, Y1_nobody_is_woken_quickly_who_has_a_deadline) {
  const std::uint64_t deadline = clock() + 100'000;
  set_up({{&high, {CHAN_RECV, {.handle = of[&high].channel, .deadline = deadline}}},
          {&equal, {NOTIFICATION_WAIT, bits(of[&equal].notification, 1, deadline)}},
          {&low, {PORT_RECEIVE, {.handle = of[&low].receive, .deadline = deadline}}}});
  EXPECT_FALSE(sends_to_channel());
  EXPECT_FALSE(signals());
  EXPECT_FALSE(sends_to_low());
}

TEST_F(QuickRefusal, A9_nobody_is_woken_quickly_who_waits_for_a_batch) {
  set_up({{&high, {CHAN_RECV_BATCH, {.handle = of[&high].channel, .words = {3}}}},
          {&equal, {ASYNC_RECEIVE_BATCH, {.handle = of[&equal].async, .words = {3}}}},
          {&low, {PORT_RECEIVE_BATCH, {.handle = of[&low].receive, .words = {3}}}}});
  EXPECT_FALSE(sends_to_channel());
  EXPECT_FALSE(sends_to_async());
  EXPECT_FALSE(sends_to_low());
}

TEST_F(QuickRefusal, Y1_nobody_more_urgent_is_woken_quickly_in_the_middle_of_a_turn) {
  set_up({{&high, {CHAN_RECV, {.handle = of[&high].channel}}}, {&low, {PORT_RECEIVE, {.handle = of[&low].receive}}}},
         &equal);
  EXPECT_FALSE(sends_to_channel()) << "the rest of the turn must be known";
  EXPECT_TRUE(sends_to_low());
}

TEST_F(QuickRefusal, Y1_nobody_is_woken_quickly_while_work_is_left_over) {
  set_up({{&high, {CHAN_RECV, {.handle = of[&high].channel}}},
          {&equal, {NOTIFICATION_WAIT, bits(of[&equal].notification, 1)}},
          {&low, {PORT_RECEIVE, {.handle = of[&low].receive}}}});
  this_core().note_work(Priority(0));
  EXPECT_FALSE(sends_to_channel());
  EXPECT_FALSE(signals());
  EXPECT_FALSE(sends_to_low());
  EXPECT_TRUE(posts());
}

TEST_F(QuickRefusal, P7_who_waited_in_a_silo_that_has_stopped_gets_nothing) {
  set_up({{&high, {CHAN_RECV, {.handle = of[&high].channel}}}, {&low, {PORT_RECEIVE, {.handle = of[&low].receive}}}});
  this_core().begin_stop(high.silo(), Priority(0));
  this_core().begin_stop(low.silo(), Priority(0));
  EXPECT_TRUE(sends_to_channel()) << "the end is still there, and the message waits";
  EXPECT_TRUE(sends_to_low());
  EXPECT_TRUE(is_running(first));
  EXPECT_EQ(the_channel().statistics(fakes::unlocked(), 0).queued_to_other, 1u);
  EXPECT_EQ(the_port(low).statistics().queued, 1u);
  EXPECT_EQ(high.silo().messages_received + low.silo().messages_received, 0u);
  EXPECT_EQ(high.state(), ThreadState::Ending);
}

TEST_F(QuickRefusal, P9_a_server_that_must_learn_of_a_lost_reply_gets_no_quick_message) {
  set_up({{&high, {PORT_RECEIVE, {.handle = of[&high].receive}}}});
  fakes::CallRegisters question = message(to[&high]);
  question.deadline = clock() + 100;
  call(PORT_CALL, question);
  ASSERT_TRUE(is_running(high));
  const std::uint64_t token = high.general[8];
  call(SLEEP_UNTIL, {.deadline = clock() + 200});
  ASSERT_TRUE(is_running(first));
  EXPECT_EQ(status(first), minus(base::Error::ETIMEDOUT));
  pass(100);
  ASSERT_TRUE(is_running(high));
  call(PORT_REPLY_AND_RECEIVE, {.handle = of[&high].receive, .token = token});
  ASSERT_TRUE(is_running(first));
  EXPECT_FALSE(is_quick(PORT_SEND, message(to[&high])));
  call(PORT_SEND, message(to[&high]));
  ASSERT_TRUE(is_running(high));
  EXPECT_EQ(high.general[2], abi::kFlagReplyLost | abi::kFlagEightWords);
}

TEST_F(QuickRefusal, N2_nothing_is_quick_that_somebody_watches) {
  constexpr auto kReadable = static_cast<std::uint64_t>(abi::Event::Readable);
  set_up_watcher({of[&high].channel | kReadable, of[&high].async | kReadable, of[&high].receive | kReadable,
                  of[&high].notification | kReadable, of[&high].semaphore | kReadable});
  EXPECT_FALSE(sends_to_channel());
  EXPECT_FALSE(sends_to_async());
  EXPECT_FALSE(is_quick(PORT_SEND, message(to[&high])));
  EXPECT_FALSE(signals());
  EXPECT_FALSE(posts());
}

TEST_F(QuickRefusal, N2_no_receive_is_quick_that_somebody_watches_for_room) {
  constexpr auto kWritable = static_cast<std::uint64_t>(abi::Event::Writable);
  start();
  for (unsigned i = 0; i < 16; ++i) {
    if (i < 2) call(CHAN_TRY_SEND, message(of[&high].channel));
    call(PORT_TRY_SEND, message(of[&high].to_first));
  }
  call(WAIT_ANY, {.x1 = 2, .words = {of[&high].channel | kWritable, of[&high].to_first | kWritable}});
  ASSERT_TRUE(is_running(first));
  EXPECT_FALSE(receives_from_channel());
  EXPECT_FALSE(receives());
}

TEST_F(QuickRefusal, A5_nothing_is_quick_that_somebody_is_bound_to) {
  set_up({{&high, {SLEEP_UNTIL, {.deadline = kForever}}}}, &low);
  ASSERT_EQ(bind(of[&first].async, 1), 0);
  ASSERT_EQ(bind(of[&first].semaphore, 1), 0);
  ASSERT_EQ(bind(of[&first].receive, 3), 0);
  EXPECT_FALSE(sends_to_async());
  EXPECT_FALSE(posts());
  EXPECT_FALSE(is_quick(PORT_SEND, message(of[&first].receive)));
}

TEST_F(QuickRefusal, S2_P2_A2_nothing_full_takes_quickly) {
  set_up({}, &low);
  for (unsigned i = 0; i < 16; ++i) {
    EXPECT_TRUE(i >= 2 || (sends_to_channel() && sends_to_async()));
    EXPECT_TRUE(sends_to_low());
  }
  EXPECT_FALSE(sends_to_channel());
  EXPECT_FALSE(sends_to_async()) << "the handler counts what is dropped";
  EXPECT_FALSE(sends_to_low());
}

TEST_F(QuickRefusal, P2_S2_no_receive_is_quick_while_senders_wait) {
  set_up({{&high, {CHAN_SEND, message(of[&high].channel)}}, {&equal, {PORT_SEND, message(of[&equal].to_first)}}}, &low);
  EXPECT_FALSE(receives_from_channel());
  EXPECT_FALSE(receives());
}

TEST_F(QuickRefusal, P8_a_call_is_not_received_quickly) {
  set_up({{&high, {PORT_CALL, message(of[&high].to_first)}}}, &low);
  EXPECT_FALSE(receives());
}

TEST_F(QuickRefusal, P12_a_message_that_brings_a_capability_is_not_received_quickly) {
  start();
  const std::uint64_t rights = static_cast<std::uint64_t>(Right::PortSend);
  call(CHAN_TRY_SEND,
       {.handle = of[&high].channel, .flags = abi::kFlagTransfer, .words = {1, 2, rights, of[&high].receive}});
  ASSERT_EQ(status(high), 0);
  call(SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(first));
  EXPECT_FALSE(receives_from_channel());
  EXPECT_FALSE(is_quick(CHAN_RECV_BATCH, {.handle = of[&first].channel, .words = {2}}));
}

TEST_F(QuickRefusal, S3_P5_A6_nothing_that_is_gone_is_quick) {
  set_up({}, &low);
  ASSERT_TRUE(sends_to_async());
  ASSERT_EQ(status_of(ASYNC_CLOSE, {.handle = of[&first].async}), 0);
  ASSERT_EQ(status_of(PORT_DESTROY, {.handle = of[&first].receive}), 0);
  EXPECT_FALSE(sends_to_async());
  EXPECT_FALSE(is_quick(PORT_SEND, message(of[&first].receive)));
  EXPECT_FALSE(receives());
  EXPECT_TRUE(is_quick(ASYNC_RECEIVE, {.handle = of[&first].async})) << "what is queued";
  EXPECT_FALSE(is_quick(ASYNC_RECEIVE, {.handle = of[&first].async}));
}

TEST_F(QuickRefusal, S3_S4_what_was_queued_is_quick_and_nothing_else_once_the_other_end_is_gone) {
  start();
  call(CHAN_TRY_SEND, message(of[&high].channel));
  while (!is_running(low)) {
    if (!is_running(first)) call(CHAN_CLOSE, {.handle = of[&running()].channel});
    call(SLEEP_UNTIL, {.deadline = is_running(first) ? clock() + 100 : kForever});
  }
  EXPECT_EQ(status_of(CHAN_CLOSE, {.handle = of[&low].channel}), 0);
  pass(100);
  ASSERT_TRUE(is_running(first));
  EXPECT_FALSE(sends_to_channel());
  EXPECT_TRUE(receives_from_channel());
  EXPECT_FALSE(receives_from_channel());
}

TEST_F(QuickRefusal, P8_nobody_who_owes_all_it_can_waits_quickly_for_more) {
  set_up({}, &low);
  for (unsigned i = 0; i < abi::kOwedRepliesMaximum; ++i) static_cast<void>(first.owed.add(low, the_port(first)));
  EXPECT_FALSE(receives());
}

TEST_F(QuickRefusal, N6_nobody_waits_quickly_for_bits_that_nobody_can_set) {
  set_up({}, &low);
  const std::uint64_t made = call(NOTIFICATION_CREATE).general[3];
  const std::uint64_t keep = static_cast<std::uint64_t>(Right::NotificationWait);
  const std::uint64_t waits = call(HANDLE_DUPLICATE, {.handle = made, .words = {keep}}).general[3];
  ASSERT_EQ(status_of(NOTIFICATION_SIGNAL, bits(made, 1)), 0);
  ASSERT_EQ(status_of(HANDLE_CLOSE, {.handle = made}), 0);
  EXPECT_TRUE(is_quick(NOTIFICATION_WAIT, bits(waits, 3))) << "a bit that is set can be taken";
  EXPECT_FALSE(is_quick(NOTIFICATION_WAIT, bits(waits, 3)));
  EXPECT_EQ(status_of(NOTIFICATION_WAIT, bits(waits, 3)), minus(base::Error::EPIPE));
}

TEST_F(QuickRefusal, N6_no_signal_is_quick_for_two_waiters_or_no_bits_or_others_than_the_badge) {
  const std::uint64_t badged = grant(first, Type::Notification, notification, {Right::NotificationSignal}, 0x3);
  set_up({{&high, {NOTIFICATION_WAIT, bits(of[&high].notification, 2)}}}, &low);
  EXPECT_FALSE(is_quick(NOTIFICATION_SIGNAL, bits(badged, 0x4)));
  EXPECT_FALSE(is_quick(NOTIFICATION_SIGNAL, bits(badged, 0)));
  EXPECT_TRUE(is_quick(NOTIFICATION_SIGNAL, bits(badged, 0x1)));
  call(SLEEP_UNTIL, {.deadline = clock() + 100});
  ASSERT_TRUE(is_running(low));
  call(NOTIFICATION_WAIT, bits(of[&low].notification, 8));
  ASSERT_TRUE(is_running(first));
  EXPECT_FALSE(signals());
}

TEST_F(QuickRefusal, N4_no_post_is_quick_for_a_waiter_or_beyond_the_maximum) {
  const std::uint64_t full =
      grant(first, Type::Semaphore, add_semaphore("full", abi::kSemaphoreMaximum), {Right::SemaphorePost});
  set_up({{&high, {SEMAPHORE_WAIT, {.handle = of[&high].semaphore}}}}, &low);
  EXPECT_FALSE(posts());
  EXPECT_FALSE(is_quick(SEMAPHORE_POST, {.handle = full}));
}

TEST_F(QuickRefusal, F1_no_other_number_is_quick_and_none_before_the_kernel_has_caught_up) {
  tries_fast_path = true;
  set_up({{&high, {PORT_RECEIVE, {.handle = of[&high].receive}}}}, &low);
  for (std::uint64_t number = 0; number < 1000; ++number) {
    if (std::ranges::any_of(sends(), [&](auto& send) { return static_cast<std::uint64_t>(send.first) == number; }) ||
        std::ranges::any_of(others(), [&](auto& other) { return static_cast<std::uint64_t>(other.first) == number; }))
      continue;
    EXPECT_FALSE(is_quick(static_cast<SystemCall>(number), {.handle = of[&first].channel, .words = {17}}));
  }
  EXPECT_FALSE(is_quick(static_cast<SystemCall>(~std::uint64_t{0}), {}));
  EXPECT_FALSE(is_quick(static_cast<SystemCall>((std::uint64_t{1} << 32) + 233), {.handle = of[&first].semaphore}));
  call(PORT_CALL, message(to[&high]));
  ASSERT_TRUE(is_running(high));
  ASSERT_EQ(gone_directly(), 1u);
  EXPECT_FALSE(is_quick(SEMAPHORE_POST, {.handle = of[&high].semaphore}));
  interrupt();
  EXPECT_TRUE(is_quick(SEMAPHORE_POST, {.handle = of[&high].semaphore}));
}

}  // namespace
}  // namespace kernel
