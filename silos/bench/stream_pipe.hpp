// SPDX-License-Identifier: Apache-2.0
//
// What the two ends of the measured stream agree on.
#pragma once

#include <array>

#include "granary/notification_doorbell.hpp"

namespace bench {

inline constexpr std::size_t kPipeMessages = 512;
inline constexpr std::uint64_t kPipeTurn = 500, kPipeTurns = 20;

/// Message number `number` of the stream.
inline granary::StreamMessage pipe_message(std::uint64_t number) {
  granary::StreamMessage message;
  for (std::size_t i = 0; i < message.words.size(); ++i) message.words[i] = 1000 * i + number;
  return message;
}

/// The messages of one turn, where they come from and where they go to. Filled and checked outside of the windows.
using PipeTurn = std::array<granary::StreamMessage, kPipeTurn>;

}  // namespace bench
