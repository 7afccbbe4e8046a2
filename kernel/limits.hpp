// SPDX-License-Identifier: Apache-2.0
//
// How many of each thing there can be. Memory for them is taken when they are made; these numbers bound the kernel's
// own tables and with them the length of every loop over all of a kind.
// What the tool must know as well is in ipc/abi/abi.hpp.
#pragma once

#include "ipc/abi/abi.hpp"

namespace kernel {

inline constexpr unsigned kSilosMaximum = abi::kSilosMaximum;
inline constexpr unsigned kCoresMaximum = abi::kCoresMaximum;
inline constexpr unsigned kThreadsMaximum = abi::kThreadsMaximum;  ///< in the whole system
inline constexpr unsigned kRegionsPerSilo = abi::kRegionsPerSiloMaximum;
inline constexpr unsigned kThreadsPerSilo = kRegionsPerSilo;  ///< each has a stack, which is a region
inline constexpr unsigned kManifestObjectsMaximum = abi::kManifestObjectsMaximum;  ///< ports and channels of the image
inline constexpr unsigned kCapabilitySlotsMinimum = abi::kCapabilitySlotsMinimum;  ///< per silo, a power of two
inline constexpr unsigned kCapabilitySlotsMaximum = abi::kCapabilitySlotsMaximum;

}  // namespace kernel
