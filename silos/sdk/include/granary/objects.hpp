// SPDX-License-Identifier: Apache-2.0
//
// Port, Channel, Console, Silo: typed names for capabilities. Each is a handle and nothing else: copying one
// copies the name, not the capability, and nothing is closed when one goes out of scope. What they may do is decided
// by the kernel, by the rights of the capability; a Port that may only be called refuses receive() with
// kNotPermitted.
#pragma once

#include <string_view>

#include "granary/clock.hpp"
#include "granary/message.hpp"
#include "granary/processor_time.hpp"
#include "granary/result.hpp"
#include "granary/system_calls.h"

namespace granary {

class Batch;  // batch.hpp
class Silo;
class Notification;
struct ConsoleText;  // console_owner.hpp

namespace detail {

inline granary_message to_wire(const Message& message) {
  // Spelled out, so that the words go to their registers without a copy in memory.
  const auto& w = message.words;
  const std::uint64_t flags = (w[4] | w[5] | w[6] | w[7]) != 0 ? GRANARY_FLAG_EIGHT_WORDS : 0;
  return {message.opcode, flags, {w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]}};
}
inline Message from_wire(const granary_message& wire) {
  const auto& w = wire.word;
  return {wire.opcode, {w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]}};
}
inline Error error_of(granary_status status, SystemCall call) { return Error(static_cast<int>(-status), call); }
inline Result<void> checked(granary_status status, SystemCall call) {
  if (status != GRANARY_OK) return error_of(status, call);
  return {};
}
/// What came along, if the flags say so: its words are not the sender's, so they are not left in the message.
inline Capability carried_by(const granary_message& wire, Message& message) {
  if ((wire.flags & GRANARY_FLAG_TRANSFER) == 0) return {};
  const unsigned last = (wire.flags & GRANARY_FLAG_EIGHT_WORDS) != 0 ? GRANARY_MESSAGE_WORDS - 1 : 3;
  message.words[last] = message.words[last - 1] = 0;
  return {wire.word[last], wire.word[last - 1]};
}
inline Result<Request> request_of(granary_status status, const granary_delivery& delivery, SystemCall call) {
  if (status != GRANARY_OK) return error_of(status, call);
  Request request{from_wire(delivery.message), delivery.badge, Token(delivery.reply_token)};
  request.reply_lost = (delivery.message.flags & GRANARY_FLAG_REPLY_LOST) != 0;
  request.sender = {static_cast<std::uint32_t>(delivery.label)};
  request.carried = carried_by(delivery.message, request.message);
  return request;
}
inline Result<Delivery> delivery_of(granary_status status, const granary_delivery& delivery, SystemCall call) {
  if (status != GRANARY_OK) return error_of(status, call);
  Delivery result{from_wire(delivery.message), delivery.badge};
  result.sender = {static_cast<std::uint32_t>(delivery.label)};
  result.carried = carried_by(delivery.message, result.message);
  return result;
}

}  // namespace detail

/// What a handle is, as the kernel tells it.
struct HandleInfo {
  abi::ObjectType type = abi::ObjectType::None;
  std::uint64_t rights = 0;  ///< GRANARY_RIGHT_...
  std::uint64_t badge = 0;
  std::uint64_t missed_deadlines = 0;  ///< operations that the deadline of its link has ended
};

/// What all capabilities have in common.
class Handle {
 public:
  constexpr Handle() = default;
  constexpr explicit Handle(granary_handle value) : value_(value) {}

  constexpr granary_handle value() const { return value_; }
  constexpr explicit operator bool() const { return value_ != 0; }

  Result<HandleInfo> info() const {
    granary_handle_info_result info;
    const granary_status status = granary_handle_info(value_, &info);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::HANDLE_INFO);
    return HandleInfo{static_cast<abi::ObjectType>(info.object_type), info.rights, info.badge, info.missed_deadlines};
  }
  /// Gives the capability up; this and every copy of the handle is invalid afterwards.
  Result<void> close() const { return detail::checked(granary_handle_close(value_), SystemCall::HANDLE_CLOSE); }
  /// Ends everything that was derived from this capability, in all silos, in messages and under names, and says how
  /// many those were; this one stays. Who is blocked through one of them gets kRevoked. kBusy: somebody else revokes.
  Result<std::uint64_t> revoke() const;
  /// Puts a capability with these rights into the table of a silo that this one may grant to (`children`), and gives
  /// the handle, which means something there only. kNotPermitted, kForbiddenFlow, kTableFull, kPeerGone, kBusy.
  Result<granary_handle> grant_to(const Silo& silo, std::uint64_t rights) const;

 protected:
  /// A second capability to the same object, with the same badge and exactly these rights (all of the first's by
  /// default). kNotPermitted if the first lacks one of them, or the right to be duplicated.
  template <typename T>
  Result<T> duplicate_as() const {
    const Result<HandleInfo> own = info();
    if (!own) return own.error();
    return duplicate_as<T>(own->rights);
  }
  template <typename T>
  Result<T> duplicate_as(std::uint64_t rights) const {
    granary_handle handle;
    const granary_status status = granary_handle_duplicate(value_, rights, &handle);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::HANDLE_DUPLICATE);
    return T(handle);
  }

 private:
  granary_handle value_ = 0;
};

