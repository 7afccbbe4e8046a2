// SPDX-License-Identifier: Apache-2.0
//
// RestartPolicy: what becomes of a silo that has ended by itself (a fault or an exit), as the manifest says, and the
// record of earlier restarts by which it is judged. Knows times only; restart.cpp acts on what it says. An operator's
// stop is not judged: it is final, and an operator's start begins with a clean record.
//
// INVARIANT: a limited policy permits at most `limit` restarts in any `period`. INVARIANT: the wait before a restart is
// at most `backoff` << kBackoffDoublings.
#pragma once

#include <cstdint>

#include "ipc/abi/abi.hpp"
#include "kernel/base/ids.hpp"

namespace kernel {

/// As a manifest gives it, checked.
struct RestartDescription {
  abi::RestartMode mode = abi::RestartMode::Never;
  std::uint32_t limit = 0;                         ///< restarts in `period`, 1 to abi::kRestartLimitMaximum; Limited
  std::uint32_t period = 0;                        ///< microseconds; Limited
  std::uint32_t backoff = 0;                       ///< microseconds before the first restart, doubled by each further
  abi::SafeState then = abi::SafeState::StayDown;  ///< behind the limit
  std::uint8_t group = 0;                          ///< those of a number restart together; 0: alone
};

/// EINVAL-worthy: whether the numbers belong to the mode.
constexpr bool is_sane(const RestartDescription& description) {
  const bool is_limited = description.mode == abi::RestartMode::Limited;
  if (description.mode > abi::RestartMode::Supervised || description.then > abi::SafeState::ResetBoard) return false;
  if (is_limited != (description.limit != 0) || is_limited != (description.period != 0)) return false;
  if (!is_limited && description.then != abi::SafeState::StayDown) return false;
  return description.limit <= abi::kRestartLimitMaximum && description.period <= abi::kRestartPeriodMaximum &&
         description.backoff <= abi::kRestartBackoffMaximum && description.group <= abi::kRestartGroupsMaximum;
}

class RestartPolicy {
 public:
  static constexpr unsigned kBackoffDoublings = 6;
  /// Who has run for so long is not in a loop: his next restart waits for `backoff` only, if the policy has no period.
  static constexpr std::uint32_t kStableMicroseconds = 10'000'000;

  enum class Fate : std::uint8_t {
    StaysDown,   ///< for good: peers are told EPIPE
    Restarts,    ///< at Verdict::due
    IsAsked,     ///< a supervisor says; at Verdict::due it stays down if nobody has
    GroupStops,  ///< the safe state: it and its group stay down
    BoardResets  ///< the safe state
  };
  struct Verdict {
    Fate fate = Fate::StaysDown;
    base::Ticks due = base::Ticks::forever();
  };

  constexpr RestartPolicy() = default;
  /// `frequency`: of the counter.
  RestartPolicy(const RestartDescription& description, std::uint64_t frequency);

  abi::RestartMode mode() const { return mode_; }
  std::uint8_t group() const { return group_; }

  /// The silo, which runs since `started`, has ended by itself. What it says counts as a restart if it is one.
  Verdict after_end(base::Ticks started, base::Ticks now);
  /// An operator or a supervisor has started it.
  void forget_history();

 private:
  base::Ticks wait(base::Ticks started, base::Ticks now);

  abi::RestartMode mode_ = abi::RestartMode::Never;
  abi::SafeState then_ = abi::SafeState::StayDown;
  std::uint8_t group_ = 0;
  std::uint8_t limit_ = 0;
  std::uint8_t next_ = 0;    ///< place of the oldest of the last limit_ restarts
  std::uint8_t count_ = 0;   ///< of those
  std::uint8_t streak_ = 0;  ///< restarts, one soon after the other
  std::uint64_t period_ = 0;
  std::uint64_t backoff_ = 0;
  std::uint64_t stable_ = 0;
  std::uint64_t patience_ = 0;  ///< with a supervisor
  base::Ticks times_[abi::kRestartLimitMaximum] = {};
};

}  // namespace kernel
