// SPDX-License-Identifier: Apache-2.0
//
// The state machines beside their meaning (test/fakes/ipc_reference.hpp): random operations, deadlines, deaths,
// piecewise destruction, forged tokens. After every step each outcome, each wake-up in its order, each queue and each
// counter must be what the reference says. A run counts what it has met, and fails if it has not met everything often:
// a path that is never taken proves nothing.
#include "test/fakes/ipc_world.hpp"

#include <algorithm>
#include <random>

#include "test/fakes/ipc_reference.hpp"

namespace ipc {
namespace {

using base::Error;
using fakes::End;
using fakes::IpcReference;
using fakes::message_of;
using fakes::nothing_held;
using Index = IpcReference::Index;
using Wait = IpcReference::Wait;

static_assert(static_cast<int>(Wait::ChannelMessage) == static_cast<int>(Waiting::ChannelMessage),
              "the same states, in one order");

struct Settings {
  std::size_t parties;
  int steps;
  std::size_t servers;     ///< if not all: so many of them only receive and answer, the others only call
  unsigned reply_percent;  ///< how often a party that owes replies answers
  std::size_t ends;        ///< of a port, in 1000 steps, and as many of a channel
  std::size_t deaths;      ///< in 1000 steps
  std::size_t deadlines;   ///< in 1000 steps
  unsigned seed;
};

class Reference : public fakes::IpcWorld {
 protected:
  static constexpr std::size_t kPorts = 2;
  static constexpr std::uint32_t kCapacities[] = {1, 3};

  void run(const Settings& settings) {
    random.seed(settings.seed);
    is = settings;
    for (std::size_t i = 0; i < kPorts; ++i) port.push_back(make_port());
    for (const std::uint32_t capacity : kCapacities) {
      channel.push_back(make_channel(capacity));
      says.channel.push_back({capacity, {}, {}, {}});
    }
    for (std::size_t i = 0; i < settings.parties; ++i) party.push_back(std::make_unique<Party>());
    says.port.resize(kPorts);
    says.party.resize(settings.parties);
    for (int step = 0; step < settings.steps && !HasFatalFailure(); ++step) {
      one_step();
      if (HasFatalFailure()) FAIL() << "in step " << step;
    }
    finish();
  }

  std::size_t pick(std::size_t below) { return random() % below; }
  bool chance(unsigned percent) { return pick(100) < percent; }

  /// A party that can act, if any can: blocked ones are left to others, to deadlines and to death.
  Index pick_party() {
    const Index first = pick(party.size());
    for (Index i = 0; i < party.size(); ++i) {
      const Index who = (first + i) % party.size();
      if (party[who]->waiting == Waiting::Nothing) return who;
    }
    return first;
  }

  void one_step() {
    // What has begun to end goes on, so that most steps meet objects that work.
    const Index some_port = pick(kPorts), some_channel = pick(channel.size());
    if (!says.port[some_port].alive && chance(5)) return work_on_port(some_port);
    if ((says.channel[some_channel].gone[0] || says.channel[some_channel].gone[1]) && chance(5)) {
      return work_on_channel(some_channel);
    }
    const std::size_t dice = pick(1000);
    if (dice < is.ends) return work_on_port(some_port);
    if (dice < 2 * is.ends) return work_on_channel(some_channel);
    if (dice < 2 * is.ends + is.deaths) return die(pick(party.size()));
    if (dice < 2 * is.ends + is.deaths + is.deadlines) return pass_deadline(pick(party.size()));
    const Index who = pick_party();
    if (party[who]->waiting != Waiting::Nothing) return pass_deadline(who);
    if (!says.party[who].owed.empty() && chance(is.reply_percent)) return answer(who);
    if (is.servers < party.size()) return who < is.servers ? receive(who) : call(who);
    switch (pick(8)) {
      case 0: return channel_send(who);
      case 1: return channel_receive(who);
      case 2: return send(who);
      case 3:
      case 4: return call(who);
      case 5: return answer(who);
      default: return receive(who);
    }
  }

  // One operation each: the reference's and the state machine's.

