// SPDX-License-Identifier: Apache-2.0
//
// Notifications, semaphores, waiting for any and bindings beside their meaning (test/fakes/event_reference.hpp),
// together with the ports and channels that raise them: random operations, deadlines, deaths, ends in pieces, more
// watchers than one raise wakes. After every step: who was woken and with what is what the reference says; and nobody
// waits for what already holds, unless a raise is still being worked off.
#include "test/fakes/ipc_world.hpp"

#include <algorithm>
#include <random>

#include "ipc/notification.hpp"
#include "ipc/semaphore.hpp"
#include "test/fakes/event_reference.hpp"

namespace ipc {
namespace {

using base::Error;
using fakes::End;
using fakes::EventReference;
using fakes::message_of;
using fakes::nothing_held;
using Index = EventReference::Index;
using Wait = EventReference::Wait;

static_assert(static_cast<int>(Wait::Any) == static_cast<int>(Waiting::Any), "the same states, in one order");

class Events : public fakes::IpcWorld {
 protected:
  static constexpr std::size_t kPorts = 2, kNotifications = 3, kSemaphores = 2;
  static constexpr std::uint32_t kCapacities[] = {1, 3};

  void set_up(std::size_t parties, unsigned seed) {
    random.seed(seed);
    for (std::size_t i = 0; i < kPorts; ++i) port.push_back(make_port());
    for (const std::uint32_t capacity : kCapacities) {
      channel.push_back(make_channel(capacity));
      says.channel.push_back({capacity, {}, {}, {}});
    }
    for (std::size_t i = 0; i < kNotifications; ++i) notification.push_back(std::make_unique<Notification>());
    for (std::size_t i = 0; i < kSemaphores; ++i) semaphore.push_back(std::make_unique<Semaphore>(0));
    for (std::size_t i = 0; i < parties; ++i) party.push_back(std::make_unique<Party>());
    says.port.resize(kPorts);
    says.notification.resize(kNotifications);
    says.semaphore.resize(kSemaphores);
    says.party.resize(parties);
    says.mask.resize(parties);
    says.point.resize(says.points());
  }

  void run(int steps) {
    for (int step = 0; step < steps && !HasFatalFailure(); ++step) {
      one_step();
      compare();
      if (HasFatalFailure()) FAIL() << "in step " << step;
    }
    finish();
  }

  std::size_t pick(std::size_t below) { return random() % below; }
  bool chance(unsigned percent) { return pick(100) < percent; }
  static Blocking blocking(bool may_block) { return may_block ? kMayBlock : kDoNotBlock; }

  WatchPoint& point_at(Index number) {
    if (number < says.of_channel(0, 0, false))
      return number % 2 == 0 ? port[number / 2]->readable : port[number / 2]->writable;
    if (number < says.of_notification(0)) {
      const Index rest = number - says.of_channel(0, 0, false);
      Channel& one = *channel[rest / 4];
      return rest % 2 == 0 ? one.readable[rest / 2 % 2] : one.writable[rest / 2 % 2];
    }
    if (number < says.of_semaphore(0)) return notification[number - says.of_notification(0)]->readable;
    return semaphore[number - says.of_semaphore(0)]->readable;
  }

  void one_step() {
    if (chance(10)) {
      says.continue_one();
      continue_raising_one(wakes);
      return;
    }
    const std::size_t dice = pick(1000);
    if (dice < 20) return die(pick(party.size()));
    if (dice < 60) return pass_deadline(pick(party.size()));
    if (dice < 75) return end_something();
    if (dice < 135) return signal(pick(kNotifications), std::uint64_t{1} << pick(64) | random() % 16);
    if (dice < 200) return post(pick(kSemaphores));
    if (dice < 225) return bind();
    if (dice < 240) return unbind_one();
    const Index who = pick(party.size());
    if (party[who]->waiting != Waiting::Nothing) return;
    actor = who;
    switch (pick(10)) {
      case 0: return send(who);
      case 1: return receive(who);
      case 2: return channel_send(who);
      case 3: return channel_receive(who);
      case 4: return wait(who);
      case 5: return acquire(who);
      default: return wait_any(who);
    }
  }

  // One operation each: the reference's and the state machine's.

