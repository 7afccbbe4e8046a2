// SPDX-License-Identifier: Apache-2.0
//
// OutgoingMessage: the message of a send, call or reply on its way from the registers into an object, with what it
// takes along. Whatever the object says, the capability that was taken along is afterwards in the message, or has
// ended; and a moved one has left the sender only if it was sent.
#pragma once

#include "kernel/blocking_call.hpp"
#include "kernel/objects.hpp"
#include "kernel/silo.hpp"
#include "kernel/transfer.hpp"

namespace kernel {

class OutgoingMessage {
 public:
  OutgoingMessage(const Call& call, ipc::Blocking blocking) : call_(call), blocking_(blocking) {}
  OutgoingMessage(const OutgoingMessage&) = delete;
  OutgoingMessage& operator=(const OutgoingMessage&) = delete;

  /// Reads the registers, checks the flags, takes along what they say. `sender_rights`: of the capability that is sent
  /// through; `right`: which of them a transfer needs; `receiver`: whose table it gets into, if known. Errors of
  /// take_along(); EINVAL; ENOBUFS (admit_message).
  base::Result<void> prepare(std::uint64_t sender_rights, abi::Right right, const Silo* receiver) {
    message_ = TRY(call_.arguments().message());
    if ((message_.flags & abi::kFlagAccept) != 0 && !is_call_) return base::Error::EINVAL;
    if (!is_reply_) TRY(admit_message(call_, message_));
    moved_ = is_move(message_) ? handle_in(message_) : 0;
    return take_along(call_, message_, sender_rights, right, receiver);
  }
  /// The same for a call: its flags may say that the reply may bring something, and it does not move anything, because
  /// it waits.
  base::Result<void> prepare_call(std::uint64_t sender_rights, const Silo* receiver) {
    is_call_ = true;
    return prepare(sender_rights, abi::Right::PortTransfer, receiver);
  }
  /// The same for a reply: the caller's own flag says whether it may bring something.
  base::Result<void> prepare_reply() {
    is_reply_ = true;
    return prepare(0, abi::Right::None, nullptr);
  }

  const ipc::Message& message() const { return message_; }
  bool moves() const { return moved_ != 0; }
  bool accepts_reply() const { return (message_.flags & abi::kFlagAccept) != 0; }
  /// A move does not wait: what has not left yet could not come back under its old handle.
  ipc::Blocking blocking() const { return moves() ? ipc::Blocking::DoNotBlock : blocking_; }

  /// It is not sent after all.
  void abandon() { give_back(call_.held, message_); }
  /// What became of a send or a call.
  void sent(ipc::Outcome outcome) {
    if (outcome == ipc::Outcome::Completed && !call_.thread.completion.status.ok()) {
      give_back(call_.held, message_);
    } else {
      finish_move();
    }
  }
  /// What became of a reply; ipc::reply() has dropped what a failed one took along.
  void replied(bool has_gone) {
    if (has_gone) finish_move();
  }

 private:
  void finish_move() {
    // It was there when the message was prepared, and nobody else has run since. For a thread of another core that core
    // does it (end_move), whose table it is.
    if (moves() && !call_.is_on_behalf) static_cast<void>(close_handle(call_.held, call_.silo(), moved_));
  }

  const Call& call_;
  const ipc::Blocking blocking_;
  ipc::Message message_ = {};
  std::uint64_t moved_ = 0;
  bool is_call_ = false;
  bool is_reply_ = false;
};

}  // namespace kernel
