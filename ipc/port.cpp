// SPDX-License-Identifier: Apache-2.0
//
// The port's state machine. Each operation either completes or links its party in exactly one queue; whoever makes a
// blocked party's wish come true completes it in the same step, so a wake-up can not be lost or go to nobody.
#include "ipc/port.hpp"

namespace ipc {

namespace {

Outcome completed(Party& party, base::Result<void> status) {
  complete(party, status);
  return Outcome::Completed;
}

Outcome blocked(Party& party, Waiting waiting, Port& port) {
  party.waiting = waiting;
  party.port = &port;
  return Outcome::Blocked;
}

}  // namespace

void Port::offer_direct(Party& receiver, void* context, std::uint64_t& token, bool uses_floating_point) {
  token = receiver.owed.last_token();
  direct_party_ = &receiver;
  direct_token_ = &token;
  (uses_floating_point ? floating_receiver : direct_receiver) = context;
}

void Port::count_direct_calls() {
  if (direct_party_ == nullptr) return;
  const std::uint64_t count = *direct_token_ - direct_party_->owed.last_token();
  direct_party_->owed.skip_to(*direct_token_);
  direct_party_->direct_calls_taken += count;
  calls_ += count;
  received_ += count;
  replies_ += count;
}

void Port::withdraw_direct() {
  count_direct_calls();
  direct_receiver = nullptr;
  floating_receiver = nullptr;
  direct_party_ = nullptr;
  direct_token_ = nullptr;
}

void Port::remove_receiver(Party& receiver) {
  withdraw_direct();
  receivers_.remove(receiver);
}

void Port::adopt_direct_call(Party& caller, Party& receiver) {
  remove_receiver(receiver);
  --replies_;  // of the calls counted just now, this one is not over
  receiver.owed.adopt(caller, *this);
  complete(receiver, {});
  caller.waiting = Waiting::Reply;
  caller.server = &receiver;
  caller.token = receiver.owed.last_token();
  caller.called = {};
  caller.accepts_capability = false;
}

Party* Port::pop_receiver(const Message& message, WakeList& wakes) {
  withdraw_direct();
  while (Party* const receiver = receivers_.pop_front()) {
    const base::Result<void> can_take = acceptable(message.attachment, *receiver);
    if (can_take.ok()) return receiver;
    complete(*receiver, can_take);
    wakes.push_back(*receiver);
  }
  return nullptr;
}

void Port::deliver(Party& receiver, const Message& message, std::uint64_t badge, std::uint32_t label, Party* caller,
                   base::Ticks now) {
  // A copy first: the message of a call that was queued lies in the caller, and is changed below.
  Delivery delivery{message, badge, 0, label};
  if (receiver.reply_was_lost) delivery.message.flags |= abi::kFlagReplyLost;
  if (caller != nullptr) {
    delivery.token = receiver.owed.add(*caller, *this, now);
    waiting_times_.add(caller->called, now);
    caller->waiting = Waiting::Reply;
    caller->port = nullptr;
    caller->server = &receiver;
    caller->token = delivery.token;
  }
  ++received_;
  complete(receiver, {}, delivery);
  // What travels along has gone on with the message.
  if (caller != nullptr) caller->outgoing.message.attachment = nullptr;
}

void Port::note_queued(WakeList& wakes) {
  if (queue_.size() > deepest_) deepest_ = queue_.size();
  readable.raise(wakes);
}

void Port::enqueue_copy(Unlocked held, const Message& message, std::uint64_t badge, std::uint32_t label,
                        WakeList& wakes) {
  QueuedMessage& node = pool_.take(held);
  node.message = message;
  node.badge = badge;
  node.label = label;
  queue_.push_back(node);
  ++slots_taken_;
  note_queued(wakes);
}

Outcome Port::send(Unlocked held, Party& sender, const Message& message, std::uint64_t badge, Blocking blocking,
                   WakeList& wakes) {
  if (!alive_) return completed(sender, base::Error::EPIPE);
  if (Party* const receiver = pop_receiver(message, wakes)) {
    ++sent_;
    deliver(*receiver, sanitized(message), badge, sender.label, nullptr, {});
    wakes.push_back(*receiver);
    return completed(sender, {});
  }
  if (slots_taken_ < abi::kPortQueueCapacity) {
    ++sent_;
    enqueue_copy(held, sanitized(message), badge, sender.label, wakes);
    return completed(sender, {});
  }
  if (blocking == Blocking::DoNotBlock) return completed(sender, base::Error::EAGAIN);
  hold_out(sender, sanitized(message), badge);
  blocked_senders_.push_back(sender);
  return blocked(sender, Waiting::SendSlot, *this);
}

Outcome Port::call(Unlocked, Party& caller, const Message& message, std::uint64_t badge, WakeList& wakes,
                   base::Ticks now) {
  if (!alive_) return completed(caller, base::Error::EPIPE);
  ++calls_;
  caller.called = now;
  if (Party* const receiver = pop_receiver(message, wakes)) {
    deliver(*receiver, sanitized(message), badge, caller.label, &caller, now);
    wakes.push_back(*receiver);
    return Outcome::Blocked;
  }
  hold_out(caller, sanitized(message), badge);
  queue_.push_back(caller.outgoing);
  static_cast<void>(blocked(caller, Waiting::CallQueued, *this));
  note_queued(wakes);
  return Outcome::Blocked;
}

void Port::admit_blocked_sender(Unlocked held, WakeList& wakes) {
  Party* const sender = blocked_senders_.pop_front();
  if (sender == nullptr) return;
  ++sent_;
  enqueue_copy(held, sender->outgoing.message, sender->outgoing.badge, sender->outgoing.label, wakes);
  complete(*sender, {});
  wakes.push_back(*sender);
}

Outcome Port::take_from_queue(Unlocked held, Party& receiver, WakeList& wakes, base::Ticks now) {
  QueuedMessage& head = *queue_.front();
  if (const auto can_take = acceptable(head.message.attachment, receiver); !can_take.ok())
    return completed(receiver, can_take);
  if (head.owner != nullptr) {
    if (receiver.owed.is_full()) return completed(receiver, base::Error::EBUSY);
    queue_.remove(head);
    deliver(receiver, head.message, head.badge, head.label, head.owner, now);
    return Outcome::Completed;
  }
  queue_.remove(head);
  deliver(receiver, head.message, head.badge, head.label, nullptr, now);
  pool_.give(held, head);
  const bool was_full = slots_taken_-- == abi::kPortQueueCapacity;
  admit_blocked_sender(held, wakes);
  if (was_full && is_writable()) writable.raise(wakes);
  return Outcome::Completed;
}

Outcome Port::receive(Unlocked held, Party& receiver, Blocking blocking, WakeList& wakes, base::Ticks now) {
  if (!queue_.is_empty()) return take_from_queue(held, receiver, wakes, now);
  if (!alive_) return completed(receiver, base::Error::EPIPE);
  if (receiver.owed.is_full()) return completed(receiver, base::Error::EBUSY);
  if (blocking == Blocking::DoNotBlock) return completed(receiver, base::Error::EAGAIN);
  withdraw_direct();
  receivers_.push_back(receiver);
  return blocked(receiver, Waiting::PortMessage, *this);
}

Outcome reply(Party& server, std::uint64_t token, const Message& message, WakeList& wakes, base::Ticks now) {
  const auto failed = [&](base::Error error) {
    drop(message.attachment);
    return completed(server, error);
  };
  OwedReplies::Record* const record = server.owed.find(token);
  if (record == nullptr) return failed(base::Error::EINVAL);
  Party* const caller = record->caller;
  if (caller != nullptr && message.attachment != nullptr) {
    if (!caller->accepts_capability) return failed(base::Error::EPERM);
    if (const auto can_take = acceptable(message.attachment, *caller); !can_take.ok()) return failed(can_take.error());
  }
  if (record->port != nullptr && caller != nullptr) record->port->count_reply(record->taken, now);
  if (record->port != nullptr && caller == nullptr) record->port->count_lost_reply();
  server.owed.spend(*record);
  if (caller == nullptr) return failed(base::Error::EPIPE);
  complete(*caller, {}, Delivery{sanitized(message), 0, 0, server.label});
  wakes.push_back(*caller);
  return completed(server, {});
}

Outcome Port::reply_and_receive(Unlocked held, Party& server, std::uint64_t token, const Message& message,
                                Blocking blocking, WakeList& wakes, base::Ticks now) {
  // The result of the reply lies in the server's own completion.
  static_cast<void>(reply(server, token, message, wakes, now));
  const base::Result<void> replied = server.completion.status;
  if (!replied.ok() && replied.error() != base::Error::EPIPE) return Outcome::Completed;
  if (!replied.ok()) server.reply_was_lost = true;
  return receive(held, server, blocking, wakes, now);
}

bool Port::destroy(std::uint32_t limit, WakeList& wakes) {
  alive_ = false;
  withdraw_direct();
  if (limit != 0 && !watchers_know_end_) {
    watchers_know_end_ = true;
    readable.raise(wakes);
    writable.raise(wakes);
  }
  for (; limit != 0 && !receivers_.is_empty(); --limit) {
    Party& party = *receivers_.pop_front();
    complete(party, base::Error::EPIPE);
    wakes.push_back(party);
  }
  return release_senders(limit, base::Error::EPIPE, wakes);
}

bool Port::interrupt(std::uint32_t limit, base::Error error, WakeList& wakes) {
  return release_senders(limit, error, wakes);
}

bool Port::release_senders(std::uint32_t limit, base::Error error, WakeList& wakes) {
  const auto release = [&](Party& party) {
    drop_outgoing(party);
    complete(party, error);
    wakes.push_back(party);
    --limit;
  };
  while (limit != 0 && !blocked_senders_.is_empty()) release(*blocked_senders_.pop_front());
  // Calls leave the queue, sent messages stay in it. At most 16 of the latter are passed over, and `limit` of the
  // former taken.
  QueuedMessage* entry = queue_.front();
  while (entry != nullptr && limit != 0) {
    QueuedMessage* const next = queue_.next(*entry);
    if (entry->owner != nullptr) {
      queue_.remove(*entry);
      release(*entry->owner);
    }
    entry = next;
  }
  return limit != 0;
}

void Port::drain(Unlocked held) {
  QueuedMessage* entry = queue_.front();
  while (entry != nullptr) {
    QueuedMessage* const next = queue_.next(*entry);
    if (entry->owner == nullptr) {
      queue_.remove(*entry);
      drop(entry->message.attachment);
      entry->message.attachment = nullptr;
      pool_.give(held, *entry);
      --slots_taken_;
    }
    entry = next;
  }
}

PortStatistics Port::statistics() {
  count_direct_calls();
  return PortStatistics{sent_, received_, queue_.size(), calls_, replies_, deepest_, lost_, alive_};
}

void forget_port(Party& party, const Port& port) {
  for (OwedReplies::Record& record : party.owed) {
    if (record.port == &port) record.port = nullptr;
  }
}

}  // namespace ipc
