// SPDX-License-Identifier: Apache-2.0
//
// The state machines together, at random: eight threads, three ports and two channels, deaths, deadlines, destruction.
// After every step the facts that hold in every interleaving are checked; at the end everything is accounted for.
#include "test/fakes/ipc_world.hpp"

#include <map>
#include <random>

namespace ipc {
namespace {

using base::Error;
using fakes::message_of;
using fakes::nothing_held;

constexpr std::size_t kThreads = 8;
constexpr std::size_t kPorts = 3;
constexpr std::size_t kChannels = 2;

/// Which promise a message belongs to: a message is a unique number, sent by one thread to one object.
struct Sent {
  std::size_t sender;
  const void* object;
};

class Model : public fakes::IpcWorld {
 protected:
  Model() {
    for (auto& one : port) one = make_port();
    for (auto& one : channel) one = make_channel(3);
    for (auto& one : thread) one = std::make_unique<Party>();
  }

  std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random); }

  /// An operation of thread `who` came back, at once or by a wake-up.
  void settle(std::size_t who) {
    Party& party = *thread[who];
    const Completion& done = party.completion;
    ASSERT_EQ(party.waiting, Waiting::Nothing);
    switch (doing[who]) {
      case Doing::Nothing: FAIL() << "woken without having waited";
      case Doing::Send:
        if (done.status.ok()) {
          ++sent_ok;
          if (received.count(message[who]) == 0) in_flight[message[who]] = sent[message[who]];
        } else {
          ASSERT_EQ(received.count(message[who]), 0u) << "an error, and yet the message arrived";
        }
        break;
      case Doing::Call:
        if (done.status.ok()) {
          ASSERT_EQ(done.delivery.message.word[0], message[who]) << "the reply to another call";
        }
        calls_waiting.erase(message[who]);
        break;
      case Doing::Receive:
        if (done.status.ok()) receive_message(who, done.delivery);
        break;
    }
    doing[who] = Doing::Nothing;
  }

  void receive_message(std::size_t who, const Delivery& delivery) {
    const std::uint64_t number = delivery.message.opcode;
    ASSERT_EQ(sent.count(number), 1u) << "a message that nobody sent";
    ASSERT_TRUE(received.insert({number, true}).second) << "delivered twice";
    const Sent& from = sent[number];
    ASSERT_EQ(delivery.badge, from.sender + 100) << "forged badge";
    std::uint64_t& last = newest[{from.sender, from.object}];
    ASSERT_LT(last, number) << "overtaken by a later message of the same thread";
    last = number;
    in_flight.erase(number);
    if (delivery.token != 0) tokens[who].push_back({delivery.token, number});
  }

  void drain_wakes() {
    while (Party* const party = wakes.pop_front()) {
      for (std::size_t i = 0; i < kThreads; ++i) {
        if (thread[i].get() == party) settle(i);
      }
    }
  }

  void finished(std::size_t who, Outcome outcome) {
    // The one who acted first: what it caused to others comes after its own result, as in the kernel.
    if (outcome == Outcome::Completed) settle(who);
    drain_wakes();
  }

  std::uint64_t new_message(std::size_t who, const void* object) {
    const std::uint64_t number = ++last_number;
    sent[number] = Sent{who, object};
    message[who] = number;
    return number;
  }

  void act(std::size_t who) {
    Party& party = *thread[who];
    const Blocking blocking = pick(2) == 0 ? Blocking::MayBlock : Blocking::DoNotBlock;
    Port& a_port = *port[pick(kPorts)];
    Channel& a_channel = *channel[pick(kChannels)];
    const auto end = static_cast<unsigned>(pick(2));
    switch (pick(8)) {
      case 0:
      case 1:
        doing[who] = Doing::Send;
        finished(who,
                 a_port.send(nothing_held(), party, message_of(new_message(who, &a_port)), who + 100, blocking, wakes));
        break;
      case 2: {
        doing[who] = Doing::Call;
        const std::uint64_t number = new_message(who, &a_port);
        calls_waiting[number] = true;
        finished(who, a_port.call(nothing_held(), party, message_of(number), who + 100, wakes));
        break;
      }
      case 3:
        doing[who] = Doing::Receive;
        finished(who, a_port.receive(nothing_held(), party, blocking, wakes));
        break;
      case 4:
        if (!tokens[who].empty()) answer(who, a_port, blocking);
        break;
      case 5:
        doing[who] = Doing::Send;
        finished(who,
                 a_channel.send(nothing_held(), party, end, message_of(new_message(who, lane_name(a_channel, end))),
                                who + 100, blocking, wakes));
        break;
      case 6:
      case 7:
        doing[who] = Doing::Receive;
        finished(who, a_channel.receive(nothing_held(), party, end, blocking, wakes));
        break;
    }
  }

