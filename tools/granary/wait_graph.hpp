// SPDX-License-Identifier: Apache-2.0
//
// Who can wait for whom: an edge for each link in which a silo stays until another one acts. Calls wait for the owner
// of the port; senders wait for room; who waits for a notification or semaphore waits for its signallers, if nothing
// else could wake it. What never waits, or not for ever, has no edge: AsyncChans, channels whose `outstanding` is not
// above their capacity, links with a deadline.
#pragma once

#include <string>
#include <vector>

#include "tools/granary/manifest.hpp"

namespace tool {

enum class WaitKind { Call, Room, Event };

struct Wait {
  WaitKind kind = WaitKind::Call;
  std::string waiter{};
  std::string awaited{};
  std::string link{};  ///< the object's name
  std::string words{};
  Location at{};
  bool duplex = false;  ///< room in a channel both of whose ends send
  bool is_of_a_semaphore = false;
};

std::vector<Wait> waits_of(const Manifest& manifest);

}  // namespace tool
