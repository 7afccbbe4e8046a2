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
  paid_up_to_ = port::now();
  if (schedule_.is_empty()) return;
  schedule_.begin(paid_up_to_, port::clock_frequency());
  turn_window(paid_up_to_);
}

/// Opens the window of this time, if another one is open.
void Core::turn_window(base::Ticks now) {
  const Schedule::Place place = schedule_.at(now);
  window_end_ = place.end;
  if (place.partition == open_) return;
  closed_[open_] = ready_;
  ready_ = closed_[place.partition];
  closed_[place.partition] = RunQueue();
  open_ = place.partition;
}

}  // namespace kernel
