// SPDX-License-Identifier: Apache-2.0
//
// Port: synchronous endpoint of one silo. Sends wait in 16 slots, calls wait in their callers (decision 0004); a
// message that finds a waiting receiver is handed over directly. After destroy() nothing new comes in, and what was
// sent can still be received.
//
// INVARIANT: receivers is not empty => queue and blocked_senders are empty, and no receiver's owed records are full.
// INVARIANT: blocked_senders is not empty => all slots are taken.
// INVARIANT: slots_taken = number of pool nodes in queue.
// INVARIANT: direct_receiver or floating_receiver is not null => its party is in receivers and alone there, and the
// port is alive. A port has a home core: that core alone touches the receivers. The rest is
// touched in shared sections as soon as silos of several cores name it (docs/cores.md), so there is no lock.
#pragma once

#include <cstdint>

#include "ipc/object.hpp"
#include "ipc/party.hpp"
#include "ipc/time_statistics.hpp"
#include "ipc/watch.hpp"

namespace ipc {

struct PortStatistics {
  std::uint64_t sent, received, queued, calls, replies, deepest_queue, replies_lost;
  bool alive;
};

class Port : public Object {
 public:
  using Unlocked = base::Held<base::LockRank::Nothing>;

  /// The pool holds a reservation of abi::kPortQueueCapacity nodes for this port; the kernel releases it after drain().
  explicit Port(MessagePool& pool) : Object(abi::ObjectType::Port), pool_(pool) {}

  // `now` is the time of the operation, for statistics; 0 if it is not known.

  /// EPIPE destroyed; EAGAIN all slots taken and DoNotBlock. On every error the message was not queued.
  Outcome send(Unlocked, Party& sender, const Message& message, std::uint64_t badge, Blocking, WakeList&);
  /// EPIPE destroyed. Otherwise blocks until the reply, the deadline, or the end of the server.
  Outcome call(Unlocked, Party& caller, const Message& message, std::uint64_t badge, WakeList&, base::Ticks now = {});
  /// EPIPE destroyed and empty; EAGAIN; EBUSY 16 replies are owed and the next message is a call (or there is none
  /// yet); what Attachment::is_acceptable says: the next message brings a capability and stays where it is.
  Outcome receive(Unlocked, Party& receiver, Blocking, WakeList&, base::Ticks now = {});
  /// A token never issued or spent: EINVAL and nothing is received. A lost caller: counted, and the message that this
  /// receives carries REPLY_LOST; if it receives none, no later one does.
  Outcome reply_and_receive(Unlocked, Party& server, std::uint64_t token, const Message&, Blocking, WakeList&,
                            base::Ticks now = {});

  /// No more sends, calls and new messages. Completes at most `limit` blocked parties with EPIPE, and who watches is
  /// told; true when none is left. With limit 0 it only refuses what is new.
  bool destroy(std::uint32_t limit, WakeList&);
  /// The silo that receives has ended and comes back: at most `limit` parties whose calls are queued, or that wait to
  /// queue a message, end with `error`; what was sent stays queued. True when none is left.
  bool interrupt(std::uint32_t limit, base::Error error, WakeList&);
  /// Works again after destroy().
  void revive() {
    alive_ = true;
    watchers_know_end_ = false;
  }
  /// Drops what is queued (destroyed ports whose owner is gone). At most 16 nodes.
  void drain(Unlocked);

  // What the kernel does in few steps (kernel/quick_calls.cpp). Null or false: nothing has changed, and the operations
  // above do it.

  /// The receiver that has waited longest, if may(party) permits it; it waits no more, and the message is to be given
  /// to it.
  template <typename May>
  Party* send_at_once(May may) {
    Party* const receiver = receivers_.front();
    if (receiver == nullptr || !alive_ || receiver->reply_was_lost || !may(*receiver)) return nullptr;
    remove_receiver(*receiver);
    stop_waiting(*receiver);
    ++sent_;
    ++received_;
    return receiver;
  }
  /// fill(QueuedMessage&) has written the message into a slot, because nobody waits and one is free.
  template <typename Fill>
  bool queue_at_once(Unlocked held, Fill fill) {
    if (!alive_ || !receivers_.is_empty() || slots_taken_ == abi::kPortQueueCapacity || readable.has_listeners())
      return false;
    ++sent_;
    QueuedMessage& node = pool_.take(held);
    fill(node);
    queue_.push_back(node);
    ++slots_taken_;
    if (queue_.size() > deepest_) deepest_ = queue_.size();
    return true;
  }
  /// take(const QueuedMessage&) has read the message that came first, because it is no call and brings nothing along.
  template <typename Take>
  bool take_at_once(Unlocked held, Take take) {
    QueuedMessage* const head = queue_.front();
    if (head == nullptr || head->owner != nullptr || head->message.attachment != nullptr || writable.has_listeners() ||
        !blocked_senders_.is_empty())
      return false;
    queue_.remove(*head);
    --slots_taken_;
    ++received_;
    take(*head);
    pool_.give(held, *head);
    return true;
  }
  /// The receiver waits now, if there is nothing to receive and may() permits it.
  template <typename May>
  bool wait_at_once(Party& receiver, May may) {
    if (!queue_.is_empty() || !alive_ || receiver.owed.is_full() || !may()) return false;
    withdraw_direct();
    receivers_.push_back(receiver);
    receiver.waiting = Waiting::PortMessage;
    receiver.port = this;
    return true;
  }

