// SPDX-License-Identifier: Apache-2.0
//
// The typed channel, row by row of the list of features (T1 to T11). Blocking operations run in threads of their own;
// the test knows that one has begun to wait when its blocker says so. More threads are in
// typed_channel_stress_test.cpp.
#include "test/fakes/host_blocker.hpp"

#include <memory>
#include <thread>

#include "test/fakes/ipc_world.hpp"

namespace ipc {
namespace {

using base::Error;
using fakes::HostBlocker;
using fakes::nothing_held;

/// A message that exists once: copying does not compile, losing it shows in the address sanitizer.
using Parcel = std::unique_ptr<int>;
Parcel parcel(int number) { return std::make_unique<int>(number); }

bool failed(base::Result<void> status, Error error) { return !status.ok() && status.error() == error; }

class TypedChannelTest : public testing::Test {
 protected:
  using Channel = TypedChannel<Parcel, HostBlocker>;
  void open(std::size_t capacity) {
    channel.emplace(std::span(storage), capacity);
    Channel::Ends ends = channel->open(nothing_held());
    sender = std::move(ends.sender);
    receiver = std::move(ends.receiver);
  }
  void TearDown() override {
    if (sender.is_attached()) sender.drop(nothing_held());
    if (receiver.is_attached()) receiver.drop(nothing_held());
    if (!channel) return;
    const TypedStatistics end = statistics();
    EXPECT_EQ(end.sent, end.received + end.discarded + end.queued);
    EXPECT_EQ(end.senders + end.receivers, 0u);
    EXPECT_EQ(end.queued, 0u);
  }
  TypedStatistics statistics() { return channel->statistics(nothing_held()); }
  base::Result<void> try_send(int number) {
    Parcel one = parcel(number);
    const base::Result<void> status = sender.try_send(nothing_held(), one);
    EXPECT_EQ(one == nullptr, status.ok()) << "handed back on every error";
    EXPECT_TRUE(one == nullptr || *one == number);
    return status;
  }
  /// The number that comes, or minus the error.
  int try_receive() {
    Parcel one;
    const base::Result<void> status = receiver.try_receive(nothing_held(), one);
    return status.ok() ? *one : -static_cast<int>(status.error());
  }
  /// A blocking operation in a thread of its own; begun() returns when it waits.
  struct Blocked {
    HostBlocker blocker;
    Parcel message;
    base::Result<void> status;
    std::thread thread;
    void begun() {
      while (blocker.waits() == 0) std::this_thread::yield();
    }
    base::Result<void> join() {
      thread.join();
      EXPECT_EQ(blocker.unused_wakes(), 0u);
      return status;
    }
  };
  void start_send(Blocked& blocked, int number) {
    blocked.message = parcel(number);
    blocked.thread =
        std::thread([&] { blocked.status = sender.send(nothing_held(), blocked.message, blocked.blocker); });
  }
  void start_receive(Blocked& blocked) {
    blocked.thread =
        std::thread([&] { blocked.status = receiver.receive(nothing_held(), blocked.message, blocked.blocker); });
  }

