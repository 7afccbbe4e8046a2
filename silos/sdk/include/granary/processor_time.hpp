// SPDX-License-Identifier: Apache-2.0
//
// How much processor time a thread or a silo has used since boot, in ticks of the counter (Clock::from_ticks); and the
// word to a silo's watchdog that it is well.
#pragma once

#include <cstdint>

#include "granary/system_calls.h"

namespace granary {

/// Processor time, by who paid: what a server does for a call is its caller's.
struct ThreadTime {
  std::uint64_t ticks = 0;        ///< of this thread
  std::uint64_t silo_ticks = 0;   ///< of all threads of this silo
  std::uint64_t budget_left = 0;  ///< ticks; all ones: no budget
  std::uint64_t exhaustions = 0;  ///< how often it would have run on without
};
inline ThreadTime thread_time() {
  granary_thread_time_result raw;
  static_cast<void>(granary_thread_time(&raw));  // it cannot fail
  return {raw.time_of_the_calling_thread, raw.of_its_silo, raw.what_is_left_of_its_budget,
          raw.times_that_it_was_used_up};
}

/// Tells the watchdog of this silo (`watchdog` in the manifest) that it is well, as if it had waited: for work that
/// takes long and waits for nothing.
inline void kick() { static_cast<void>(granary_silo_kick()); }  // it cannot fail

struct SiloTime {
  std::uint64_t ticks = 0;
  std::uint64_t exhaustions = 0;
};

}  // namespace granary
