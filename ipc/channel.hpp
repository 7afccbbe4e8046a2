// SPDX-License-Identifier: Apache-2.0
//
// Channel (SyncChan): two ends, a bounded FIFO lane for each direction (decision 0002). What end 0 sends, end 1
// receives, and the other way round. Capabilities are counted per end; an end without capabilities is gone, and the
// other end learns it: it receives what is queued for it, then EPIPE; it cannot send any more; what is queued towards
// the dead end is discarded.
//
// INVARIANT: a lane's receivers is not empty => its queue and senders are empty.
// INVARIANT: a lane's senders is not empty => its queue is full.
// Shared by several cores later: one lock, LockRank::Channel; parties are woken after it is released (WakeList).
#pragma once

#include <cstdint>

#include "ipc/object.hpp"
#include "ipc/party.hpp"
#include "ipc/watch.hpp"
#include "kernel/base/guarded.hpp"

namespace ipc {

struct ChannelStatistics {
  std::uint64_t sent, received;  ///< by this end
  std::uint64_t queued_to_this, queued_to_other;
  std::uint64_t capacity, deepest_queue, discarded;  ///< deepest of both lanes; discarded in both
  bool this_end_alive, other_end_alive;
};

class Channel : public Object {
 public:
  using Unlocked = base::Held<base::LockRank::Nothing>;

  /// forward: end 0 to end 1. `redelivers`: put_back(). The pool holds a reservation of reserved_nodes() for this
  /// channel.
  Channel(MessagePool& pool, std::uint32_t capacity, bool forward, bool backward, bool redelivers = false);
  static std::uint32_t nodes_needed(std::uint32_t capacity, bool forward, bool backward, bool redelivers = false) {
    return (capacity + (redelivers ? 1u : 0u)) * ((forward ? 1u : 0u) + (backward ? 1u : 0u));
  }
  std::uint32_t reserved_nodes() const { return reserved_nodes_; }

  /// EPIPE the other end is gone; EAGAIN full and DoNotBlock; EINVAL this direction does not exist. The message is not
  /// queued then.
  Outcome send(Unlocked, Party& sender, unsigned end, const Message&, std::uint64_t badge, Blocking, WakeList&);
  /// EPIPE the other end is gone and nothing is queued; EAGAIN; EINVAL this direction does not exist.
  Outcome receive(Unlocked, Party& receiver, unsigned end, Blocking, WakeList&);

  // What the kernel does in few steps (kernel/quick_calls.cpp): the commonest cases of the two above, without
  // attachments and without anybody who listens. No: nothing has changed, and the operations above do it.

  enum class AtOnce : std::uint8_t { No, Queue, Party };
  /// Queue: fill(QueuedMessage&) has written the message into the queue. Party: `receiver` has waited longest,
  /// may(party) said yes, and it waits no more; the message is to be given to it.
  template <typename Fill, typename May>
  AtOnce send_at_once(Unlocked held, unsigned end, Fill fill, May may, Party*& receiver);
  /// Queue: take(const QueuedMessage&) has read the message that came first. Party: nothing is there, and the receiver
  /// waits for it now, if may() said yes.
  template <typename Take, typename May>
  AtOnce receive_at_once(Unlocked held, Party& receiver, unsigned end, Take take, May may);
  /// Whether none of the first `count` messages that are queued for this end brings anything along. `count` is at most
  /// abi::kBatchMaximum.
  bool next_are_plain(Unlocked held, unsigned end, std::uint32_t count);

  /// Capabilities of an end, counted by the capability table only. drop_end returns true when the end has just gone;
  /// the kernel then calls disconnect.
  void add_end(Unlocked, unsigned end);
  bool drop_end(Unlocked, unsigned end);
  /// The end is gone: completes at most `limit` blocked parties with EPIPE, and discards at most `limit` messages; true
  /// when nothing is left to do.
  bool disconnect(Unlocked, unsigned end, std::uint32_t limit, WakeList&);

  /// Who had the end comes back: at most `limit` blocked parties end with `error`; what is queued stays. True when none
  /// is left.
  bool interrupt(Unlocked, std::uint32_t limit, base::Error error, WakeList&);
  /// The end, which has capabilities again, works as before disconnect().
  void reconnect(Unlocked, unsigned end);
  std::uint32_t end_references(Unlocked, unsigned end);

  // A channel that redelivers keeps the message that was received last, in each direction, until the next receive says
  // that it has been dealt with. One that came with a capability is not kept.

  /// So many receivers may end with a message in hand; then it is set aside.
  static constexpr unsigned kDeathsMaximum = 2;
  struct PutBack {
    bool is_poison = false;
    Message message = {};  ///< what was set aside
  };
  /// The receiver at this end has come to its end. `by_message`: not as somebody else wanted it. What it has in hand
  /// comes first in the queue again, or is set aside.
  PutBack put_back(Unlocked, unsigned end, bool by_message);
  bool redelivers() const { return redelivers_; }

