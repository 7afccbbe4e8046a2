// SPDX-License-Identifier: Apache-2.0
//
// What ports and channels mean, in the plainest words that run: values, deques and indices, nothing shared with ipc/.
// It says for each operation who completes with what, in which order. ipc/reference_test.cpp runs it beside the state
// machines and compares.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "ipc/abi/abi.hpp"
#include "kernel/base/error.hpp"

namespace fakes {

/// How an operation ended. `message` is the number of the message received or of the reply, 0 if there is none.
struct End {
  std::optional<base::Error> error;
  std::uint64_t message = 0;
  std::uint64_t badge = 0;
  bool has_token = false;
  bool reply_lost = false;
  bool operator==(const End&) const = default;
};

class IpcReference {
 public:
  using Index = std::size_t;
  static constexpr Index kNobody = ~Index{0};
  enum class Wait { Nothing, SendSlot, CallQueued, Reply, PortMessage, ChannelRoom, ChannelMessage, Queue, Any };
  /// A condition of a port or of a channel's end that has become true (event_reference.hpp says what that means).
  struct Raised {
    bool is_port;
    Index object;
    unsigned end;
    bool is_writable;
  };

  struct Item {
    std::uint64_t message, badge;
    Index caller;  ///< kNobody for a plain send
  };
  struct Owed {
    std::uint64_t token;  ///< 0 until the state machine has said which
    std::uint64_t call;   ///< number of the call's message
    Index caller, port;   ///< kNobody: gone
  };
  struct Party {
    Wait wait = Wait::Nothing;
    Index object = 0;
    unsigned end = 0;
    Item out{};
    bool reply_lost = false;
    std::vector<Owed> owed;  ///< oldest first
    End ended;
  };
  struct Port {
    bool alive = true, told = false;
    std::deque<Item> queue;
    std::deque<Index> senders, receivers;
    std::uint64_t sent = 0, received = 0, calls = 0, replies = 0, lost = 0, deepest = 0;
    std::size_t slots() const {
      std::size_t count = 0;
      for (const Item& item : queue) count += item.caller == kNobody ? 1 : 0;
      return count;
    }
  };
  struct Lane {
    std::deque<Item> queue;
    std::deque<Index> senders, receivers;
    std::uint64_t sent = 0, received = 0, discarded = 0, deepest = 0;
  };
  struct Channel {
    std::size_t capacity;
    Lane lane[2];
    bool gone[2] = {false, false}, told[2] = {false, false};
  };

  std::vector<Party> party;
  std::vector<Port> port;
  std::vector<Channel> channel;
  std::vector<Index> woken;    ///< by the last operation, in order
  std::vector<Raised> raised;  ///< the same

  // Each returns true if the party's operation completed at once.

  bool send(Index who, Index at, Item item, bool may_block) {
    Port& p = port[at];
    if (!p.alive) return ends(who, {base::Error::EPIPE});
    if (!p.receivers.empty()) {
      ++p.sent;
      hand_over(at, take(p.receivers), item);
      return ends(who, {});
    }
    if (p.slots() < abi::kPortQueueCapacity) {
      ++p.sent;
      enqueue(p, item);
      return ends(who, {});
    }
    if (!may_block) return ends(who, {base::Error::EAGAIN});
    p.senders.push_back(who);
    return waits(who, Wait::SendSlot, at, item);
  }

  bool call(Index who, Index at, Item item) {
    Port& p = port[at];
    if (!p.alive) return ends(who, {base::Error::EPIPE});
    item.caller = who;
    ++p.calls;
    waits(who, Wait::CallQueued, at, item);
    if (!p.receivers.empty()) {
      hand_over(at, take(p.receivers), item);
    } else {
      enqueue(p, item);
    }
    return false;
  }

  bool receive(Index who, Index at, bool may_block) {
    Port& p = port[at];
    const bool full = party[who].owed.size() == abi::kOwedRepliesMaximum;
    if (!p.queue.empty()) {
      const Item item = p.queue.front();
      if (item.caller != kNobody && full) return ends(who, {base::Error::EBUSY});
      const bool was_full = item.caller == kNobody && p.slots() == abi::kPortQueueCapacity;
      p.queue.pop_front();
      deliver(at, who, item);
      if (item.caller == kNobody && !p.senders.empty()) {
        const Index sender = take(p.senders);
        ++p.sent;
        enqueue(p, party[sender].out);
        wakes(sender, {});
      }
      if (was_full && (p.slots() < abi::kPortQueueCapacity || !p.alive)) raised.push_back({true, at, 0, true});
      return true;
    }
    if (!p.alive) return ends(who, {base::Error::EPIPE});
    if (full) return ends(who, {base::Error::EBUSY});
    if (!may_block) return ends(who, {base::Error::EAGAIN});
    p.receivers.push_back(who);
    return waits(who, Wait::PortMessage, at, {});
  }