  void ended(bool said_completed, Outcome outcome) {
    ASSERT_EQ(outcome == kCompleted, said_completed) << "blocked or not";
    if (said_completed) says.woken.push_back(actor), wakes.push_back(*party[actor]);
  }
  void send(Index who) {
    const Index at = pick(kPorts);
    const std::uint64_t number = ++last_number;
    const bool may_block = chance(60);
    for (std::size_t more = chance(20) ? pick(20) : 0; more > 0; --more) {
      says.send(who, at, {number, number, EventReference::kNobody}, false);
      static_cast<void>(
          port[at]->send(nothing_held(), *party[who], message_of(number, number), number, kDoNotBlock, wakes));
    }
    const bool done = says.send(who, at, {number, number, EventReference::kNobody}, may_block);
    ended(done,
          port[at]->send(nothing_held(), *party[who], message_of(number, number), number, blocking(may_block), wakes));
  }
  void receive(Index who) {
    const Index at = pick(kPorts);
    const bool may_block = chance(30);
    const bool done = says.receive(who, at, may_block);
    ended(done, port[at]->receive(nothing_held(), *party[who], blocking(may_block), wakes));
  }
  void channel_send(Index who) {
    const Index at = pick(channel.size());
    const auto end = static_cast<unsigned>(pick(2));
    const std::uint64_t number = ++last_number;
    const bool may_block = chance(40);
    const bool done = says.channel_send(who, at, end, {number, number, EventReference::kNobody}, may_block);
    ended(done, channel[at]->send(nothing_held(), *party[who], end, message_of(number, number), number,
                                  blocking(may_block), wakes));
  }
  void channel_receive(Index who) {
    const Index at = pick(channel.size());
    const auto end = static_cast<unsigned>(pick(2));
    const bool may_block = chance(30);
    const bool done = says.channel_receive(who, at, end, may_block);
    ended(done, channel[at]->receive(nothing_held(), *party[who], end, blocking(may_block), wakes));
  }
  void signal(Index at, std::uint64_t bits) {
    if (says.notification[at].gone) return;
    says.signal(at, bits);
    notification[at]->signal(bits, wakes);
  }
  void wait(Index who) {
    const Index at = pick(kNotifications);
    const std::uint64_t mask = chance(5) ? 0 : random() & random();
    const bool may_block = chance(80);
    const bool done = says.wait(who, at, mask, may_block);
    ended(done, notification[at]->wait(*party[who], mask, blocking(may_block)));
  }
  void post(Index at) {
    if (says.semaphore[at].gone) return;
    ASSERT_EQ(semaphore[at]->post(wakes).ok(), says.post(at));
  }
  void acquire(Index who) {
    const Index at = pick(kSemaphores);
    const bool may_block = chance(80);
    const bool done = says.acquire(who, at, may_block);
    ended(done, semaphore[at]->wait(*party[who], blocking(may_block)));
  }
  void wait_any(Index who) {
    // Many for the same thing: more than one raise wakes.
    const Index favourite = says.of_semaphore(0);
    std::vector<std::pair<Index, unsigned>> named;
    WatchSet set;
    bool holds = false;
    for (unsigned place = 0; place < 1 + pick(3); ++place) {
      const Index number = chance(60) ? favourite : pick(says.points());
      named.emplace_back(number, place);
      set.point[place * kEvents + (chance(50) ? 1 : 0)] = &point_at(number);
      holds = holds || says.holds(number);
    }
    if (holds) return;
    says.wait_any(who, named);
    ASSERT_EQ(wait_for_any(*party[who], set), kBlocked);
    ++met["waits for any"];
  }
  void bind() {
    const Index number = pick(says.of_notification(0));
    const Index at = pick(kNotifications);
    WatchPoint& point = point_at(number);
    ASSERT_EQ(point.has_room_for_binding(), says.point[number].bound.size() < EventReference::kBindings);
    if (!point.has_room_for_binding() || says.notification[at].gone) return;
    bindings.push_back(std::make_unique<Binding>());
    const std::uint64_t bits = std::uint64_t{1} << pick(64);
    point.bind(*bindings.back(), *notification[at], bits);
    says.point[number].bound.push_back({at, bits, bindings.size() - 1});
  }
  void unbind_one() {
    const Index number = pick(says.of_notification(0));
    auto& bound = says.point[number].bound;
    if (bound.empty()) return;
    unbind(*bindings[bound.back().number]);
    bound.pop_back();
  }
  /// Everything bound to a point or to a notification goes.
  void unbind_all(Index number, Index at) {
    for (Index each = 0; each < says.points(); ++each) {
      std::erase_if(says.point[each].bound, [&](const EventReference::Bound& one) {
        if (each != number && one.notification != at) return false;
        unbind(*bindings[one.number]);
        return true;
      });
    }
  }
  void pass_deadline(Index who) {
    if (party[who]->waiting == Waiting::Nothing) return;
    says.cancel(who, Error::ETIMEDOUT);
    cancel(*party[who], Error::ETIMEDOUT);
    says.woken.push_back(who), wakes.push_back(*party[who]);
  }
  void die(Index who) {
    says.dies(who);
    party_dies(*party[who], wakes);
    ASSERT_EQ(party[who]->waiting, Waiting::Nothing);
    for (const Watch& watch : party[who]->watches) ASSERT_FALSE(watch.node.is_linked());
    compare();
    party[who] = std::make_unique<Party>();
    says.party[who] = {};
  }

