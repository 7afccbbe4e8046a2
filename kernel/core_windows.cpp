// SPDX-License-Identifier: Apache-2.0
//
// Windows: a core with a schedule runs the silos of one partition at a time. Each partition has a run queue of its own,
// and ready_ is that of the open one; so a turn of windows costs the same whatever is ready. What decides is who pays:
// a server that serves a call runs in the windows of its caller.
#include "kernel/core.hpp"
#include "kernel/port/clock.hpp"

namespace kernel {

base::Result<void> Core::add_window(std::uint32_t microseconds, std::uint8_t partition) {
  return schedule_.add(microseconds, partition);
}

void Core::begin_schedule() {
  if (schedule_.is_empty()) return;
  const base::Ticks now = port::now();
  schedule_.begin(now, port::clock_frequency());
  turn_window(now);
  set_appointment();
}

/// Opens the window of this time, if another one is open.
void Core::turn_window(base::Ticks now) {
  const Schedule::Place place = schedule_.at(now);
  window_end_ = place.end;
  if (place.partition == open_) return;
  closed_[open_].take_all_of(ready_);
  ready_.take_all_of(closed_[place.partition]);
  open_ = place.partition;
}

}  // namespace kernel