  /// Some capability to it says how long a wait may last: from now on nothing here is done at once by quick calls,
  /// which ask no capability for that.
  void make_timed(Unlocked);

  ChannelStatistics statistics(Unlocked, unsigned end);

  /// A receive at this end would not block.
  bool is_readable(Unlocked, unsigned end);
  /// A send from this end would not block.
  bool is_writable(Unlocked, unsigned end);

  WatchPoint readable[2];  ///< is_readable(), of each end
  WatchPoint writable[2];  ///< is_writable(), of each end

 private:
  friend void cancel(Party&, base::Error);
  /// Takes a party that waits for this channel out of its lane. Interrupts are masked: cancel() runs in kernel entries
  /// only.
  void remove_waiting(Party& party);
  enum class LaneKind : std::uint8_t { Missing, Plain, Timed, Redelivers };  ///< Plain: quick calls may do it
  struct Lane {
    MessageQueue queue;
    PartyQueue senders;
    PartyQueue receivers;
    QueuedMessage* in_hand = nullptr;  ///< received last, if the channel redelivers
    std::uint64_t sent = 0, received = 0, discarded = 0, deepest = 0;
    LaneKind kind = LaneKind::Missing;
    bool exists() const { return kind != LaneKind::Missing; }
  };
  using InLock = base::Held<base::LockRank::Channel>;
  void finish_last(InLock, Lane& lane);
  void keep_or_give(InLock, Lane& lane, QueuedMessage& received);
  void admit_sender(InLock, Lane& lane, unsigned receiving_end, WakeList& wakes);
  void keep_copy(InLock, Lane& lane, const Message&, std::uint64_t badge, std::uint32_t label);
  Outcome block(Party& party, Waiting waiting, unsigned end);
  static void release_all(PartyQueue& queue, base::Error error, std::uint32_t& limit, WakeList& wakes);

  struct State {
    constexpr State(bool forward, bool backward, LaneKind kind) {
      if (forward) lane[0].kind = kind;
      if (backward) lane[1].kind = kind;
    }
    Lane lane[2];  ///< lane[e]: what end e sends
    std::uint32_t end_references[2] = {0, 0};
    bool end_gone[2] = {false, false};
    bool watchers_know[2] = {false, false};  ///< that this end is gone
  };
  MessagePool& pool_;
  std::uint32_t capacity_;
  std::uint32_t reserved_nodes_;
  const bool redelivers_;
  base::Guarded<State, base::LockRank::Channel> state_;
};

template <typename Fill, typename May>
Channel::AtOnce Channel::send_at_once(Unlocked held, unsigned end, Fill fill, May may, Party*& receiver) {
  return state_.with(held, [&](State& state, auto locked) {
    Lane& lane = state.lane[end];
    if (lane.kind != LaneKind::Plain || state.end_gone[0] || state.end_gone[1]) return AtOnce::No;
    if (Party* const first = lane.receivers.front()) {
      if (!may(*first)) return AtOnce::No;
      lane.receivers.remove(*first);
      ++lane.sent;
      ++lane.received;
      stop_waiting(*first);
      receiver = first;
      return AtOnce::Party;
    }
    if (lane.queue.size() >= capacity_ || readable[1 - end].has_listeners()) return AtOnce::No;
    QueuedMessage& node = pool_.take(locked);
    fill(node);
    lane.queue.push_back(node);
    ++lane.sent;
    if (lane.queue.size() > lane.deepest) lane.deepest = lane.queue.size();
    return AtOnce::Queue;
  });
}

template <typename Take, typename May>
Channel::AtOnce Channel::receive_at_once(Unlocked held, Party& receiver, unsigned end, Take take, May may) {
  return state_.with(held, [&](State& state, auto locked) {
    Lane& lane = state.lane[1 - end];
    if (lane.kind != LaneKind::Plain) return AtOnce::No;
    QueuedMessage* const head = lane.queue.front();
    if (head == nullptr) {
      if (state.end_gone[0] || state.end_gone[1] || !may()) return AtOnce::No;
      lane.receivers.push_back(receiver);
      static_cast<void>(block(receiver, Waiting::ChannelMessage, end));
      return AtOnce::Party;
    }
    if (head->message.attachment != nullptr || !lane.senders.is_empty() || writable[1 - end].has_listeners())
      return AtOnce::No;
    lane.queue.remove(*head);
    ++lane.received;
    take(*head);
    pool_.give(locked, *head);
    return AtOnce::Queue;
  });
}

}  // namespace ipc
