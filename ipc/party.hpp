// SPDX-License-Identifier: Apache-2.0
//
// Party: the IPC half of a thread. Holds what the thread waits for, the message it holds out while it is blocked, the
// result of its last operation, and the calls it has taken and not answered. kernel::Thread derives from it.
//
// INVARIANT: waiting says in exactly one of which queues the party is linked (wait_node, or outgoing.node for a queued
// call). INVARIANT: a party waits for Reply if and only if its server has exactly one owed record that points to it.
#pragma once

#include <cstdint>

#include "ipc/message_pool.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/intrusive_list.hpp"
#include "kernel/base/relaxed.hpp"
#include "kernel/base/result.hpp"

namespace ipc {

class Port;
class Channel;
class Party;
class WatchPoint;
struct Object;

enum class Waiting : std::uint8_t {
  Nothing,
  SendSlot,        ///< in Port::blocked_senders: all 16 slots are taken
  CallQueued,      ///< its outgoing message is in Port::queue
  Reply,           ///< a server has taken the call
  PortMessage,     ///< in Port::receivers
  ChannelRoom,     ///< in a lane's senders
  ChannelMessage,  ///< in a lane's receivers
  Queue,           ///< in Party::queue, of an object whose waiters need nothing else
  Any,             ///< for any of several conditions: its watches are linked
  Kernel,          ///< for work that the kernel does for it in steps; it can not be cancelled
};

/// Every operation either completes at once (the party's completion says how) or blocks the party.
enum class [[nodiscard]] Outcome : std::uint8_t{Completed, Blocked};
enum class Blocking : std::uint8_t { DoNotBlock, MayBlock };

struct Completion {
  base::Result<void> status;
  Delivery delivery;  ///< all zero unless a message was received or a reply arrived
};

/// The calls that a thread has taken and not answered. A token is the thread's own sequence number: never 0, never used
/// twice, and worthless to any other thread, because it is looked up here.
class OwedReplies {
 public:
  struct Record {
    std::uint64_t token = 0;  ///< 0: free
    Party* caller = nullptr;  ///< null while in use: the caller is gone, the reply is lost
    Port* port = nullptr;     ///< for its statistics; null once the port is gone
    base::Ticks taken = {};   ///< when; 0 if it is not known
  };

  bool is_full() const { return count_ == abi::kOwedRepliesMaximum; }
  std::uint32_t count() const { return count_; }
  /// Not when full. Returns the token.
  std::uint64_t add(Party& caller, Port& port, base::Ticks now = {});
  /// The same for a direct call, whose token skip() has gone over. When it was taken is not known.
  void adopt(Party& caller, Port& port);
  std::uint64_t last_token() const { return last_token_; }
  /// Tokens up to this one have been used by direct calls.
  void skip_to(std::uint64_t token) { last_token_ = token; }
  /// The record of a token, null if it was never issued or is spent.
  Record* find(std::uint64_t token);
  /// Frees the record: the token is spent.
  void spend(Record& record);
  /// The caller of `core` taken last whose reply is still owed, null if none: whose priority the thread runs at. Who
  /// calls from another core lends nothing.
  Party* newest_caller(std::uint8_t core) const;
  Record* begin() { return records_; }
  Record* end() { return records_ + abi::kOwedRepliesMaximum; }

 private:
  Record records_[abi::kOwedRepliesMaximum] = {};
  Record& free_record();

  std::uint32_t count_ = 0;
  std::uint64_t last_token_ = 0;
};

/// Membership of a party that waits for any of several conditions in one of them (watch.hpp).
struct Watch {
  base::ListNode<Watch> node;
  WatchPoint* point = nullptr;
  Party* party = nullptr;
  std::uint32_t raises = 0;  ///< of the point, when this began to watch it
  std::uint8_t place = 0;    ///< in the set that the thread named
};

/// Conditions that one place of a set can name: readable, writable.
inline constexpr unsigned kEvents = 2;

class Party {
 public:
  constexpr Party() {
    outgoing.owner = this;
    for (std::uint8_t place = 0; place < abi::kWaitAnyMaximum; ++place) {
      for (unsigned event = 0; event < kEvents; ++event) {
        watches[place * kEvents + event].party = this;
        watches[place * kEvents + event].place = place;
      }
    }
  }
  Party(const Party&) = delete;
  Party& operator=(const Party&) = delete;