struct PortStatistics {
  std::uint64_t sent = 0, received = 0, queued = 0, calls = 0, replies = 0, deepest_queue = 0, replies_lost = 0;
  bool alive = false;
};

/// Times of calls, in ticks of Clock.
struct CallTimes {
  std::uint64_t count = 0, shortest = 0, longest = 0, sum = 0;
  std::uint64_t average() const { return count == 0 ? 0 : sum / count; }
};
/// Bucket n counts times of 2^n to 2^(n+1) - 1 ticks; the first also 0, the last all longer ones.
struct CallHistogram {
  std::uint64_t bucket[abi::kCallTimeBuckets] = {};
};

/// A synchronous endpoint. Clients send and call; only its owner receives.
class Port : public Handle {
 public:
  using Handle::Handle;

  /// A port owned by this silo. kQuotaExceeded, kNoMemory, kTableFull.
  static Result<Port> create() {
    granary_handle handle;
    const granary_status status = granary_port_create(&handle);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::PORT_CREATE);
    return Port(handle);
  }
  Result<Port> duplicate() const { return duplicate_as<Port>(); }
  Result<Port> duplicate(std::uint64_t rights) const { return duplicate_as<Port>(rights); }

  /// Success means queued or received. kTimedOut, kPeerGone; with do_not_block kWouldBlock.
  Result<void> send(const Message& message, Deadline deadline = forever) const {
    const granary_message wire = detail::to_wire(message);
    return detail::checked(granary_port_send(value(), &wire, deadline.ticks()), SystemCall::PORT_SEND);
  }
  Result<void> try_send(const Message& message) const {
    const granary_message wire = detail::to_wire(message);
    return detail::checked(granary_port_try_send(value(), &wire), SystemCall::PORT_TRY_SEND);
  }
  /// Sends and waits for the answer. kTimedOut, kPeerGone (whenever the server ends).
  Result<Message> call(const Message& message, Deadline deadline = forever) const {
    const granary_message wire = detail::to_wire(message);
    granary_message answer;
    const granary_status status = granary_port_call(value(), &wire, deadline.ticks(), &answer);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::PORT_CALL);
    return detail::from_wire(answer);
  }
  /// The oldest message. kTimedOut; kPeerGone after the port's end, when everything queued has been received.
  Result<Request> receive(Deadline deadline = forever) const {
    granary_delivery delivery;
    const granary_status status = granary_port_receive(value(), deadline.ticks(), &delivery);
    return detail::request_of(status, delivery, SystemCall::PORT_RECEIVE);
  }
  Result<Request> try_receive() const {
    granary_delivery delivery;
    const granary_status status = granary_port_try_receive(value(), &delivery);
    return detail::request_of(status, delivery, SystemCall::PORT_TRY_RECEIVE);
  }
  /// Answers a call, once. kPeerGone if the caller has gone meanwhile; kInvalidArgument for an empty or foreign
  /// token.
  static Result<void> reply(Token token, const Message& message) {
    const granary_message wire = detail::to_wire(message);
    return detail::checked(granary_port_reply(&wire, token.release()), SystemCall::PORT_REPLY);
  }
  /// Answers and waits for the next, in one crossing. A caller that has gone is not an error: the request received says
  /// reply_lost. With the empty token of a message that was sent and not called there is nobody to answer, and this is
  /// receive(): a client cannot stop a server by a plain send.
  Result<Request> reply_and_receive(Token token, const Message& message, Deadline deadline = forever) const {
    if (!token) return receive(deadline);
    const granary_message wire = detail::to_wire(message);
    granary_delivery delivery;
    const granary_status status =
        granary_port_reply_and_receive(value(), &wire, token.release(), deadline.ticks(), &delivery);
    return detail::request_of(status, delivery, SystemCall::PORT_REPLY_AND_RECEIVE);
  }
  /// The same with a capability: the receiver gets one derived from `handle`, with these rights (capability.hpp).
  Result<void> send_with(const Message&, const Handle&, std::uint64_t rights, Deadline = forever) const;
  Result<Message> call_with(const Message&, const Handle&, std::uint64_t rights, Deadline = forever) const;
  static Result<void> reply_with(Token&, const Message&, const Handle&, std::uint64_t rights);
  /// The reply may bring a capability; it comes with its sender's label.
  Result<Delivery> call_accepting(const Message&, Deadline = forever) const;
  Result<Delivery> call_accepting_with(const Message&, const Handle&, std::uint64_t rights, Deadline = forever) const;
  /// As send_with and reply_with, and `handle` is closed when it has been sent. It does not wait: kWouldBlock.
  Result<void> send_moving(const Message&, const Handle&, std::uint64_t rights) const;
  static Result<void> reply_moving(Token&, const Message&, const Handle&, std::uint64_t rights);
  /// How many went, in order; the rest stays in the batch. Waits for the first only. Fails if not even that one went.
  Result<std::uint64_t> send_batch(Batch& batch, Deadline deadline = forever) const;
  /// What is there, up to `maximum`, replaces the batch's content; waits for the first only.
  Result<std::uint64_t> receive_batch(Batch& batch, Deadline deadline = forever,
                                      std::uint64_t maximum = abi::kBatchMaximum) const;
  /// Ends the port: callers and blocked senders get kPeerGone, what is queued stays receivable.
  Result<void> destroy() const { return detail::checked(granary_port_destroy(value()), SystemCall::PORT_DESTROY); }

  Result<PortStatistics> stats() const {
    granary_port_stats_result stats;
    const granary_status status = granary_port_stats(value(), &stats);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::PORT_STATS);
    return PortStatistics{stats.sent,    stats.received,           stats.queued,       stats.calls,
                          stats.replies, stats.deepest_queue_seen, stats.replies_lost, stats.alive != 0};
  }
  /// How long calls took that were answered (Service: from being taken to the reply) or taken (Waiting: from being
  /// made).
  Result<CallTimes> call_stats(abi::CallTime which) const {
    granary_port_call_stats_result raw;
    const granary_status status = granary_port_call_stats(value(), static_cast<std::uint64_t>(which), &raw);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::PORT_CALL_STATS);
    return CallTimes{raw.count, raw.shortest, raw.longest, raw.sum};
  }
  Result<CallHistogram> call_histogram(abi::CallTime which) const {
    CallHistogram all;
    for (unsigned first = 0; first < abi::kCallTimeBuckets; first += 8) {
      granary_port_call_histogram_result raw;
      const granary_status status =
          granary_port_call_histogram(value(), static_cast<std::uint64_t>(which), first, &raw);
      if (status != GRANARY_OK) return detail::error_of(status, SystemCall::PORT_CALL_HISTOGRAM);
      const std::uint64_t eight[8] = {raw.bucket_0, raw.bucket_1, raw.bucket_2, raw.bucket_3,
                                      raw.bucket_4, raw.bucket_5, raw.bucket_6, raw.bucket_7};
      for (unsigned i = 0; i < 8; ++i) all.bucket[first + i] = eight[i];
    }
    return all;
  }
};

