// SPDX-License-Identifier: Apache-2.0
//
// What the silos of the demo say to one another. Each struct travels whole in one message (at most 64 bytes).
#pragma once

#include <cstdint>

namespace demo {

/// Sensor to controller, on the channel `samples`.
struct Sample {
  std::uint64_t number;
  double celsius;
};

/// Controller to actuator, a call on the port `command`; the answer is what was set.
struct Setting {
  double percent;
};

/// Controller to logger, on the channel `reports`.
struct Report {
  std::uint64_t samples;
  std::uint64_t commands;
  std::uint64_t missed;  ///< samples that did not arrive, commands that were not answered in time
  double celsius;
  double percent;
};

/// Rogue to judge, a call on the port `confession`: what it tried, and how often it was refused.
struct Confession {
  std::uint64_t attempts;
  std::uint64_t refused;
};

}  // namespace demo
