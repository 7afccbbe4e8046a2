// SPDX-License-Identifier: Apache-2.0
//
// Watch points: who is woken with which places, raises with more watchers than one wakes, bindings, and where ports and
// channels raise theirs.
#include "test/fakes/ipc_world.hpp"

#include "ipc/notification.hpp"
#include "ipc/semaphore.hpp"

namespace ipc {
namespace {

using base::Error;
using fakes::message_of;
using fakes::nothing_held;

struct WatchTest : fakes::IpcWorld {
  Party a, b, c;
  WatchPoint one, two;

  static void watch(Party& party, std::initializer_list<WatchPoint*> points) {
    WatchSet set;
    unsigned place = 0;
    for (WatchPoint* point : points) set.point[kEvents * place++] = point;
    ASSERT_EQ(wait_for_any(party, set), kBlocked);
  }
  static std::uint64_t places(const Party& party) { return got(party).message.word[0]; }
  void forget_woken() {
    while (wakes.pop_front() != nullptr) {
    }
  }
};

TEST_F(WatchTest, C9_a_raise_wakes_who_watches_with_the_place_and_takes_it_out_of_all) {
  watch(a, {&one, &two});
  watch(b, {&two});
  two.raise(wakes);
  EXPECT_EQ(wakes.size(), 2u);
  EXPECT_EQ(places(a), 0b10u);
  EXPECT_EQ(places(b), 0b01u);
  forget_woken();
  EXPECT_FALSE(one.is_watched());
  one.raise(wakes);
  two.raise(wakes);
  EXPECT_TRUE(wakes.is_empty()) << "completed once";
}

TEST_F(WatchTest, C9_one_point_in_several_places_is_ready_in_all_of_them) {
  watch(a, {&one, &two, &one});
  one.raise(wakes);
  EXPECT_EQ(woken(), &a);
  EXPECT_EQ(places(a), 0b101u);
}

TEST_F(WatchTest, C9_a_cancelled_or_dead_party_watches_nothing) {
  watch(a, {&one, &two});
  cancel(a, Error::ETIMEDOUT);
  EXPECT_TRUE(failed_with(a, Error::ETIMEDOUT));
  watch(b, {&one, &two});
  party_dies(b, wakes);
  EXPECT_FALSE(one.is_watched() || two.is_watched());
  one.raise(wakes);
  EXPECT_TRUE(wakes.is_empty());
}

TEST_F(WatchTest, C9_a_raise_of_many_goes_in_steps_and_meets_nobody_who_came_later) {
  std::vector<std::unique_ptr<Party>> crowd;
  for (unsigned i = 0; i < 20; ++i) {
    crowd.push_back(std::make_unique<Party>());
    watch(*crowd.back(), {&one});
  }
  one.raise(wakes);
  EXPECT_EQ(wakes.size(), WatchPoint::kWakesPerRaise);
  EXPECT_TRUE(raising_is_pending());
  forget_woken();
  // Those who were woken find nothing and come again; others give up or die.
  for (unsigned i = 0; i < 8; ++i) watch(*crowd[i], {&one});
  cancel(*crowd[10], Error::ETIMEDOUT);
  continue_raising_one(wakes);
  EXPECT_EQ(wakes.size(), 8u);
  forget_woken();
  continue_raising_one(wakes);
  EXPECT_EQ(wakes.size(), 3u);
  EXPECT_FALSE(raising_is_pending()) << "it has come to an end";
  forget_woken();
  for (unsigned i = 0; i < 8; ++i) EXPECT_EQ(crowd[i]->waiting, Waiting::Any);
  one.raise(wakes);
  EXPECT_EQ(wakes.size(), 8u) << "the next raise meets them";
  EXPECT_FALSE(raising_is_pending());
  forget_woken();
}

TEST_F(WatchTest, C9_a_raise_in_the_middle_of_another_meets_everybody) {
  std::vector<std::unique_ptr<Party>> crowd;
  for (unsigned i = 0; i < 10; ++i) {
    crowd.push_back(std::make_unique<Party>());
    watch(*crowd.back(), {&one});
  }
  one.raise(wakes);
  forget_woken();
  watch(a, {&one});
  one.raise(wakes);
  EXPECT_EQ(wakes.size(), 3u);
  forget_woken();
  while (raising_is_pending()) continue_raising_one(wakes);
  EXPECT_TRUE(wakes.is_empty());
}

TEST_F(WatchTest, A5_defect_A6_a_binding_signals_at_each_raise_until_it_is_unbound) {
  Notification word;
  Binding binding;
  one.bind(binding, word, 0b10);
  EXPECT_TRUE(word.has_bindings());
  ASSERT_EQ(word.wait(a, 0b10, kMayBlock), kBlocked);
  one.raise(wakes);
  EXPECT_EQ(woken(), &a);
  one.raise(wakes);
  EXPECT_EQ(word.bits(), 0b10u);
  watch(b, {&two});
  unbind(binding);
  EXPECT_FALSE(word.has_bindings());
  cancel(b, Error::EPIPE);
  ASSERT_EQ(word.wait(c, 0b10, kDoNotBlock), kCompleted);
  one.raise(wakes);
  EXPECT_EQ(word.bits(), 0u);
  one.forget();
}

TEST_F(WatchTest, defect_A6_a_point_takes_eight_bindings) {
  Notification word;
  Binding bindings[WatchPoint::kBindingsPerPoint];
  for (Binding& binding : bindings) {
    EXPECT_TRUE(one.has_room_for_binding());
    one.bind(binding, word, 1);
  }
  EXPECT_FALSE(one.has_room_for_binding());
  for (Binding& binding : bindings) unbind(binding);
}

TEST_F(WatchTest, C9_a_signal_wakes_who_watches_the_notification_and_who_waits_for_others_bits_sleeps_on) {
  Notification word;
  watch(a, {&word.readable});
  ASSERT_EQ(word.wait(b, 0b10, kMayBlock), kBlocked);
  word.signal(0b10, wakes);
  EXPECT_EQ(woken(), &b) << "nothing is left for the one that watches";
  word.signal(0b01, wakes);
  EXPECT_EQ(woken(), &a);
  watch(a, {&word.readable});
  EXPECT_TRUE(word.disconnect(8, wakes));
  EXPECT_EQ(woken(), &a) << "its end as well";
}

TEST_F(WatchTest, C9_a_semaphore_raises_when_it_counts_up_and_at_its_end) {
  Semaphore gate(0);
  watch(a, {&gate.readable});
  ASSERT_EQ(gate.wait(b, kMayBlock), kBlocked);
  EXPECT_TRUE(gate.post(wakes).ok());
  EXPECT_EQ(woken(), &b);
  EXPECT_TRUE(gate.post(wakes).ok());
  EXPECT_EQ(woken(), &a);
  EXPECT_EQ(gate.wait(b, kDoNotBlock), kCompleted);
  watch(a, {&gate.readable});
  EXPECT_TRUE(gate.disconnect(8, wakes));
  EXPECT_EQ(woken(), &a);
}

TEST_F(WatchTest, C9_a_port_is_readable_for_what_no_receiver_takes_and_writable_when_a_slot_becomes_free) {
  const auto port = make_port();
  watch(a, {&port->readable});
  ASSERT_EQ(port->receive(nothing_held(), b, kMayBlock, wakes), kBlocked);
  ASSERT_EQ(port->send(nothing_held(), c, message_of(1), 0, kDoNotBlock, wakes), kCompleted);
  EXPECT_EQ(woken(), &b);
  ASSERT_EQ(port->send(nothing_held(), c, message_of(1), 0, kDoNotBlock, wakes), kCompleted);
  EXPECT_EQ(woken(), &a);
  while (port->can_send()) static_cast<void>(port->send(nothing_held(), c, message_of(1), 0, kDoNotBlock, wakes));
  EXPECT_FALSE(port->is_writable());
  watch(a, {&port->writable});
  ASSERT_EQ(port->receive(nothing_held(), b, kDoNotBlock, wakes), kCompleted);
  EXPECT_EQ(woken(), &a);
  ASSERT_EQ(port->send(nothing_held(), c, message_of(1), 0, kDoNotBlock, wakes), kCompleted);
  watch(a, {&port->writable});
  ASSERT_EQ(port->send(nothing_held(), c, message_of(1), 0, kMayBlock, wakes), kBlocked);
  ASSERT_EQ(port->receive(nothing_held(), b, kDoNotBlock, wakes), kCompleted);
  EXPECT_EQ(woken(), &c) << "the slot went to the one that had waited to send";
  EXPECT_EQ(a.waiting, Waiting::Any);
  EXPECT_TRUE(port->destroy(0, wakes) || wakes.is_empty()) << "with limit 0 nobody is told";
  EXPECT_TRUE(port->destroy(8, wakes));
  EXPECT_EQ(woken(), &a);
  end_port(*port);
}

TEST_F(WatchTest, C9_a_queued_call_makes_a_port_readable) {
  const auto port = make_port();
  watch(a, {&port->readable});
  ASSERT_EQ(port->call(nothing_held(), b, message_of(1), 0, wakes), kBlocked);
  EXPECT_EQ(woken(), &a);
  end_port(*port);
  forget_woken();
}

TEST_F(WatchTest, C9_each_lane_of_a_channel_raises_for_its_own_end) {
  const auto channel = make_channel(1);
  watch(a, {&channel->readable[0], &channel->readable[1]});
  ASSERT_EQ(channel->send(nothing_held(), b, 0, message_of(1), 0, kDoNotBlock, wakes), kCompleted);
  EXPECT_EQ(woken(), &a);
  EXPECT_EQ(places(a), 0b10u) << "what end 0 sends, end 1 can read";
  watch(a, {&channel->writable[0], &channel->readable[0]});
  ASSERT_EQ(channel->receive(nothing_held(), b, 1, kDoNotBlock, wakes), kCompleted);
  EXPECT_EQ(woken(), &a);
  EXPECT_EQ(places(a), 0b01u);
  watch(a, {&channel->readable[0]});
  watch(c, {&channel->readable[1]});
  close(*channel, 1);
  EXPECT_EQ(wakes.size(), 2u);
  EXPECT_TRUE(channel->is_readable(nothing_held(), 0));
  EXPECT_TRUE(channel->is_writable(nothing_held(), 0));
  forget_woken();
  end_channel(*channel);
}

}  // namespace
}  // namespace ipc