  const void* lane_name(Channel& one, unsigned end) { return reinterpret_cast<const char*>(&one) + end; }

  void answer(std::size_t who, Port& a_port, Blocking blocking) {
    const std::size_t at = pick(tokens[who].size());
    const auto [token, number] = tokens[who][at];
    tokens[who].erase(tokens[who].begin() + static_cast<std::ptrdiff_t>(at));
    Party& party = *thread[who];
    const bool caller_waits = calls_waiting.count(number) != 0;
    if (pick(2) == 0) {
      ASSERT_EQ(reply(party, token, message_of(0, number), wakes), Outcome::Completed);
      ASSERT_EQ(party.completion.status.ok(), caller_waits) << "a reply is lost exactly if its caller is gone";
      drain_wakes();
      return;
    }
    doing[who] = Doing::Receive;
    finished(who, a_port.reply_and_receive(nothing_held(), party, token, message_of(0, number), blocking, wakes));
  }

  void deadline(std::size_t who) {
    if (thread[who]->waiting == Waiting::Nothing) return;
    cancel(*thread[who], Error::ETIMEDOUT);
    settle(who);
  }

  void death(std::size_t who) {
    const bool waited = thread[who]->waiting != Waiting::Nothing;
    party_dies(*thread[who], wakes);
    tokens[who].clear();
    if (waited) settle(who);
    drain_wakes();
    ASSERT_EQ(thread[who]->owed.count(), 0u);
    thread[who] = std::make_unique<Party>();  // a new thread in its place
    doing[who] = Doing::Nothing;
  }

  void new_port(std::size_t which) {
    Port& old = *port[which];
    end_port(old);
    drain_wakes();
    for (auto& one : thread) forget_port(*one, old);
    forget_in_flight(&old);
    port[which] = make_port();
  }

  void new_channel(std::size_t which) {
    Channel& old = *channel[which];
    end_channel(old);
    drain_wakes();
    forget_in_flight(lane_name(old, 0));
    forget_in_flight(lane_name(old, 1));
    channel[which] = make_channel(3);
  }

  /// The object is gone, and what was queued in it with it.
  void forget_in_flight(const void* object) {
    for (auto it = in_flight.begin(); it != in_flight.end();) {
      it = it->second.object == object ? in_flight.erase(it) : std::next(it);
    }
    for (auto it = newest.begin(); it != newest.end();) {
      it = it->first.second == object ? newest.erase(it) : std::next(it);
    }
  }

  void check_facts() {
    ASSERT_TRUE(wakes.is_empty());
    for (std::size_t i = 0; i < kThreads; ++i) {
      const Party& party = *thread[i];
      ASSERT_EQ(party.waiting != Waiting::Nothing, doing[i] != Doing::Nothing);
      switch (party.waiting) {
        case Waiting::PortMessage:
          ASSERT_FALSE(party.port->has_messages()) << "waits for what is there";
          ASSERT_TRUE(party.port->statistics().alive);
          break;
        case Waiting::SendSlot:
          ASSERT_FALSE(party.port->can_send()) << "waits for a slot that is free";
          ASSERT_TRUE(party.port->statistics().alive);
          break;
        case Waiting::CallQueued:
          ASSERT_TRUE(party.port->has_messages());
          ASSERT_TRUE(party.port->statistics().alive);
          break;
        case Waiting::Reply: {
          OwedReplies::Record* const record = party.server->owed.find(party.token);
          ASSERT_NE(record, nullptr) << "nobody owes it the reply";
          ASSERT_EQ(record->caller, &party);
          break;
        }
        case Waiting::ChannelRoom: {
          const ChannelStatistics counts = party.channel->statistics(nothing_held(), party.end);
          ASSERT_EQ(counts.queued_to_other, counts.capacity) << "waits for room that is there";
          break;
        }
        case Waiting::ChannelMessage:
          ASSERT_EQ(party.channel->statistics(nothing_held(), party.end).queued_to_this, 0u)
              << "waits for what is there";
          break;
        case Waiting::Queue:
        case Waiting::Any:
        case Waiting::Kernel: FAIL() << "ports and channels have no such waits"; break;
        case Waiting::Nothing: break;
      }
    }
  }