  bool reply(Index who, std::uint64_t token, std::uint64_t message) {
    std::vector<Owed>& owed = party[who].owed;
    for (std::size_t i = 0; i < owed.size(); ++i) {
      if (token == 0 || owed[i].token != token) continue;
      const Owed record = owed[i];
      owed.erase(owed.begin() + static_cast<std::ptrdiff_t>(i));
      if (record.port != kNobody) ++(record.caller == kNobody ? port[record.port].lost : port[record.port].replies);
      if (record.caller == kNobody) return ends(who, {base::Error::EPIPE});
      wakes(record.caller, {.error = {}, .message = message});
      return ends(who, {});
    }
    return ends(who, {base::Error::EINVAL});
  }

  bool reply_and_receive(Index who, std::uint64_t token, std::uint64_t message, Index at, bool may_block) {
    reply(who, token, message);
    if (party[who].ended.error == base::Error::EINVAL) return true;
    if (party[who].ended.error == base::Error::EPIPE) party[who].reply_lost = true;
    return receive(who, at, may_block);
  }

  bool channel_send(Index who, Index at, unsigned end, Item item, bool may_block) {
    Channel& c = channel[at];
    Lane& lane = c.lane[end];
    if (c.gone[0] || c.gone[1]) return ends(who, {base::Error::EPIPE});
    if (!lane.receivers.empty()) {
      ++lane.sent;
      ++lane.received;
      wakes(take(lane.receivers), {.error = {}, .message = item.message, .badge = item.badge});
      return ends(who, {});
    }
    if (lane.queue.size() < c.capacity) {
      push(at, end, item);
      return ends(who, {});
    }
    if (!may_block) return ends(who, {base::Error::EAGAIN});
    lane.senders.push_back(who);
    return waits(who, Wait::ChannelRoom, at, item, end);
  }

  bool channel_receive(Index who, Index at, unsigned end, bool may_block) {
    Channel& c = channel[at];
    Lane& lane = c.lane[1 - end];
    if (!lane.queue.empty()) {
      const Item item = lane.queue.front();
      lane.queue.pop_front();
      ++lane.received;
      if (!lane.senders.empty()) {
        const Index sender = take(lane.senders);
        push(at, 1 - end, party[sender].out);
        wakes(sender, {});
      } else if (lane.queue.size() + 1 == c.capacity) {
        raised.push_back({false, at, 1 - end, true});
      }
      return ends(who, {.error = {}, .message = item.message, .badge = item.badge});
    }
    if (c.gone[0] || c.gone[1]) return ends(who, {base::Error::EPIPE});
    if (!may_block) return ends(who, {base::Error::EAGAIN});
    lane.receivers.push_back(who);
    return waits(who, Wait::ChannelMessage, at, {}, end);
  }

  // What comes from outside.

  void cancel(Index who, base::Error error) {
    Party& p = party[who];
    switch (p.wait) {
      case Wait::Nothing: return;
      case Wait::SendSlot: drop(port[p.object].senders, who); break;
      case Wait::CallQueued:
        std::erase_if(port[p.object].queue, [&](const Item& item) { return item.caller == who; });
        break;
      case Wait::Reply: forget_caller(who); break;
      case Wait::PortMessage: drop(port[p.object].receivers, who); break;
      case Wait::ChannelRoom: drop(channel[p.object].lane[p.end].senders, who); break;
      case Wait::ChannelMessage: drop(channel[p.object].lane[1 - p.end].receivers, who); break;
      case Wait::Queue:
      case Wait::Any: return;
    }
    ends(who, {error});
  }

  void dies(Index who) {
    cancel(who, base::Error::EPIPE);
    for (const Owed& owed : party[who].owed) {
      if (owed.caller != kNobody) wakes(owed.caller, {base::Error::EPIPE});
    }
    party[who] = {};
  }

