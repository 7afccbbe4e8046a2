// SPDX-License-Identifier: Apache-2.0
//
// Waiting, cancelling and dying: the paths that let every blocked thread go in every interleaving.
#include "ipc/party.hpp"

#include "ipc/channel.hpp"
#include "ipc/port.hpp"
#include "ipc/watch.hpp"

namespace ipc {

namespace {

/// What the kernel has to take back. Touched in shared sections.
constinit base::IntrusiveList<Attachment, &Attachment::dropped_node> dropped;

}  // namespace

OwedReplies::Record& OwedReplies::free_record() {
  for (Record& record : records_) {
    if (record.token == 0) return record;
  }
  __builtin_trap();  // the caller checked is_full()
}

std::uint64_t OwedReplies::add(Party& caller, Port& port, base::Ticks now) {
  free_record() = Record{++last_token_, &caller, &port, now};
  ++count_;
  return last_token_;
}

void OwedReplies::adopt(Party& caller, Port& port) {
  free_record() = Record{last_token_, &caller, &port, {}};
  ++count_;
}

OwedReplies::Record* OwedReplies::find(std::uint64_t token) {
  if (token == 0) return nullptr;
  for (Record& record : records_) {
    if (record.token == token) return &record;
  }
  return nullptr;
}

void OwedReplies::spend(Record& record) {
  record = Record{};
  --count_;
}

Party* OwedReplies::newest_caller(std::uint8_t core) const {
  const Record* newest = nullptr;
  for (const Record& record : records_) {
    if (record.caller == nullptr || record.caller->core != core) continue;
    if (newest == nullptr || record.token > newest->token) newest = &record;
  }
  return newest == nullptr ? nullptr : newest->caller;
}

Message sanitized(const Message& message) {
  Message clean = message;
  clean.flags &= abi::kFlagEightWords;  // the others are orders to the kernel
  if ((message.flags & abi::kFlagEightWords) == 0) {
    for (unsigned i = 4; i < abi::kMessageWords; ++i) clean.word[i] = 0;
  }
  return clean;
}

void drop(Attachment* attachment) {
  if (attachment != nullptr) dropped.push_back(*attachment);
}

Attachment* next_dropped() { return dropped.pop_front(); }
bool some_are_dropped() { return !dropped.is_empty(); }

void drop_outgoing(Party& party) {
  drop(party.outgoing.message.attachment);
  party.outgoing.message.attachment = nullptr;
}

void hold_out(Party& party, const Message& message, std::uint64_t badge) {
  party.outgoing.message = message;
  party.outgoing.badge = badge;
  party.outgoing.label = party.label;
}

void cancel(Party& party, base::Error error) {
  switch (party.waiting) {
    case Waiting::Nothing: return;
    case Waiting::SendSlot:
      party.port->blocked_senders_.remove(party);
      drop_outgoing(party);
      break;
    case Waiting::CallQueued:
      party.port->queue_.remove(party.outgoing);
      drop_outgoing(party);
      break;
    case Waiting::Reply:
      // The server keeps the token; it now leads to nobody, which its reply will be told.
      party.server->owed.find(party.token)->caller = nullptr;
      break;
    case Waiting::PortMessage: party.port->remove_receiver(party); break;
    case Waiting::ChannelRoom:
      party.channel->remove_waiting(party);
      drop_outgoing(party);
      break;
    case Waiting::ChannelMessage: party.channel->remove_waiting(party); break;
    case Waiting::Queue: party.queue->remove(party); break;
    case Waiting::Any: stop_watching(party); break;
    case Waiting::Kernel:  // at the end of its thread only; the kernel has let go of the work, or goes on without it
      if (party.queue != nullptr) party.queue->remove(party);
      break;
  }
  complete(party, error);
}

Outcome wait_in(Party& party, PartyQueue& queue, const Object& object) {
  queue.push_back(party);
  party.waiting = Waiting::Queue;
  party.queue = &queue;
  party.awaited = &object;
  return Outcome::Blocked;
}

Outcome wait_for_kernel(Party& party, PartyQueue& place, const Object& object) {
  place.push_back(party);
  party.waiting = Waiting::Kernel;
  party.queue = &place;
  party.awaited = &object;
  return Outcome::Blocked;
}

void stop_watching(Party& party) {
  for (Watch& watch : party.watches) {
    if (watch.point == nullptr) continue;
    watch.point->remove(watch);
    watch.point = nullptr;
  }
}

void stop_waiting(Party& party) {
  party.waiting = Waiting::Nothing;
  party.port = nullptr;
  party.channel = nullptr;
  party.server = nullptr;
  party.queue = nullptr;
  party.awaited = nullptr;
  party.mask = 0;
  party.token = 0;
  party.reply_was_lost = false;  // a message has told it, or the receive that would have brought one has failed
  party.outgoing.message.attachment = nullptr;  // who cancels has dropped it, and otherwise it has gone on
}

void complete(Party& party, base::Result<void> status, const Delivery& delivery) {
  stop_waiting(party);
  party.completion.status = status;
  party.completion.delivery = delivery;
}

bool end_waits(PartyQueue& queue, std::uint32_t limit, base::Error error, WakeList& wakes) {
  for (; limit != 0 && !queue.is_empty(); --limit) {
    Party& party = *queue.pop_front();
    complete(party, error);
    wakes.push_back(party);
  }
  return queue.is_empty();
}

void party_dies(Party& party, WakeList& wakes, base::Error error) {
  cancel(party, base::Error::EPIPE);
  if (party.wake_node.is_linked_in(&wakes)) wakes.remove(party);
  for (OwedReplies::Record& record : party.owed) {
    if (record.token == 0) continue;
    if (record.caller != nullptr) {
      complete(*record.caller, error);
      wakes.push_back(*record.caller);
    }
    party.owed.spend(record);
  }
}

}  // namespace ipc
