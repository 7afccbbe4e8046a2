// SPDX-License-Identifier: Apache-2.0
//
// Capabilities passed on and taken back: in messages, into another silo's table, under names, by a revoke; and what a
// silo gives up itself. Passing on takes the right Grant, and what arrives never has more rights than what was given.
//
// A capability takes the last two of the words that travel: the last two of eight, or of four if the message has only
// words 0 and 1. So words 6 and 7 of a message that takes one along must be 0 (kInvalidArgument).
#pragma once

#include <string_view>

#include "granary/objects.hpp"

namespace granary {

namespace detail {

inline Result<granary_message> with_capability(const Message& message, const Handle& handle, std::uint64_t rights,
                                               std::uint64_t more_flags) {
  if (message.words[6] != 0 || message.words[7] != 0) return kInvalidArgument;
  granary_message wire = to_wire(message);
  if (message.words[2] != 0 || message.words[3] != 0) wire.flags |= GRANARY_FLAG_EIGHT_WORDS;
  const unsigned last = (wire.flags & GRANARY_FLAG_EIGHT_WORDS) != 0 ? GRANARY_MESSAGE_WORDS - 1 : 3;
  wire.word[last] = handle.value();
  wire.word[last - 1] = rights;
  wire.flags |= GRANARY_FLAG_TRANSFER | more_flags;
  return wire;
}

inline Result<void> reply_carrying(Token& token, const Message& message, const Handle& handle, std::uint64_t rights,
                                   std::uint64_t more_flags) {
  const Result<granary_message> wire = with_capability(message, handle, rights, more_flags);
  if (!wire) return wire.error();
  const granary_status status = granary_port_reply(&*wire, token.value());
  if (status == GRANARY_OK || status == GRANARY_EPIPE) token.release();
  return checked(status, SystemCall::PORT_REPLY);
}

/// A name as the calls take it: at most 31 bytes, then the contract. Longer names are cut to 32, which the kernel
/// refuses.
struct NameWords {
  std::uint64_t word[GRANARY_MESSAGE_WORDS] = {};
  explicit NameWords(std::string_view name, std::uint64_t contract = 0) {
    std::memcpy(word, name.data(), name.size() < 32 ? name.size() : 32);
    word[4] = contract;
  }
};

}  // namespace detail

inline Result<std::uint64_t> Handle::revoke() const {
  std::uint64_t ended = 0;
  const granary_status status = granary_handle_revoke(value_, &ended);
  if (status != GRANARY_OK) return detail::error_of(status, SystemCall::HANDLE_REVOKE);
  return ended;
}
inline Result<granary_handle> Handle::grant_to(const Silo& silo, std::uint64_t rights) const {
  granary_handle there = 0;
  const granary_status status = granary_handle_grant(value_, silo.value(), rights, &there);
  if (status != GRANARY_OK) return detail::error_of(status, SystemCall::HANDLE_GRANT);
  return there;
}

inline Result<void> Port::send_with(const Message& message, const Handle& handle, std::uint64_t rights,
                                    Deadline deadline) const {
  const Result<granary_message> wire = detail::with_capability(message, handle, rights, 0);
  if (!wire) return wire.error();
  return detail::checked(granary_port_send(value(), &*wire, deadline.ticks()), SystemCall::PORT_SEND);
}
inline Result<void> Port::send_moving(const Message& message, const Handle& handle, std::uint64_t rights) const {
  const Result<granary_message> wire = detail::with_capability(message, handle, rights, GRANARY_FLAG_MOVE);
  if (!wire) return wire.error();
  return detail::checked(granary_port_try_send(value(), &*wire), SystemCall::PORT_TRY_SEND);
}
inline Result<Message> Port::call_with(const Message& message, const Handle& handle, std::uint64_t rights,
                                       Deadline deadline) const {
  const Result<granary_message> wire = detail::with_capability(message, handle, rights, 0);
  if (!wire) return wire.error();
  granary_message answer;
  const granary_status status = granary_port_call(value(), &*wire, deadline.ticks(), &answer);
  if (status != GRANARY_OK) return detail::error_of(status, SystemCall::PORT_CALL);
  return detail::from_wire(answer);
}
inline Result<Delivery> Port::call_accepting(const Message& message, Deadline deadline) const {
  granary_message wire = detail::to_wire(message);
  wire.flags |= GRANARY_FLAG_ACCEPT;
  granary_delivery answer;
  const granary_status status = granary_port_call_delivery(value(), &wire, deadline.ticks(), &answer);
  return detail::delivery_of(status, answer, SystemCall::PORT_CALL);
}
inline Result<Delivery> Port::call_accepting_with(const Message& message, const Handle& handle, std::uint64_t rights,
                                                  Deadline deadline) const {
  const Result<granary_message> wire = detail::with_capability(message, handle, rights, GRANARY_FLAG_ACCEPT);
  if (!wire) return wire.error();
  granary_delivery answer;
  const granary_status status = granary_port_call_delivery(value(), &*wire, deadline.ticks(), &answer);
  return detail::delivery_of(status, answer, SystemCall::PORT_CALL);
}
/// The token is spent if it succeeds. After a failure of the transfer (kNotPermitted: the caller accepts none) it
/// still answers.
inline Result<void> Port::reply_with(Token& token, const Message& message, const Handle& handle, std::uint64_t rights) {
  return detail::reply_carrying(token, message, handle, rights, 0);
}
inline Result<void> Port::reply_moving(Token& token, const Message& message, const Handle& handle,
                                       std::uint64_t rights) {
  return detail::reply_carrying(token, message, handle, rights, GRANARY_FLAG_MOVE);
}

inline Result<void> Channel::send_with(const Message& message, const Handle& handle, std::uint64_t rights,
                                       Deadline deadline) const {
  const Result<granary_message> wire = detail::with_capability(message, handle, rights, 0);
  if (!wire) return wire.error();
  return detail::checked(granary_chan_send(value(), &*wire, deadline.ticks()), SystemCall::CHAN_SEND);
}
inline Result<void> Channel::send_moving(const Message& message, const Handle& handle, std::uint64_t rights) const {
  const Result<granary_message> wire = detail::with_capability(message, handle, rights, GRANARY_FLAG_MOVE);
  if (!wire) return wire.error();
  return detail::checked(granary_chan_try_send(value(), &*wire), SystemCall::CHAN_TRY_SEND);
}

/// Publishes a port of this silo under a name that the manifest gives it; `contract` is the hash of what may be sent to
/// it (contracts::NAME::kHash), which who connects must not contradict. kNotFound, kNotPermitted, kExists, kBusy,
/// kPeerGone; kContractMismatch: the name or the port has another contract.
inline Result<void> publish(std::string_view name, const Port& port, std::uint64_t contract = 0) {
  return detail::checked(granary_name_publish(port.value(), detail::NameWords(name, contract).word),
                         SystemCall::NAME_PUBLISH);
}
/// Takes a name back; connections that exist stay. kNotFound: nothing is published under it.
inline Result<void> unpublish(std::string_view name) {
  return detail::checked(granary_name_unpublish(detail::NameWords(name).word), SystemCall::NAME_UNPUBLISH);
}
/// A capability to send to and call what is published under the name; waits until something is. kForbiddenFlow: the
/// manifest does not allow it; kTimedOut; with do_not_block kWouldBlock; kNotFound, kTableFull. `contract` is the hash
/// of what this program will send (contracts::NAME::kHash): kContractMismatch if what is published has another.
inline Result<Port> connect(std::string_view name, Deadline deadline = forever, std::uint64_t contract = 0) {
  granary_handle handle = 0;
  const granary_status status = granary_name_connect(detail::NameWords(name, contract).word, deadline.ticks(), &handle);
  if (status != GRANARY_OK) return detail::error_of(status, SystemCall::NAME_CONNECT);
  return Port(handle);
}

constexpr std::uint64_t operator|(abi::Pledge one, abi::Pledge other) {
  return static_cast<std::uint64_t>(one) | static_cast<std::uint64_t>(other);
}
constexpr std::uint64_t operator|(std::uint64_t some, abi::Pledge other) {
  return some | static_cast<std::uint64_t>(other);
}
/// Gives up, for all threads of the silo and for good, every class of calls that is not in `keep`; says what is left.
/// kNotPermitted: one in `keep` was given up before.
inline Result<std::uint64_t> pledge(std::uint64_t keep) {
  std::uint64_t left = 0;
  const granary_status status = granary_silo_pledge(keep, &left);
  if (status != GRANARY_OK) return detail::error_of(status, SystemCall::SILO_PLEDGE);
  return left;
}
inline Result<std::uint64_t> pledge(abi::Pledge keep) { return pledge(static_cast<std::uint64_t>(keep)); }

}  // namespace granary
