// SPDX-License-Identifier: Apache-2.0
//
// The ways in which a server can end on its clients (mortal.cpp plays them, survivor.cpp looks on). The number is the
// manifest's `argument`.
#pragma once

#include <cstdint>

namespace conformance {

enum class Death : std::uint64_t {
  ExitsWithCallsQueued = 0,
  ExitsAfterTaking = 1,
  FaultsAfterTaking = 2,
  DestroysThenExits = 3,
  DestroysAndLives = 4,
  ThreadEndsAfterTaking = 5,
  AnswersThenExits = 6,
  ExitsWithSendersBlocked = 7,
  ExitsWhileReplying = 8,
};

}  // namespace conformance
