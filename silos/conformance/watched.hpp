// SPDX-License-Identifier: Apache-2.0
//
// What silos with a watchdog and their judge agree on.
#pragma once

#include "granary/granary.hpp"

namespace watched {

using namespace granary;

/// `watchdog` in the manifest.
inline constexpr Clock::duration kTime = std::chrono::milliseconds(200);
/// The word is when its sender stops waiting.
inline constexpr std::uint64_t kLoops = 1;
/// Places in the manifest.
inline constexpr std::uint32_t kSiloLoops = 0, kSiloStopsWaiting = 1, kSiloComesBack = 6;
/// To a server: answer, or loop.
inline constexpr std::uint64_t kEcho = 1, kHang = 2;

/// The port of this silo, whatever its name: a program that is several silos has no handle of its own for it.
inline Port own_port() {
  for (std::uint32_t index = 1;; ++index) {
    const Port port(abi::make_manifest_handle(index));
    if (port.info().value().type == abi::ObjectType::Port) return port;
  }
}

}  // namespace watched