struct ChannelStatistics {
  std::uint64_t sent = 0, received = 0, queued_here = 0, queued_there = 0, capacity = 0, deepest_queue = 0,
                discarded = 0;
  bool this_end_alive = false, other_end_alive = false;
};
struct ChannelEnds;

/// One end of a SyncChan: a bounded queue in each direction. What this end sends the other receives.
class Channel : public Handle {
 public:
  using Handle::Handle;

  /// Both ends of a new channel. `capacity` messages in each direction, 1 to 1024. kQuotaExceeded, kNoMemory,
  /// kTableFull.
  static Result<ChannelEnds> create(std::uint64_t capacity);
  Result<Channel> duplicate() const { return duplicate_as<Channel>(); }
  Result<Channel> duplicate(std::uint64_t rights) const { return duplicate_as<Channel>(rights); }

  /// Success means queued. Waits while full. kTimedOut, kPeerGone; with do_not_block kWouldBlock.
  Result<void> send(const Message& message, Deadline deadline = forever) const {
    const granary_message wire = detail::to_wire(message);
    return detail::checked(granary_chan_send(value(), &wire, deadline.ticks()), SystemCall::CHAN_SEND);
  }
  Result<void> try_send(const Message& message) const {
    const granary_message wire = detail::to_wire(message);
    return detail::checked(granary_chan_try_send(value(), &wire), SystemCall::CHAN_TRY_SEND);
  }
  /// The oldest message. kTimedOut; kPeerGone when the other end is gone and nothing is left.
  Result<Delivery> receive(Deadline deadline = forever) const {
    granary_delivery delivery;
    const granary_status status = granary_chan_recv(value(), deadline.ticks(), &delivery);
    return detail::delivery_of(status, delivery, SystemCall::CHAN_RECV);
  }
  Result<Delivery> try_receive() const {
    granary_delivery delivery;
    const granary_status status = granary_chan_try_recv(value(), &delivery);
    return detail::delivery_of(status, delivery, SystemCall::CHAN_TRY_RECV);
  }
  /// As Port's.
  Result<void> send_with(const Message&, const Handle&, std::uint64_t rights, Deadline = forever) const;
  Result<void> send_moving(const Message&, const Handle&, std::uint64_t rights) const;
  Result<std::uint64_t> send_batch(Batch& batch, Deadline deadline = forever) const;
  Result<std::uint64_t> receive_batch(Batch& batch, Deadline deadline = forever,
                                      std::uint64_t maximum = abi::kBatchMaximum) const;
  /// Gives this capability up; when the last one of an end goes, the other end is told.
  Result<void> close() const { return detail::checked(granary_chan_close(value()), SystemCall::CHAN_CLOSE); }