  void send(Index who) {
    const Index at = pick(kPorts);
    const IpcReference::Item item = new_item();
    // Bursts, so that the 16 slots fill.
    const bool may_block = chance(50);
    for (std::size_t more = chance(10) ? pick(20) : 0; more > 0 && says.port[at].alive; --more) {
      const IpcReference::Item extra = new_item();
      const bool done = says.send(who, at, extra, false);
      compare(who, done,
              port[at]->send(nothing_held(), *party[who], as_message(extra), extra.badge, kDoNotBlock, wakes));
    }
    const bool done = says.send(who, at, item, may_block);
    compare(who, done,
            port[at]->send(nothing_held(), *party[who], as_message(item), item.badge, blocking(may_block), wakes));
  }

  void call(Index who) {
    const Index at = pick(kPorts);
    const IpcReference::Item item = new_item();
    const bool done = says.call(who, at, item);
    compare(who, done, port[at]->call(nothing_held(), *party[who], as_message(item), item.badge, wakes));
  }

  void receive(Index who) {
    const Index at = pick(kPorts);
    const bool may_block = chance(60);
    const bool done = says.receive(who, at, may_block);
    compare(who, done, port[at]->receive(nothing_held(), *party[who], blocking(may_block), wakes));
  }

  void answer(Index who) {
    const std::uint64_t token = pick_token(who);
    const std::uint64_t number = ++last_number;
    const Index at = pick(kPorts);
    if (chance(50)) {
      const bool done = says.reply(who, token, number);
      compare(who, done, reply(*party[who], token, message_of(number, number), wakes));
    } else {
      const bool may_block = chance(60);
      const bool done = says.reply_and_receive(who, token, number, at, may_block);
      compare(who, done,
              port[at]->reply_and_receive(nothing_held(), *party[who], token, message_of(number, number),
                                          blocking(may_block), wakes));
    }
  }

  /// Mostly one that it owes; sometimes none, a guess, a spent one, or another thread's.
  std::uint64_t pick_token(Index who) {
    const auto& mine = says.party[who].owed;
    if (!mine.empty() && chance(94)) return mine[pick(mine.size())].token;
    const auto& others = says.party[pick(party.size())].owed;
    if (!others.empty() && chance(50)) return others[pick(others.size())].token;
    return pick(3) == 0 ? 0 : random();
  }

  void channel_send(Index who) {
    const Index at = pick(channel.size());
    const auto end = static_cast<unsigned>(pick(2));
    const bool may_block = chance(60);
    const IpcReference::Item item = new_item();
    const bool done = says.channel_send(who, at, end, item, may_block);
    compare(
        who, done,
        channel[at]->send(nothing_held(), *party[who], end, as_message(item), item.badge, blocking(may_block), wakes));
  }

  void channel_receive(Index who) {
    const Index at = pick(channel.size());
    const auto end = static_cast<unsigned>(pick(2));
    const bool may_block = chance(60);
    const bool done = says.channel_receive(who, at, end, may_block);
    compare(who, done, channel[at]->receive(nothing_held(), *party[who], end, blocking(may_block), wakes));
  }

  void pass_deadline(Index who) {
    const bool waited = party[who]->waiting != Waiting::Nothing;
    says.cancel(who, Error::ETIMEDOUT);
    cancel(*party[who], Error::ETIMEDOUT);
    if (waited) compare(who, true, kCompleted);
  }

  void die(Index who) {
    says.dies(who);
    party_dies(*party[who], wakes);
    ASSERT_EQ(party[who]->owed.count(), 0u);
    // Callers are let go in any order: compare them as a set.
    std::vector<Party*> expected, found;
    for (const Index other : says.woken) expected.push_back(party[other].get());
    while (Party* const other = wakes.pop_front()) found.push_back(other);
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    ASSERT_EQ(expected, found);
    for (const Index other : says.woken) compare_end(other);
    met["dead while owing"] += says.woken.empty() ? 0 : 1;
    says.woken.clear();
    party[who] = std::make_unique<Party>();  // another thread takes the place
    compare_state();
  }

  /// Destruction goes piece by piece; other operations come in between.
  void work_on_port(Index at) {
    const std::size_t limit = 1 + pick(3);
    const bool said = says.destroy(at, limit);
    ASSERT_EQ(port[at]->destroy(static_cast<std::uint32_t>(limit), wakes), said);
    met["port destroyed in pieces"] += said ? 0 : 1;
    compare_woken();
    compare_state();
    if (!said || chance(50)) return;
    // Now its memory goes, and a new port takes its place.
    port[at]->drain(nothing_held());
    for (auto& one : party) forget_port(*one, *port[at]);
    pool.release(nothing_held(), abi::kPortQueueCapacity);
    port[at] = make_port();
    says.renew_port(at);
    compare_state();
  }