  base::ListNode<Party> wait_node;                                 ///< in a queue of the object it waits for
  base::ListNode<Party> wake_node;                                 ///< in a WakeList
  QueuedMessage outgoing;                                          ///< the message of a blocked send or call
  Completion completion = {};                                      ///< of the operation that completed last
  base::Relaxed<Port*> port;                                       ///< what it waits for, if it is a port
  base::Relaxed<Channel*> channel;                                 ///< what it waits for, if it is a channel
  base::Relaxed<Party*> server;                                    ///< who owes it a reply while waiting == Reply
  std::uint64_t token = 0;                                         ///< of the server's record, while waiting == Reply
  base::Ticks called;                                              ///< when it made the call that it waits for
  base::IntrusiveList<Party, &Party::wait_node>* queue = nullptr;  ///< what it waits in: Queue, Kernel
  base::Relaxed<const Object*> awaited;                            ///< whose queue that is, for reports
  std::uint64_t mask = 0;                         ///< of the bits it waits for, if it waits for a notification
  Watch watches[abi::kWaitAnyMaximum * kEvents];  ///< place by place
  base::Relaxed<Waiting> waiting = Waiting::Nothing;
  std::uint8_t core = 0;            ///< to which its thread is pinned
  std::uint8_t end = 0;             ///< of the channel it waits for
  bool accepts_capability = false;  ///< the reply to its call may bring one
  std::uint32_t label = 0;          ///< of its silo, stamped on everything it sends
  bool reply_was_lost = false;      ///< of its reply_and_receive: the message that this receives says so (REPLY_LOST)
  std::uint64_t direct_calls_taken = 0;  ///< as far as ports have counted them (Port::count_direct_calls)
  OwedReplies owed;
};

using PartyQueue = base::IntrusiveList<Party, &Party::wait_node>;

/// Parties whose blocked operation has completed during somebody else's operation. The kernel drains it before it
/// returns to any silo: results into registers, threads to the run queue.
using WakeList = base::IntrusiveList<Party, &Party::wake_node>;

/// The message of a party that is about to block, stamped with its label.
void hold_out(Party& party, const Message& message, std::uint64_t badge);
/// What travels with the message of a blocked party goes back to the kernel.
void drop_outgoing(Party& party);

/// Links the party at the end of a queue of an object whose waiters need nothing else than their place in it.
Outcome wait_in(Party& party, PartyQueue& queue, const Object& object);
/// The kernel works for the party in steps; `place` has it and nobody else until then. It cannot be cancelled, but if
/// its thread ends it is taken out, and the work goes on without it.
Outcome wait_for_kernel(Party& party, PartyQueue& place, const Object& object);
/// Takes the party out of every condition that it watches.
void stop_watching(Party& party);

/// Ends whatever the party waits for with this result. It is linked in no queue of an object any more.
void complete(Party& party, base::Result<void> status, const Delivery& delivery = {});

/// complete() for a party whose result does not lie in its completion: it waits for nothing any more.
void stop_waiting(Party& party);

/// Ends the wait with an error and no message. The party is not put on a wake list: who cancels knows it.
/// Deadline: ETIMEDOUT. Silo stop: EPIPE. Nothing happens if it does not wait. O(1) (a reply: one record of the
/// server).
void cancel(Party& party, base::Error error);

/// Ends what at most `limit` parties of the queue wait for; true when none is left.
bool end_waits(PartyQueue& queue, std::uint32_t limit, base::Error error, WakeList& wakes);

/// The thread is at its end: what it waits for is cancelled and every caller it owes gets `error`. At most 16
/// wake-ups. It is not on `wakes` afterwards, should something have woken it before.
void party_dies(Party& party, WakeList& wakes, base::Error error = base::Error::EPIPE);

/// The words of a message that its flags do not announce are zero, whatever the sender's registers held; and flags that
/// are the kernel's to set (REPLY_LOST) are clear, whoever forgot to refuse them.
Message sanitized(const Message& message);

}  // namespace ipc