  Result<ChannelStatistics> stats() const {
    granary_chan_stats_result stats;
    const granary_status status = granary_chan_stats(value(), &stats);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::CHAN_STATS);
    return ChannelStatistics{stats.sent,
                             stats.received,
                             stats.queued_to_this_end,
                             stats.queued_to_the_other_end,
                             stats.capacity,
                             stats.deepest_queue_seen,
                             stats.discarded,
                             (stats.ends_alive & 1) != 0,
                             (stats.ends_alive & 2) != 0};
  }
};

struct ChannelEnds {
  Channel first, second;
};

inline Result<ChannelEnds> Channel::create(std::uint64_t capacity) {
  granary_chan_create_result ends;
  const granary_status status = granary_chan_create(capacity, &ends);
  if (status != GRANARY_OK) return detail::error_of(status, SystemCall::CHAN_CREATE);
  return ChannelEnds{Channel(ends.handle_of_end_0), Channel(ends.handle_of_end_1)};
}

/// The console. printf is the comfortable way to it.
class Console : public Handle {
 public:
  using Handle::Handle;
  Result<Console> duplicate() const { return duplicate_as<Console>(); }
  Result<Console> duplicate(std::uint64_t rights) const { return duplicate_as<Console>(rights); }

  /// All of it, waiting while the console is busy. The kernel shows a line when it is complete.
  Result<void> write(std::string_view text) const;
  /// At most 64 bytes, not waiting: how many were taken. kWouldBlock if none.
  Result<std::uint64_t> try_write(std::string_view text) const;
  // For the silo with `owns_console = true`: console_owner.hpp.
  Result<void> take(const Notification& notification, std::uint64_t bits) const;
  Result<ConsoleText> read(std::uint64_t printed) const;
};

struct SiloStatus {
  abi::SiloState state = abi::SiloState::Ready;
  std::uint64_t exit_status = 0;                ///< if Exited
  abi::FaultKind fault = abi::FaultKind::None;  ///< if Faulted
  std::uint64_t killed_by = 0;                  ///< if Killed: which silo did it
  std::uint64_t fault_address = 0;              ///< if Faulted, and the kind has one
  std::uint64_t fault_program_counter = 0;      ///< if Faulted
  std::uint64_t refused_calls = 0, messages_sent = 0, messages_received = 0, live_threads = 0;

  bool running() const { return state == abi::SiloState::Ready || state == abi::SiloState::Running; }
};

/// Another silo, to be observed.
class Silo : public Handle {
 public:
  using Handle::Handle;
  Result<Silo> duplicate() const { return duplicate_as<Silo>(); }
  Result<Silo> duplicate(std::uint64_t rights) const { return duplicate_as<Silo>(rights); }

  Result<SiloStatus> status() const {
    granary_silo_status_result raw;
    const granary_status status = granary_silo_status(value(), &raw);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::SILO_STATUS);
    SiloStatus result;
    result.state = static_cast<abi::SiloState>(raw.state);
    if (result.state == abi::SiloState::Exited) result.exit_status = raw.exit_status_or_fault_kind;
    if (result.state == abi::SiloState::Killed) result.killed_by = raw.exit_status_or_fault_kind;
    if (result.state == abi::SiloState::Faulted) {
      result.fault = static_cast<abi::FaultKind>(raw.exit_status_or_fault_kind);
      result.fault_address = raw.fault_address;
      result.fault_program_counter = raw.program_counter_of_the_fault;
    }
    result.refused_calls = raw.refused_calls;
    result.messages_sent = raw.messages_sent;
    result.messages_received = raw.messages_received;
    result.live_threads = raw.live_threads;
    return result;
  }
  Result<SiloTime> time() const {
    granary_silo_time_result raw;
    const granary_status status = granary_silo_time(value(), &raw);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::SILO_TIME);
    return SiloTime{raw.time, raw.times_that_a_budget_of_it_was_used_up};
  }
};

}  // namespace granary