  void work_on_channel(Index at) {
    const auto end = static_cast<unsigned>(pick(2));
    const std::size_t limit = 1 + pick(3);
    const bool said = says.disconnect(at, end, limit);
    ASSERT_EQ(channel[at]->disconnect(nothing_held(), end, static_cast<std::uint32_t>(limit), wakes), said);
    met["channel closed in pieces"] += said ? 0 : 1;
    compare_woken();
    compare_state();
    if (!said || chance(50)) return;
    for (unsigned each = 0; each < 2; ++each) {
      while (!says.disconnect(at, each, 4)) {
      }
      while (!channel[at]->disconnect(nothing_held(), each, 4, wakes)) {
      }
    }
    compare_woken();
    pool.release(nothing_held(), channel[at]->reserved_nodes());
    channel[at] = make_channel(kCapacities[at]);
    says.channel[at] = {kCapacities[at], {}, {}, {}};
    compare_state();
  }

  // Comparisons.

  void compare(Index who, bool said_completed, Outcome outcome) {
    ASSERT_EQ(outcome == kCompleted, said_completed) << "blocked or not";
    if (said_completed) compare_end(who);
    compare_woken();
    compare_state();
  }

  void compare_woken() {
    says.raised.clear();  // ipc/event_reference_test.cpp looks at these
    for (const Index other : says.woken) {
      Party* const one = wakes.pop_front();
      ASSERT_EQ(one, party[other].get()) << "who is woken, and in which order";
      compare_end(other);
    }
    says.woken.clear();
    ASSERT_TRUE(wakes.is_empty()) << "woken without a reason";
  }

  void compare_end(Index who) {
    const Completion& done = party[who]->completion;
    End found;
    if (!done.status.ok()) found.error = done.status.error();
    found.message = done.delivery.message.opcode;
    found.badge = done.delivery.badge;
    found.has_token = done.delivery.token != 0;
    found.reply_lost = (done.delivery.message.flags & abi::kFlagReplyLost) != 0;
    ASSERT_EQ(found, says.party[who].ended);
    ASSERT_EQ(done.delivery.message.word[0], done.delivery.message.opcode) << "the words belong to the message";
    ASSERT_EQ(done.delivery.message.word[7], 0u);
    if (found.has_token) {
      auto& owed = says.party[who].owed;
      ASSERT_EQ(owed.back().token, 0u);
      if (owed.size() > 1) {
        ASSERT_LT(owed[owed.size() - 2].token, done.delivery.token);
      }
      owed.back().token = done.delivery.token;
    }
    count(found);
  }

  void count(const End& end) {
    met["replies"] += !end.error && end.message != 0 && end.badge == 0 ? 1 : 0;
    met["calls received"] += end.has_token ? 1 : 0;
    met["told of a lost reply"] += end.reply_lost ? 1 : 0;
    if (end.error) ++met[std::to_string(static_cast<int>(*end.error))];
  }

