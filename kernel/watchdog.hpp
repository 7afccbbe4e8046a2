// SPDX-License-Identifier: Apache-2.0
//
// Watchdog: a silo whose manifest gives one must wait, or say that it is well (SILO_KICK), within each such time;
// otherwise its core stops it (watchdog.cpp). Owns the time, and what was seen when the core looked last.
//
// INVARIANT: it is in its core's queue from the silo's start to its stop, if it has a time.
#pragma once

#include <cstdint>

#include "kernel/timer_queue.hpp"

namespace kernel {

class Silo;

struct Watchdog : TimerLink {
  Watchdog(Silo& whose, base::Ticks its_time) : silo(whose), time(its_time) {}

  Silo& silo;
  const base::Ticks time;          ///< 0: none
  std::uint64_t direct_calls = 0;  ///< that its threads had made and taken at the last look, by the fast path
  bool is_kicked = false;          ///< since the last look
};

}  // namespace kernel
