// SPDX-License-Identifier: Apache-2.0
//
// A round of the sweep: an operation, who is stopped in it, when and how. What there is at the beginning of each is
// compared with what there was at the first.
#pragma once

#include "parties.hpp"

namespace sweep {

struct Round {
  Operation operation;
  unsigned victims;  ///< a bit for each party
  Death death;
  std::uint64_t n;
  bool by_fault = false;  ///< of its own: it comes back by its policy

  bool kills(Party party) const { return (victims >> static_cast<unsigned>(party) & 1) != 0; }
};

/// How far the parties were when the warden came to its stroke: since the common instant, a tick for each instruction
/// of theirs, the kernel's on their behalf among them.
struct Progress {
  std::uint64_t server_ticks = 0, client_ticks = 0;
  bool is_certain = false;  ///< nobody goes on beside the warden, on another core

  bool is_same_as(const Progress& other) const {
    return is_certain && other.is_certain && server_ticks == other.server_ticks && client_ticks == other.client_ticks;
  }
};

/// Of all rounds so far. Late is who began to wait for a party that had been restarted, which does not know of it.
inline std::uint64_t failures = 0, rounds = 0, late = 0;
inline constexpr std::uint64_t kSettlePolls = 120, kPollTicks = 4'000;

void fail(const Round& round, const char* what, std::int64_t more = 0, std::int64_t most = 0);
/// Both are told what to do, and are ready for the common instant, which it returns; 0: they are not.
std::uint64_t begin(const Round& round);
/// A party that does not come to an end is begun anew, so that the sweep goes on.
void unstick(Party party);
void judge_status(const Round& round, Party party);
/// All of one round.
Progress one(const Round& round);

}  // namespace sweep
