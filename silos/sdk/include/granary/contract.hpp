// SPDX-License-Identifier: Apache-2.0
//
// Messages with types: what to do with the structures that a contract of the manifest becomes. Each has an opcode, and
// a Reply if it is called. What comes from another silo is of the type that its opcode says, and its values are that
// silo's: check what matters. With structures of one's own that have these two names it works as well.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <optional>
#include <type_traits>
#include <utility>

#include "granary/capability.hpp"
#include "granary/contract_record.h"
#include "granary/objects.hpp"

namespace granary::contracts {

namespace detail {
template <typename Contents>
Message message_of(std::uint64_t opcode, const Contents& contents) {
  if constexpr (std::is_empty_v<Contents>) {
    return {.opcode = opcode};
  } else {
    return Message::of(opcode, contents);
  }
}
template <typename Contents>
Contents contents_of(const Message& message) {
  if constexpr (std::is_empty_v<Contents>) {
    return {};
  } else {
    return message.as<Contents>();
  }
}
}  // namespace detail

/// Says that this program speaks the contract through a handle that it was given at run time: in a message, by a
/// parent. kContractMismatch: the object behind it has another, and nothing was sent. If it has none yet, it has this
/// one from now on if the handle may receive. Handles of the manifest need no such call: they were compared before the
/// silo ran.
inline Result<void> agree(const Handle& handle, std::uint64_t hash) {
  std::uint64_t contract_of_the_object = 0;
  return granary::detail::checked(granary_handle_contract(handle.value(), hash, &contract_of_the_object),
                                  SystemCall::HANDLE_CONTRACT);
}

/// To be sent; through whatever sends messages.
template <typename Contents>
Message message(const Contents& contents) {
  return detail::message_of(Contents::kOpcode, contents);
}

/// What came, if it is one of these.
template <typename Contents>
std::optional<Contents> received(const Message& message) {
  if (message.opcode != Contents::kOpcode) return std::nullopt;
  return detail::contents_of<Contents>(message);
}

/// Calls, and waits for the reply. kInvalidArgument if the server does not know such calls.
template <typename Call>
Result<typename Call::Reply> call(const Port& port, const Call& contents, Deadline deadline = forever) {
  const Result<Message> answer = port.call(message(contents), deadline);
  if (!answer) return answer.error();
  if (answer->opcode != Call::kOpcode) return kInvalidArgument;
  return detail::contents_of<typename Call::Reply>(*answer);
}

/// The answer to a call of this type, for reply() and reply_and_receive().
template <typename Call>
Message reply(const typename Call::Reply& contents) {
  return detail::message_of(Call::kOpcode, contents);
}

/// The answer to what the server does not know: an opcode that no message has.
inline Message refusal() { return {.opcode = 0}; }

}  // namespace granary::contracts