  static constexpr int kFull = -static_cast<int>(Error::EAGAIN);
  static constexpr int kGone = -static_cast<int>(Error::EPIPE);
  Parcel storage[4];
  std::optional<Channel> channel;
  Sender<Parcel, HostBlocker> sender;
  Receiver<Parcel, HostBlocker> receiver;
};

TEST_F(TypedChannelTest, T1_capacity_is_exact_and_at_least_1) {
  for (const std::size_t capacity : {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{4}}) {
    open(capacity);
    const std::size_t expected = capacity == 0 ? 1 : capacity;
    EXPECT_EQ(statistics().capacity, expected);
    for (std::size_t i = 0; i < expected; ++i) EXPECT_TRUE(try_send(static_cast<int>(i)).ok());
    EXPECT_TRUE(failed(try_send(99), Error::EAGAIN));
    EXPECT_EQ(statistics().queued, expected);
    sender.drop(nothing_held());
    receiver.drop(nothing_held());
  }
}

using TypedChannelDeath = TypedChannelTest;
TEST_F(TypedChannelDeath, T1_too_little_storage_or_a_second_open_traps) {
  EXPECT_DEATH(Channel(std::span(storage), 5), "");
  open(1);
  EXPECT_DEATH(static_cast<void>(channel->open(nothing_held())), "");
}

TEST_F(TypedChannelDeath, T2_a_handle_that_was_not_dropped_traps) {
  open(1);
  EXPECT_DEATH({ auto lost = sender.clone(nothing_held()); }, "");
}

TEST_F(TypedChannelTest, T2_clones_count_and_the_side_lives_as_long_as_one_of_them) {
  open(2);
  auto second = sender.clone(nothing_held());
  EXPECT_EQ(statistics().senders, 2u);
  sender.drop(nothing_held());
  EXPECT_FALSE(receiver.is_disconnected(nothing_held()));
  Parcel one = parcel(5);
  EXPECT_TRUE(second.try_send(nothing_held(), one).ok());
  second.drop(nothing_held());
  EXPECT_TRUE(receiver.is_disconnected(nothing_held()));
  EXPECT_EQ(try_receive(), 5);
  EXPECT_EQ(try_receive(), kGone);
}

TEST_F(TypedChannelTest, T2_minting_brings_a_side_back) {
  open(2);
  ASSERT_TRUE(try_send(1).ok());
  receiver.drop(nothing_held());
  EXPECT_TRUE(sender.is_disconnected(nothing_held()));
  EXPECT_TRUE(failed(try_send(2), Error::EPIPE));
  receiver = sender.mint_other(nothing_held());
  EXPECT_FALSE(sender.is_disconnected(nothing_held()));
  EXPECT_TRUE(try_send(3).ok());
  sender.drop(nothing_held());
  sender = receiver.mint_other(nothing_held());
  EXPECT_TRUE(failed(try_send(4), Error::EAGAIN));
  EXPECT_EQ(try_receive(), 1) << "what was queued waits for the next receiver";
  EXPECT_EQ(try_receive(), 3);
  EXPECT_EQ(try_receive(), kFull);
}

TEST_F(TypedChannelTest, T3_send_blocks_while_full_and_is_served_by_the_receiver) {
  open(1);
  ASSERT_TRUE(try_send(1).ok());
  Blocked blocked;
  start_send(blocked, 2);
  blocked.begun();
  EXPECT_EQ(statistics().sent, 1u);
  EXPECT_EQ(try_receive(), 1);
  EXPECT_EQ(statistics().queued, 1u) << "queued in the same step, before the sender runs";
  EXPECT_TRUE(blocked.join().ok());
  EXPECT_EQ(blocked.message, nullptr);
  EXPECT_EQ(try_receive(), 2);
}

TEST_F(TypedChannelTest, T3_send_is_disconnected_at_once_or_while_it_blocks_and_keeps_its_message) {
  open(1);
  ASSERT_TRUE(try_send(1).ok());
  Blocked blocked;
  start_send(blocked, 2);
  blocked.begun();
  receiver.drop(nothing_held());
  EXPECT_TRUE(failed(blocked.join(), Error::EPIPE));
  ASSERT_NE(blocked.message, nullptr);
  EXPECT_EQ(*blocked.message, 2);
  Blocked late;
  start_send(late, 3);
  EXPECT_TRUE(failed(late.join(), Error::EPIPE));
  EXPECT_EQ(late.blocker.waits(), 0u);
  EXPECT_NE(late.message, nullptr);
}

TEST_F(TypedChannelTest, T3_one_send_wakes_exactly_one_receiver_the_one_that_waits_longest) {
  open(1);
  Blocked first, second;
  start_receive(first);
  first.begun();
  start_receive(second);
  second.begun();
  ASSERT_TRUE(try_send(7).ok());
  EXPECT_TRUE(first.join().ok());
  EXPECT_EQ(*first.message, 7);
  EXPECT_EQ(second.blocker.unused_wakes(), 0u);
  ASSERT_TRUE(try_send(8).ok());
  EXPECT_TRUE(second.join().ok());
  EXPECT_EQ(*second.message, 8);
}

TEST_F(TypedChannelTest, T4_try_send_hands_the_message_back) {
  open(1);
  EXPECT_TRUE(try_send(1).ok());
  EXPECT_TRUE(failed(try_send(2), Error::EAGAIN));
  receiver.drop(nothing_held());
  EXPECT_TRUE(failed(try_send(3), Error::EPIPE)) << "gone counts before full";
}

TEST_F(TypedChannelTest, T5_receive_blocks_while_empty_and_ends_when_all_senders_are_gone) {
  open(2);
  Blocked blocked;
  start_receive(blocked);
  blocked.begun();
  sender.drop(nothing_held());
  EXPECT_TRUE(failed(blocked.join(), Error::EPIPE));
}

TEST_F(TypedChannelTest, T5_buffered_messages_come_before_disconnected) {
  open(3);
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(try_send(i).ok());
  sender.drop(nothing_held());
  for (int i = 1; i <= 3; ++i) {
    Blocked blocked;
    start_receive(blocked);
    EXPECT_TRUE(blocked.join().ok());
    EXPECT_EQ(*blocked.message, i);
  }
  Blocked last;
  start_receive(last);
  EXPECT_TRUE(failed(last.join(), Error::EPIPE));
}

TEST_F(TypedChannelTest, T5_one_receive_wakes_exactly_one_sender_and_nobody_overtakes_it) {
  open(1);
  ASSERT_TRUE(try_send(1).ok());
  Blocked first, second;
  start_send(first, 2);
  first.begun();
  start_send(second, 3);
  second.begun();
  EXPECT_EQ(try_receive(), 1);
  EXPECT_TRUE(failed(try_send(4), Error::EAGAIN)) << "the free place went to who waited";
  EXPECT_TRUE(first.join().ok());
  EXPECT_EQ(second.blocker.unused_wakes(), 0u);
  EXPECT_EQ(try_receive(), 2);
  EXPECT_TRUE(second.join().ok());
  EXPECT_EQ(try_receive(), 3);
}

TEST_F(TypedChannelTest, T6_try_receive_tells_empty_from_gone) {
  open(2);
  EXPECT_EQ(try_receive(), kFull);
  ASSERT_TRUE(try_send(1).ok());
  sender.drop(nothing_held());
  EXPECT_EQ(try_receive(), 1);
  EXPECT_EQ(try_receive(), kGone);
}

TEST_F(TypedChannelTest, T7_the_last_sender_wakes_all_receivers) {
  open(1);
  auto second = sender.clone(nothing_held());
  Blocked waiting[3];
  for (Blocked& one : waiting) {
    start_receive(one);
    one.begun();
  }
  sender.drop(nothing_held());
  for (Blocked& one : waiting) EXPECT_EQ(one.blocker.unused_wakes(), 0u) << "one sender is left";
  second.drop(nothing_held());
  for (Blocked& one : waiting) EXPECT_TRUE(failed(one.join(), Error::EPIPE));
}

TEST_F(TypedChannelTest, T8_the_last_receiver_wakes_all_senders) {
  open(1);
  ASSERT_TRUE(try_send(1).ok());
  Blocked waiting[3];
  for (Blocked& one : waiting) {
    start_send(one, 5);
    one.begun();
  }
  receiver.drop(nothing_held());
  for (Blocked& one : waiting) {
    EXPECT_TRUE(failed(one.join(), Error::EPIPE));
    EXPECT_NE(one.message, nullptr);
  }
  EXPECT_EQ(statistics().queued, 1u);
  sender.drop(nothing_held());
  EXPECT_EQ(statistics().discarded, 1u) << "destroyed with the last handle";
}

TEST_F(TypedChannelTest, T9_each_side_knows_whether_the_other_is_gone) {
  open(1);
  EXPECT_FALSE(sender.is_disconnected(nothing_held()));
  EXPECT_FALSE(receiver.is_disconnected(nothing_held()));
  sender.drop(nothing_held());
  EXPECT_TRUE(receiver.is_disconnected(nothing_held()));
}

TEST_F(TypedChannelTest, T10_is_fifo_over_many_rounds) {
  open(3);
  int in = 0, out = 0;
  for (int round = 0; round < 100; ++round) {
    while (try_send(in).ok()) ++in;
    for (int i = round % 3; i >= 0; --i) ASSERT_EQ(try_receive(), out++);
  }
  while (out < in) ASSERT_EQ(try_receive(), out++);
  EXPECT_EQ(try_receive(), kFull);
}

TEST_F(TypedChannelTest, T11_who_gives_up_leaves_the_list_and_takes_no_wake_with_it) {
  open(1);
  Blocked first, second;
  start_receive(first);
  first.begun();
  start_receive(second);
  second.begun();
  first.blocker.give_up();
  EXPECT_TRUE(failed(first.join(), Error::ETIMEDOUT));
  ASSERT_TRUE(try_send(4).ok());
  EXPECT_TRUE(second.join().ok()) << "the wake went to the one that lives";
  EXPECT_EQ(*second.message, 4);
  ASSERT_TRUE(try_send(5).ok());
  Blocked late;
  start_send(late, 6);
  late.begun();
  late.blocker.give_up();
  EXPECT_TRUE(failed(late.join(), Error::ETIMEDOUT));
  EXPECT_EQ(*late.message, 6);
  EXPECT_EQ(try_receive(), 5);
  EXPECT_EQ(try_receive(), kFull);
}

/// Says that it gives up only after it has been served.
struct LateBlocker {
  WaitEnd wait() {
    on_wait();
    return WaitEnd::GaveUp;
  }
  void wait_for_wake() { ++waited_for_wake; }
  void wake() { ++wakes; }
  void (*on_wait)() = nullptr;
  int wakes = 0, waited_for_wake = 0;
};

TEST(TypedChannelLate, T11_who_gives_up_too_late_has_been_served_and_says_so) {
  int storage[1] = {};
  static TypedChannel<int, LateBlocker>* channel = nullptr;
  static Sender<int, LateBlocker>* sender = nullptr;
  TypedChannel<int, LateBlocker> made(storage, 1);
  channel = &made;
  auto ends = channel->open(nothing_held());
  sender = &ends.sender;
  LateBlocker thread;
  thread.on_wait = [] {
    int message = 9;
    EXPECT_TRUE(sender->try_send(nothing_held(), message).ok());
  };
  int got = 0;
  EXPECT_TRUE(ends.receiver.receive(nothing_held(), got, thread).ok());
  EXPECT_EQ(got, 9);
  EXPECT_EQ(thread.wakes, 1);
  EXPECT_EQ(thread.waited_for_wake, 1) << "its wake is used up, not left for the next wait";
  ends.sender.drop(nothing_held());
  ends.receiver.drop(nothing_held());
}

TEST(TypedChannelKernel, T4_T6_without_a_blocker_there_are_only_the_forms_that_never_block) {
  int storage[1] = {};
  TypedChannel<int> channel(storage, 1);
  auto ends = channel.open(nothing_held());
  int message = 3, got = 0;
  EXPECT_TRUE(ends.sender.try_send(nothing_held(), message).ok());
  EXPECT_TRUE(ends.receiver.try_receive(nothing_held(), got).ok());
  EXPECT_EQ(got, 3);
  constexpr auto can_block = [](auto& end) {
    return requires(NeverBlocks & nobody, int& word) { end.send(nothing_held(), word, nobody); };
  };
  EXPECT_FALSE(can_block(ends.sender));
  ends.sender.drop(nothing_held());
  ends.receiver.drop(nothing_held());
}

}  // namespace
}  // namespace ipc