  /// At most `limit` parties; true when none is left and the limit was not reached.
  bool destroy(Index at, std::size_t limit) {
    Port& p = port[at];
    p.alive = false;
    if (limit != 0 && !p.told) {
      p.told = true;
      for (const bool is_writable : {false, true}) raised.push_back({true, at, 0, is_writable});
    }
    release(p.receivers, limit);
    release(p.senders, limit);
    for (auto it = p.queue.begin(); it != p.queue.end() && limit != 0;) {
      if (it->caller == kNobody) {
        ++it;
        continue;
      }
      wakes(it->caller, {base::Error::EPIPE});
      it = p.queue.erase(it);
      --limit;
    }
    return limit != 0;
  }

  /// The port's memory goes.
  void renew_port(Index at) {
    for (Party& p : party) {
      for (Owed& owed : p.owed) owed.port = owed.port == at ? kNobody : owed.port;
    }
    port[at] = {};
  }

  bool disconnect(Index at, unsigned end, std::size_t limit) {
    Channel& c = channel[at];
    c.gone[end] = true;
    for (unsigned each = 0; each < 2 && !c.told[end]; ++each) {
      for (const bool is_writable : {false, true}) raised.push_back({false, at, each, is_writable});
    }
    c.told[end] = true;
    for (Lane& lane : c.lane) {
      release(lane.senders, limit);
      release(lane.receivers, limit);
    }
    Lane& towards = c.lane[1 - end];
    while (limit != 0 && !towards.queue.empty()) {
      towards.queue.pop_front();
      ++towards.discarded;
      --limit;
    }
    return limit != 0;
  }

  /// The caller whose priority the party runs at, or kNobody.
  Index newest_caller(Index who) const {
    for (auto it = party[who].owed.rbegin(); it != party[who].owed.rend(); ++it) {
      if (it->caller != kNobody) return it->caller;
    }
    return kNobody;
  }

 protected:
  bool ends(Index who, const End& end) {
    party[who].wait = Wait::Nothing;
    party[who].reply_lost = false;  // told, or what was to bring a message that tells has failed
    party[who].ended = end;
    return true;
  }
  void wakes(Index who, const End& end) {
    ends(who, end);
    woken.push_back(who);
  }
  bool waits(Index who, Wait wait, Index object, const Item& out, unsigned end = 0) {
    party[who].wait = wait;
    party[who].object = object;
    party[who].out = out;
    party[who].end = end;
    return false;
  }
  static Index take(std::deque<Index>& queue) {
    const Index first = queue.front();
    queue.pop_front();
    return first;
  }
  static void drop(std::deque<Index>& queue, Index who) { std::erase(queue, who); }
  void release(std::deque<Index>& queue, std::size_t& limit) {
    for (; limit != 0 && !queue.empty(); --limit) wakes(take(queue), {base::Error::EPIPE});
  }
  void enqueue(Port& p, const Item& item) {
    raised.push_back({true, static_cast<Index>(&p - port.data()), 0, false});
    p.queue.push_back(item);
    if (p.queue.size() > p.deepest) p.deepest = p.queue.size();
  }
  void push(Index at, unsigned end, const Item& item) {
    raised.push_back({false, at, 1 - end, false});
    Lane& lane = channel[at].lane[end];
    lane.queue.push_back(item);
    ++lane.sent;
    if (lane.queue.size() > lane.deepest) lane.deepest = lane.queue.size();
  }
  void deliver(Index at, Index receiver, const Item& item) {
    Party& p = party[receiver];
    ++port[at].received;
    if (item.caller != kNobody) {
      p.owed.push_back({0, item.message, item.caller, at});
      party[item.caller].wait = Wait::Reply;
    }
    ends(receiver, {.error = {},
                    .message = item.message,
                    .badge = item.badge,
                    .has_token = item.caller != kNobody,
                    .reply_lost = p.reply_lost});
  }
  void hand_over(Index at, Index receiver, const Item& item) {
    deliver(at, receiver, item);
    woken.push_back(receiver);
  }
  void forget_caller(Index who) {
    for (Party& server : party) {
      for (Owed& owed : server.owed) owed.caller = owed.caller == who ? kNobody : owed.caller;
    }
  }
};

}  // namespace fakes
