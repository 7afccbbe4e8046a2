// SPDX-License-Identifier: Apache-2.0
//
// The channel's state machine. Test and queue happen under one lock, so nothing can be sent to an end after it is gone,
// and a wake-up is handed to the longest waiting party of the other side in the same step.
#include "ipc/channel.hpp"

namespace ipc {

namespace {

constexpr unsigned other(unsigned end) { return 1 - end; }

Outcome completed(Party& party, base::Result<void> status) {
  complete(party, status);
  return Outcome::Completed;
}

}  // namespace

Channel::Channel(MessagePool& pool, std::uint32_t capacity, bool forward, bool backward, bool redelivers)
    : Object(abi::ObjectType::Channel),
      pool_(pool),
      capacity_(capacity),
      reserved_nodes_(nodes_needed(capacity, forward, backward, redelivers)),
      redelivers_(redelivers),
      state_(forward, backward, redelivers ? LaneKind::Redelivers : LaneKind::Plain) {}

Outcome Channel::block(Party& party, Waiting waiting, unsigned end) {
  party.waiting = waiting;
  party.channel = this;
  party.end = static_cast<std::uint8_t>(end);
  return Outcome::Blocked;
}

/// What was received last has been dealt with.
void Channel::finish_last(InLock locked, Lane& lane) {
  if (lane.in_hand == nullptr) return;
  pool_.give(locked, *lane.in_hand);
  lane.in_hand = nullptr;
}

/// Of a message that went past the queue.
void Channel::keep_copy(InLock locked, Lane& lane, const Message& message, std::uint64_t badge, std::uint32_t label) {
  finish_last(locked, lane);
  if (!redelivers_ || message.attachment != nullptr) return;
  QueuedMessage& node = pool_.take(locked);
  node.message = message;
  node.badge = badge;
  node.label = label;
  node.deaths = 0;
  lane.in_hand = &node;
}

Channel::PutBack Channel::put_back(Unlocked held, unsigned end, bool by_message) {
  return state_.with(held, [&](State& state, auto locked) -> PutBack {
    Lane& lane = state.lane[other(end)];
    if (lane.in_hand == nullptr) return {};
    QueuedMessage& node = *lane.in_hand;
    if (by_message && ++node.deaths >= kDeathsMaximum) {
      const PutBack poison{true, node.message};
      finish_last(locked, lane);
      ++lane.discarded;
      return poison;
    }
    lane.in_hand = nullptr;
    lane.queue.insert_behind(node, nullptr);  // there is a place: it was counted out when it was received
    return {};
  });
}

Outcome Channel::send(Unlocked held, Party& sender, unsigned end, const Message& message, std::uint64_t badge,
                      Blocking blocking, WakeList& wakes) {
  return state_.with(held, [&](State& state, auto locked) -> Outcome {
    Lane& lane = state.lane[end];
    if (!lane.exists()) return completed(sender, base::Error::EINVAL);
    if (state.end_gone[other(end)] || state.end_gone[end]) return completed(sender, base::Error::EPIPE);
    while (Party* const receiver = lane.receivers.pop_front()) {
      const base::Result<void> can_take = acceptable(message.attachment, *receiver);
      if (!can_take.ok()) {
        // It learns that its silo has no place for the capability; the message waits for a receive that has.
        complete(*receiver, can_take);
        wakes.push_back(*receiver);
        continue;
      }
      ++lane.sent;
      ++lane.received;
      complete(*receiver, {}, Delivery{sanitized(message), badge, 0, sender.label});
      keep_copy(locked, lane, sanitized(message), badge, sender.label);
      wakes.push_back(*receiver);
      return completed(sender, {});
    }
    if (lane.queue.size() < capacity_) {
      QueuedMessage& node = pool_.take(locked);
      node.message = sanitized(message);
      node.badge = badge;
      node.label = sender.label;
      node.deaths = 0;
      lane.queue.push_back(node);
      ++lane.sent;
      if (lane.queue.size() > lane.deepest) lane.deepest = lane.queue.size();
      readable[other(end)].raise(wakes);
      return completed(sender, {});
    }
    if (blocking == Blocking::DoNotBlock) return completed(sender, base::Error::EAGAIN);
    hold_out(sender, sanitized(message), badge);
    lane.senders.push_back(sender);
    return block(sender, Waiting::ChannelRoom, end);
  });
}

/// The message that was just received is in hand from now on.
void Channel::keep_or_give(InLock locked, Lane& lane, QueuedMessage& received) {
  finish_last(locked, lane);
  const bool stays = received.message.attachment == nullptr;
  received.message.attachment = nullptr;
  if (stays) {
    lane.in_hand = &received;
  } else {
    pool_.give(locked, received);
  }
}

/// A message has left the queue: the sender that has waited longest has its place, if it was one (put_back can make the
/// queue longer by one).
void Channel::admit_sender(InLock locked, Lane& lane, unsigned receiving_end, WakeList& wakes) {
  if (lane.queue.size() >= capacity_) return;
  Party* const sender = lane.senders.pop_front();
  if (sender == nullptr) {
    if (lane.queue.size() + 1 == capacity_) writable[other(receiving_end)].raise(wakes);
    return;
  }
  QueuedMessage& node = pool_.take(locked);
  node.message = sender->outgoing.message;
  node.badge = sender->outgoing.badge;
  node.label = sender->outgoing.label;
  node.deaths = 0;
  lane.queue.push_back(node);
  ++lane.sent;
  complete(*sender, {});
  wakes.push_back(*sender);
  readable[receiving_end].raise(wakes);
}

Outcome Channel::receive(Unlocked held, Party& receiver, unsigned end, Blocking blocking, WakeList& wakes) {
  return state_.with(held, [&](State& state, auto locked) -> Outcome {
    Lane& lane = state.lane[other(end)];
    if (!lane.exists()) return completed(receiver, base::Error::EINVAL);
    if (QueuedMessage* const head = lane.queue.front()) {
      if (const auto can_take = acceptable(head->message.attachment, receiver); !can_take.ok())
        return completed(receiver, can_take);
      lane.queue.remove(*head);
      ++lane.received;
      complete(receiver, {}, Delivery{head->message, head->badge, 0, head->label});
      if (redelivers_) {
        keep_or_give(locked, lane, *head);
        admit_sender(locked, lane, end, wakes);
        return Outcome::Completed;
      }
      if (Party* const sender = lane.senders.pop_front()) {
        // The freed node takes the message of the sender that has waited longest; a newcomer can not slip in between.
        head->message = sender->outgoing.message;
        head->badge = sender->outgoing.badge;
        head->label = sender->outgoing.label;
        lane.queue.push_back(*head);
        ++lane.sent;
        complete(*sender, {});
        wakes.push_back(*sender);
        readable[end].raise(wakes);
        return Outcome::Completed;
      }
      pool_.give(locked, *head);
      if (lane.queue.size() + 1 == capacity_) writable[other(end)].raise(wakes);
      return Outcome::Completed;
    }
    finish_last(locked, lane);
    if (state.end_gone[other(end)] || state.end_gone[end]) return completed(receiver, base::Error::EPIPE);
    if (blocking == Blocking::DoNotBlock) return completed(receiver, base::Error::EAGAIN);
    lane.receivers.push_back(receiver);
    return block(receiver, Waiting::ChannelMessage, end);
  });
}

bool Channel::next_are_plain(Unlocked held, unsigned end, std::uint32_t count) {
  return state_.with(held, [&](State& state, auto) {
    const MessageQueue& queue = state.lane[other(end)].queue;
    for (const QueuedMessage* node = queue.front(); node != nullptr && count != 0; node = queue.next(*node), --count) {
      if (node->message.attachment != nullptr) return false;
    }
    return true;
  });
}

void Channel::add_end(Unlocked held, unsigned end) {
  state_.with(held, [&](State& state, auto) { ++state.end_references[end]; });
}

bool Channel::drop_end(Unlocked held, unsigned end) {
  return state_.with(held, [&](State& state, auto) {
    if (--state.end_references[end] != 0) return false;
    state.end_gone[end] = true;
    return true;
  });
}

void Channel::release_all(PartyQueue& queue, base::Error error, std::uint32_t& limit, WakeList& wakes) {
  for (; limit != 0 && !queue.is_empty(); --limit) {
    Party& party = *queue.pop_front();
    drop_outgoing(party);
    complete(party, error);
    wakes.push_back(party);
  }
}

bool Channel::interrupt(Unlocked held, std::uint32_t limit, base::Error error, WakeList& wakes) {
  return state_.with(held, [&](State& state, auto) {
    for (Lane& lane : state.lane) {
      release_all(lane.senders, error, limit, wakes);
      release_all(lane.receivers, error, limit, wakes);
    }
    return limit != 0;
  });
}

void Channel::reconnect(Unlocked held, unsigned end) {
  state_.with(held, [&](State& state, auto) {
    state.end_gone[end] = false;
    state.watchers_know[end] = false;
  });
}

void Channel::make_timed(Unlocked held) {
  state_.with(held, [](State& state, auto) {
    for (Lane& lane : state.lane) {
      if (lane.kind == LaneKind::Plain) lane.kind = LaneKind::Timed;
    }
  });
}

std::uint32_t Channel::end_references(Unlocked held, unsigned end) {
  return state_.with(held, [&](State& state, auto) { return state.end_references[end]; });
}

bool Channel::disconnect(Unlocked held, unsigned end, std::uint32_t limit, WakeList& wakes) {
  return state_.with(held, [&](State& state, auto locked) {
    state.end_gone[end] = true;
    if (!state.watchers_know[end]) {
      state.watchers_know[end] = true;
      for (unsigned each = 0; each < 2; ++each) {
        readable[each].raise(wakes);
        writable[each].raise(wakes);
      }
    }
    for (Lane& lane : state.lane) {
      release_all(lane.senders, base::Error::EPIPE, limit, wakes);
      release_all(lane.receivers, base::Error::EPIPE, limit, wakes);
    }
    // Nobody will read what was sent to the dead end; what it sent itself stays for the other end.
    Lane& towards = state.lane[other(end)];
    finish_last(locked, towards);
    while (limit != 0 && !towards.queue.is_empty()) {
      QueuedMessage& node = *towards.queue.pop_front();
      drop(node.message.attachment);
      node.message.attachment = nullptr;
      pool_.give(locked, node);
      ++towards.discarded;
      --limit;
    }
    return limit != 0;
  });
}

void Channel::remove_waiting(Party& party) {
  state_.with(base::hold_nothing(base::TokenSource::interrupts_masked()), [&](State& state, auto) {
    if (party.waiting == Waiting::ChannelRoom) {
      state.lane[party.end].senders.remove(party);
    } else {
      state.lane[other(party.end)].receivers.remove(party);
    }
  });
}

bool Channel::is_readable(Unlocked held, unsigned end) {
  return state_.with(held, [&](State& state, auto) {
    const Lane& lane = state.lane[other(end)];
    return !lane.exists() || !lane.queue.is_empty() || state.end_gone[0] || state.end_gone[1];
  });
}

bool Channel::is_writable(Unlocked held, unsigned end) {
  return state_.with(held, [&](State& state, auto) {
    const Lane& lane = state.lane[end];
    return !lane.exists() || lane.queue.size() < capacity_ || state.end_gone[0] || state.end_gone[1];
  });
}

ChannelStatistics Channel::statistics(Unlocked held, unsigned end) {
  return state_.with(held, [&](State& state, auto) {
    const Lane& out = state.lane[end];
    const Lane& in = state.lane[other(end)];
    return ChannelStatistics{.sent = out.sent,
                             .received = in.received,
                             .queued_to_this = in.queue.size(),
                             .queued_to_other = out.queue.size(),
                             .capacity = capacity_,
                             .deepest_queue = out.deepest > in.deepest ? out.deepest : in.deepest,
                             .discarded = out.discarded + in.discarded,
                             .this_end_alive = !state.end_gone[end],
                             .other_end_alive = !state.end_gone[other(end)]};
  });
}

}  // namespace ipc