  /// One more piece of an end; at its end a new object takes the place.
  void end_something() {
    const auto limit = static_cast<std::uint32_t>(1 + pick(3));
    const Index nobody = EventReference::kNobody;
    switch (pick(4)) {
      case 0: {
        const Index at = pick(kPorts);
        const bool said = says.destroy(at, limit);
        ASSERT_EQ(port[at]->destroy(limit, wakes), said);
        compare();
        if (!said || is_watched({says.of_port(at, false), says.of_port(at, true)})) return;
        for (const bool writable : {false, true}) unbind_all(says.of_port(at, writable), nobody);
        for (WatchPoint* one : {&port[at]->readable, &port[at]->writable}) one->forget();
        forget_pending({says.of_port(at, false), says.of_port(at, true)});
        port[at]->drain(nothing_held());
        pool.release(nothing_held(), abi::kPortQueueCapacity);
        port[at] = make_port();
        says.renew_port(at);
        return;
      }
      case 1: {
        const Index at = pick(channel.size());
        bool all = true;
        for (unsigned end = 0; end < 2; ++end) {
          const bool said = says.disconnect(at, end, limit);
          ASSERT_EQ(channel[at]->disconnect(nothing_held(), end, limit, wakes), said);
          compare();
          all = all && said;
        }
        std::vector<Index> mine;
        for (Index each = says.of_channel(at, 0, false); mine.size() < 4; ++each) mine.push_back(each);
        if (!all || is_watched(mine)) return;
        for (const Index each : mine) unbind_all(each, nobody), point_at(each).forget();
        forget_pending(mine);
        pool.release(nothing_held(), channel[at]->reserved_nodes());
        channel[at] = make_channel(kCapacities[at]);
        says.channel[at] = {kCapacities[at], {}, {}, {}};
        return;
      }
      case 2: {
        const Index at = pick(kNotifications);
        unbind_all(nobody, at);
        const bool said = says.disconnect_notification(at, limit);
        ASSERT_EQ(notification[at]->disconnect(limit, wakes), said);
        ASSERT_FALSE(notification[at]->has_bindings());
        compare();
        if (!said || is_watched({says.of_notification(at)})) return;
        notification[at]->readable.forget();
        forget_pending({says.of_notification(at)});
        notification[at] = std::make_unique<Notification>();
        says.notification[at] = {};
        ++met["notification ended"];
        return;
      }
      default: {
        const Index at = pick(kSemaphores);
        const bool said = says.disconnect_semaphore(at, limit);
        ASSERT_EQ(semaphore[at]->disconnect(limit, wakes), said);
        compare();
        if (!said || is_watched({says.of_semaphore(at)})) return;
        semaphore[at]->readable.forget();
        forget_pending({says.of_semaphore(at)});
        semaphore[at] = std::make_unique<Semaphore>(0);
        says.semaphore[at] = {};
        ++met["semaphore ended"];
        return;
      }
    }
  }
  bool is_watched(const std::vector<Index>& points) {
    return std::any_of(points.begin(), points.end(), [&](Index each) { return point_at(each).is_watched(); });
  }
  void forget_pending(const std::vector<Index>& points) {
    for (const Index each : points) std::erase(says.pending, each);
  }

  // Comparison.

