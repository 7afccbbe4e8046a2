// SPDX-License-Identifier: Apache-2.0
//
// Message: what travels, by value: opcode, flags and eight words. Words 4-7 are zero unless the flags say eight words,
// so a message never carries a word that its sender did not put there.
#pragma once

#include <cstdint>

#include "ipc/abi/abi.hpp"
#include "ipc/attachment.hpp"

namespace ipc {

struct Message {
  std::uint64_t opcode;
  std::uint64_t flags;
  std::uint64_t word[abi::kMessageWords];
  Attachment* attachment = nullptr;  ///< a capability that travels along
};

/// A message as the receiver gets it: with the badge that the kernel took from the sender's capability, the reply
/// token if it is a call (0 otherwise), and the label of the sender's silo.
struct Delivery {
  Message message;
  std::uint64_t badge;
  std::uint64_t token;
  std::uint32_t label = 0;  ///< of the sender's silo; written by the kernel
};

}  // namespace ipc
