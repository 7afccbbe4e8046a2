// SPDX-License-Identifier: Apache-2.0
//
// SiloLife: what a silo's ends and beginnings need to be remembered between the steps in which they happen
// (silo_stop.cpp, silo_restart.cpp). One in each silo; changed on the silo's core, in shared sections.
//
//   Up -> Stopping -> Away -> Loading -> Up      comes back
//                  -> Down                       stays down, until an operator starts it: Down -> Away
//   Away, Loading  -> Leaving -> Down            it does not come back after all
//
// INVARIANT: a silo is Up exactly while its state is Ready or Running. INVARIANT: it is in its core's list of those
// that come back while Away, Loading or Leaving, and while an order or another image is to be looked at.
#pragma once

#include <cstdint>

#include "ipc/abi/abi.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/life_log.hpp"
#include "kernel/restart_policy.hpp"

namespace kernel {

struct SiloLife {
  enum class Phase : std::uint8_t {
    Up,
    Stopping,  ///< its threads end, its capabilities go, its peers are told
    Away,      ///< and it comes back at `due`
    Loading,   ///< its memory, its capabilities
    Leaving,   ///< its anchors go: it is not waited for any more
    Down
  };
  enum class Order : std::uint8_t { None, Restart, Stop };
  /// What is being loaded.
  enum class Part : std::uint8_t { AnotherImage, Regions, MessagePages, Capabilities, Threads };

  RestartPolicy policy;
  LifeLog log;
  Phase phase = Phase::Up;
  Order order = Order::None;     ///< of another core, or of its group; obeyed at the core's next step
  std::uint16_t ordered_by = 0;  ///< a silo
  bool comes_back = false;       ///< while it is not Up
  bool is_asked = false;         ///< at `due` it stays down instead
  bool is_tried_again = false;   ///< the step did not succeed; at least this long has been waited for
  abi::StaysDownReason reason = {};
  std::uint32_t restarts = 0;  ///< times that it was started again
  base::Ticks started = {};    ///< last
  base::Ticks ended = {};      ///< last
  base::Ticks due = base::Ticks::forever();
  abi::SiloState last_end = abi::SiloState::Ready;  ///< how it ended last; Ready: it never has
  std::uint64_t last_why = 0;                       ///< and why: exit status, fault kind, silo
  // While Loading.
  Part part = Part::Regions;
  std::uint32_t index = 0;  ///< region, thread
  std::uint64_t page = 0;   ///< of the region
};

}  // namespace kernel