  /// send() would neither wait nor be refused, and tell nobody but a receiver.
  bool takes_at_once() const {
    return alive_ && (!receivers_.is_empty() || (slots_taken_ < abi::kPortQueueCapacity && !readable.has_listeners()));
  }
  bool has_receivers() const { return !receivers_.is_empty(); }
  /// There is something to receive, which brings nothing along, is no call from `core`, and whose going tells nobody.
  bool gives_at_once(std::uint8_t core) const {
    const QueuedMessage& head = *queue_.front();
    if (head.message.attachment != nullptr) return false;
    if (head.owner != nullptr) return head.owner->core != core;
    return blocked_senders_.is_empty() && !writable.has_listeners();
  }

  // Direct calls: past this state machine, by the fast path (kernel/direct_call.hpp). While a receiver is offered it is
  // linked as any other, also while it serves a direct call; every change of `receivers` withdraws the offer.

  /// The party is the only one that waits here. `context`: where the fast path finds it; `token`: of the direct call
  /// that it has taken last, which the fast path counts up, begins at the last token that it has used.
  void offer_direct(Party& receiver, void* context, std::uint64_t& token, bool uses_floating_point);
  bool has_one_receiver() const { return receivers_.size() == 1; }
  /// `caller` has called `receiver` directly, and neither reply nor end has come: from now on it is a call as any
  /// other. The receiver has taken it and waits for nothing.
  void adopt_direct_call(Party& caller, Party& receiver);
  void withdraw_direct();
  /// Direct calls that are over get into the statistics.
  void count_direct_calls();

  /// visit(Party&) for those whose calls are queued, in their order, among the first `limit` messages.
  template <typename Visit>
  void visit_queued_callers(unsigned limit, Visit visit) {
    for (QueuedMessage* message = queue_.front(); message != nullptr && limit != 0; --limit) {
      QueuedMessage* const next = queue_.next(*message);
      if (message->owner != nullptr) visit(*message->owner);
      message = next;
    }
  }

  bool is_alive() const { return alive_; }
  bool has_messages() const { return !queue_.is_empty(); }
  bool can_send() const { return alive_ && slots_taken_ < abi::kPortQueueCapacity; }
  /// A receive would not block for want of a message.
  bool is_readable() const { return !queue_.is_empty() || !alive_; }
  /// A send would not block.
  bool is_writable() const { return slots_taken_ < abi::kPortQueueCapacity || !alive_; }
  PortStatistics statistics();
  /// Of calls: from being taken to the reply. One that ended otherwise is not among them.
  const TimeStatistics& service_times() const { return service_times_; }
  /// Of calls: from being made to being taken.
  const TimeStatistics& waiting_times() const { return waiting_times_; }

  WatchPoint readable;  ///< is_readable()
  WatchPoint writable;  ///< is_writable()

 private:
  friend void cancel(Party&, base::Error);
  /// The receiver takes the message; a call becomes a record among what it owes.
  void deliver(Party& receiver, const Message&, std::uint64_t badge, std::uint32_t label, Party* caller,
               base::Ticks now);
  bool release_senders(std::uint32_t limit, base::Error error, WakeList& wakes);
  /// The party that has waited longest and can take what travels with the message; null if none waits. Those that
  /// cannot are told so: their silo has no place for it, and the message waits in the queue for a receive that has.
  Party* pop_receiver(const Message&, WakeList&);
  Outcome take_from_queue(Unlocked, Party& receiver, WakeList&, base::Ticks now);
  void enqueue_copy(Unlocked, const Message&, std::uint64_t badge, std::uint32_t label, WakeList&);
  void note_queued(WakeList&);
  void remove_receiver(Party& receiver);
  void admit_blocked_sender(Unlocked, WakeList&);

  MessagePool& pool_;
  MessageQueue queue_;
  PartyQueue blocked_senders_;
  PartyQueue receivers_;
  Party* direct_party_ = nullptr;  ///< that is offered, or serves a direct call
  const std::uint64_t* direct_token_ = nullptr;
  std::uint32_t slots_taken_ = 0;
  bool alive_ = true;
  bool watchers_know_end_ = false;
  std::uint64_t sent_ = 0, received_ = 0, calls_ = 0, replies_ = 0, deepest_ = 0, lost_ = 0;
  TimeStatistics service_times_, waiting_times_;

 public:
  /// A call that was taken at a time has been answered at another.
  void count_reply(base::Ticks taken, base::Ticks now) {
    ++replies_;
    service_times_.add(taken, now);
  }
  void count_lost_reply() { ++lost_; }
};

/// Answers a call that `server` has taken. EINVAL: no such token; EPIPE: the caller is gone (the token is spent);
/// EPERM: the caller takes no capability with its reply, or what Attachment::is_acceptable says (the token can be used
/// again). What travels with the message is dropped then.
Outcome reply(Party& server, std::uint64_t token, const Message& message, WakeList& wakes, base::Ticks now = {});

/// Before the memory of `port` is freed: no record of the party points to it any more.
void forget_port(Party& party, const Port& port);

}  // namespace ipc