  /// Who waits, who owes, every queue and every counter. Ends and wake-ups are compared at once; this, which takes
  /// longer, after every fourth operation, because what is wrong in it stays wrong.
  void compare_state() {
    if (++turn % 4 != 0) return;
    std::size_t nodes = 0;
    for (Index i = 0; i < party.size(); ++i) {
      ASSERT_EQ(static_cast<int>(party[i]->waiting.load()), static_cast<int>(says.party[i].wait)) << "party " << i;
      ASSERT_EQ(party[i]->owed.count(), says.party[i].owed.size());
      const Index caller = says.newest_caller(i);
      ASSERT_EQ(party[i]->owed.newest_caller(0), caller == IpcReference::kNobody ? nullptr : party[caller].get());
      ++waited[static_cast<std::size_t>(says.party[i].wait)];
    }
    for (Index i = 0; i < kPorts; ++i) {
      const PortStatistics found = port[i]->statistics();
      const IpcReference::Port& said = says.port[i];
      ASSERT_EQ(found.sent, said.sent);
      ASSERT_EQ(found.received, said.received);
      ASSERT_EQ(found.queued, said.queue.size());
      ASSERT_EQ(found.calls, said.calls);
      ASSERT_EQ(found.replies, said.replies);
      ASSERT_EQ(found.deepest_queue, said.deepest);
      ASSERT_EQ(found.replies_lost, said.lost);
      ASSERT_EQ(found.alive, said.alive);
      ASSERT_EQ(port[i]->can_send(), said.alive && said.slots() < abi::kPortQueueCapacity);
      nodes += said.slots();
    }
    for (Index i = 0; i < channel.size(); ++i) {
      const ChannelStatistics found = channel[i]->statistics(nothing_held(), 0);
      const IpcReference::Lane* const lane = says.channel[i].lane;
      ASSERT_EQ(found.sent, lane[0].sent);
      ASSERT_EQ(found.received, lane[1].received);
      ASSERT_EQ(found.queued_to_other, lane[0].queue.size());
      ASSERT_EQ(found.queued_to_this, lane[1].queue.size());
      ASSERT_EQ(found.discarded, lane[0].discarded + lane[1].discarded);
      ASSERT_EQ(found.deepest_queue, std::max(lane[0].deepest, lane[1].deepest));
      ASSERT_EQ(found.other_end_alive, !says.channel[i].gone[1]);
      for (const auto& one : says.channel[i].lane) {
        ASSERT_EQ(one.sent, one.received + one.discarded + one.queue.size()) << "conservation, of the reference itself";
      }
      nodes += lane[0].queue.size() + lane[1].queue.size();
    }
    ASSERT_EQ(pool.counts(nothing_held()).taken, nodes) << "a node lost, or kept";
  }

  void finish() {
    for (Index i = 0; i < party.size(); ++i) die(i);
    for (auto& one : port) end_port(*one);
    for (auto& one : channel) end_channel(*one);
    EXPECT_TRUE(wakes.is_empty());
    EXPECT_EQ(pool.counts(nothing_held()).taken, 0u);
    EXPECT_EQ(pool.counts(nothing_held()).reserved, 0u);
  }

  IpcReference::Item new_item() {
    const std::uint64_t number = ++last_number;
    return {number, number + 1'000'000'000, IpcReference::kNobody};
  }
  static Message as_message(const IpcReference::Item& item) { return fakes::message_of(item.message, item.message); }
  static Blocking blocking(bool may_block) { return may_block ? kMayBlock : kDoNotBlock; }

  std::mt19937_64 random;
  Settings is = {};
  std::vector<std::unique_ptr<Port>> port;
  std::vector<std::unique_ptr<Channel>> channel;
  std::vector<std::unique_ptr<Party>> party;
  IpcReference says;
  std::uint64_t last_number = 0;
  std::map<std::string, long> met;
  long waited[7] = {};
  unsigned turn = 0;
};

TEST_F(Reference, N14_a_million_random_steps_of_eight_threads_go_as_the_reference_says) {
  run({.parties = 8,
       .steps = 1'000'000,
       .servers = 8,
       .reply_percent = 50,
       .ends = 4,
       .deaths = 20,
       .deadlines = 40,
       .seed = 20261121});
  EXPECT_GT(met["replies"], 20'000);
  EXPECT_GT(met["calls received"], 20'000);
  EXPECT_GT(met["told of a lost reply"], 1'000);
  EXPECT_GT(met["dead while owing"], 500);
  EXPECT_GT(met["port destroyed in pieces"], 500);
  EXPECT_GT(met["channel closed in pieces"], 200);
  EXPECT_GT(met[std::to_string(static_cast<int>(Error::EPIPE))], 10'000);
  EXPECT_GT(met[std::to_string(static_cast<int>(Error::EINVAL))], 1'000);
  EXPECT_GT(met[std::to_string(static_cast<int>(Error::EAGAIN))], 10'000);
  for (const long often : waited) EXPECT_GT(often, 2'000);
}

TEST_F(Reference, N14_forty_threads_that_crowd_two_servers_go_as_the_reference_says) {
  run({.parties = 40,
       .steps = 60'000,
       .servers = 2,
       .reply_percent = 10,
       .ends = 0,
       .deaths = 1,
       .deadlines = 10,
       .seed = 7});
  EXPECT_GT(met[std::to_string(static_cast<int>(Error::EBUSY))], 100);
  EXPECT_GT(met["calls received"], 2'000);
  EXPECT_GT(met["replies"], 1'000);
}

}  // namespace
}  // namespace ipc
