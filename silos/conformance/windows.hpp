// SPDX-License-Identifier: Apache-2.0
//
// Windows as silos see them (windows.cpp, windows_judge.cpp): when somebody ran, in ticks from the beginning of the
// frame. Manifest (conformance_windows.toml): frame 20 ms; early 2 to 7 ms, late 10 to 13 ms, others in what is left.
#pragma once

#include <algorithm>

#include "check.hpp"

namespace conformance {

constexpr Clock::duration kFrame = 20ms;
/// How late a window turns: the kernel's longest stay and an interrupt, with room for an emulator.
constexpr Clock::duration kTurn = 150us;

/// What somebody has seen who reads the clock again and again.
struct Sightings {
  std::uint64_t first = 0, last = 0;                 ///< of the counter
  std::uint64_t begin = ~std::uint64_t{0}, end = 0;  ///< earliest and latest place in the frame that `origin` begins

  void see(std::uint64_t now, std::uint64_t origin) {
    if (first == 0) first = now;
    last = now;
    const std::uint64_t place = (now - origin) % Clock::to_ticks(kFrame);
    begin = std::min(begin, place);
    end = std::max(end, place);
  }
};

/// The port through which the silo has this right, whatever it is called.
inline Port port_with(abi::Right right) {
  for (std::uint32_t index = 1; index < 64; ++index) {
    const Handle handle(abi::make_manifest_handle(index));
    const Result<HandleInfo> info = handle.info();
    if (info && info->type == abi::ObjectType::Port && (info->rights & static_cast<std::uint64_t>(right)) != 0)
      return Port(handle.value());
  }
  return Port();
}

}  // namespace conformance