  /// sent - received = what lies in the queues.
  void check_conservation() {
    std::size_t queued = 0;
    for (auto& one : port) queued += one->statistics().queued;
    for (std::size_t i = 0; i < kThreads; ++i) queued -= thread[i]->waiting == Waiting::CallQueued ? 1 : 0;
    for (auto& one : channel) {
      const ChannelStatistics counts = one->statistics(nothing_held(), 0);
      queued += counts.queued_to_this + counts.queued_to_other;
    }
    ASSERT_EQ(in_flight.size(), queued);
    ASSERT_EQ(pool.counts(nothing_held()).taken, queued);
  }

  enum class Doing { Nothing, Send, Call, Receive };
  std::mt19937 random{20260101};
  std::unique_ptr<Port> port[kPorts];
  std::unique_ptr<Channel> channel[kChannels];
  std::unique_ptr<Party> thread[kThreads];
  Doing doing[kThreads] = {};
  std::uint64_t message[kThreads] = {};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> tokens[kThreads];
  std::uint64_t last_number = 0;
  std::uint64_t sent_ok = 0;
  std::map<std::uint64_t, Sent> sent;
  std::map<std::uint64_t, Sent> in_flight;
  std::map<std::uint64_t, bool> received;
  std::map<std::uint64_t, bool> calls_waiting;
  std::map<std::pair<std::size_t, const void*>, std::uint64_t> newest;
};

TEST_F(Model, N14_a_million_random_steps_lose_nothing_and_leave_nobody_waiting_in_vain) {
  constexpr int kSteps = 1'000'000;
  for (int step = 0; step < kSteps; ++step) {
    const std::size_t who = pick(kThreads);
    const std::size_t dice = pick(1000);
    if (dice == 0) {
      new_port(pick(kPorts));
    } else if (dice == 1) {
      new_channel(pick(kChannels));
    } else if (dice < 12) {
      death(who);
    } else if (dice < 120) {
      deadline(who);
    } else if (doing[who] == Doing::Nothing) {
      act(who);
    }
    check_facts();
    if (step % 64 == 0) check_conservation();
    if (HasFatalFailure()) FAIL() << "in step " << step;
    if (step % 65536 == 0) {  // old numbers are not needed any more
      received.erase(received.begin(), received.lower_bound(last_number > 100000 ? last_number - 100000 : 0));
    }
  }
  EXPECT_GT(sent_ok, 50000u);
  for (std::size_t i = 0; i < kThreads; ++i) death(i);
  for (std::size_t i = 0; i < kPorts; ++i) end_port(*port[i]);
  for (std::size_t i = 0; i < kChannels; ++i) end_channel(*channel[i]);
  EXPECT_EQ(pool.counts(nothing_held()).taken, 0u);
  EXPECT_EQ(pool.counts(nothing_held()).reserved, 0u);
}

TEST(PartyTest, N1_cancelling_a_party_that_does_not_wait_changes_nothing) {
  Party party;
  cancel(party, Error::ETIMEDOUT);
  EXPECT_TRUE(party.completion.status.ok());
}

TEST(PartyTest, tokens_are_never_zero_and_never_come_twice) {
  class World : public fakes::IpcWorld {
   public:
    void TestBody() override {}
    using IpcWorld::make_port;
    using IpcWorld::pool;
  } world;
  auto port = world.make_port();
  Party server, caller;
  std::uint64_t last = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t token = server.owed.add(caller, *port);
    ASSERT_GT(token, last);
    last = token;
    server.owed.spend(*server.owed.find(token));
  }
}

}  // namespace
}  // namespace ipc