  void compare() {
    says.act_on_raised();
    std::vector<Party*> expected, found;
    for (const Index other : says.woken) expected.push_back(party[other].get());
    while (Party* const other = wakes.pop_front()) found.push_back(other);
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    ASSERT_EQ(expected, found) << "who is woken";
    for (const Index who : says.woken) {
      const Completion& done = party[who]->completion;
      const End& said = says.party[who].ended;
      ASSERT_EQ(done.status.ok(), !said.error.has_value());
      if (said.error) {
        ASSERT_EQ(done.status.error(), *said.error);
        ++met[std::to_string(static_cast<int>(*said.error))];
      }
      ASSERT_EQ(done.delivery.message.word[0], said.message);
    }
    says.woken.clear();
    for (Index i = 0; i < party.size(); ++i) {
      ASSERT_EQ(static_cast<int>(party[i]->waiting.load()), static_cast<int>(says.party[i].wait)) << "party " << i;
      bool is_linked = false;
      for (const Watch& watch : party[i]->watches) is_linked = is_linked || watch.node.is_linked();
      ASSERT_EQ(is_linked, party[i]->waiting == Waiting::Any);
    }
    ASSERT_EQ(raising_is_pending(), !says.pending.empty());
    met["more watchers than one raise wakes"] += says.pending.empty() ? 0 : 1;
    for (Index number = 0; number < says.points(); ++number) {
      ASSERT_EQ(point_at(number).is_watched(), !says.point[number].watchers.empty());
      // C9: the test and the raise agree: who waits for what holds is still to be woken.
      if (says.holds(number)) {
        ASSERT_EQ(says.point[number].due.empty(), says.point[number].watchers.empty()) << "point " << number;
      }
    }
    for (Index at = 0; at < kPorts; ++at) {
      ASSERT_EQ(port[at]->is_readable(), says.holds(says.of_port(at, false)));
      ASSERT_EQ(port[at]->is_writable(), says.holds(says.of_port(at, true)));
    }
    for (Index at = 0; at < channel.size(); ++at) {
      for (unsigned end = 0; end < 2; ++end) {
        ASSERT_EQ(channel[at]->is_readable(nothing_held(), end), says.holds(says.of_channel(at, end, false)));
        ASSERT_EQ(channel[at]->is_writable(nothing_held(), end), says.holds(says.of_channel(at, end, true)));
      }
    }
    for (Index at = 0; at < kNotifications; ++at) ASSERT_EQ(notification[at]->bits(), says.notification[at].bits);
    for (Index at = 0; at < kSemaphores; ++at) ASSERT_EQ(semaphore[at]->count(), says.semaphore[at].count);
  }

  void finish() {
    for (Index i = 0; i < party.size(); ++i) die(i);
    while (raising_is_pending()) continue_raising_one(wakes);
    EXPECT_TRUE(wakes.is_empty());
    for (Index each = 0; each < says.points(); ++each)
      unbind_all(each, EventReference::kNobody), point_at(each).forget();
    for (auto& one : port) end_port(*one);
    for (auto& one : channel) end_channel(*one);
    EXPECT_EQ(pool.counts(nothing_held()).taken, 0u);
  }

  std::mt19937_64 random;
  std::vector<std::unique_ptr<Port>> port;
  std::vector<std::unique_ptr<Channel>> channel;
  std::vector<std::unique_ptr<Notification>> notification;
  std::vector<std::unique_ptr<Semaphore>> semaphore;
  std::vector<std::unique_ptr<Binding>> bindings;
  std::vector<std::unique_ptr<Party>> party;
  EventReference says;
  Index actor = 0;
  std::uint64_t last_number = 0;
  std::map<std::string, long> met;
};

TEST_F(Events, C9_N4_N6_random_steps_of_forty_threads_go_as_the_reference_says) {
  set_up(40, 20261126);
  run(60'000);
  EXPECT_GT(met["waits for any"], 1'500);
  EXPECT_GT(met["more watchers than one raise wakes"], 300);
  EXPECT_GT(met["notification ended"], 30);
  EXPECT_GT(met["semaphore ended"], 30);
  EXPECT_GT(met[std::to_string(static_cast<int>(Error::EPIPE))], 150);
  EXPECT_GT(met[std::to_string(static_cast<int>(Error::ETIMEDOUT))], 300);
}

TEST_F(Events, C9_N4_N6_random_steps_of_few_threads_go_as_the_reference_says) {
  set_up(6, 11);
  run(100'000);
  EXPECT_GT(met["waits for any"], 1'200);
}

}  // namespace
}  // namespace ipc
