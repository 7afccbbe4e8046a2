// SPDX-License-Identifier: Apache-2.0
//
// The capabilities that a manifest gives to each silo: which slot, which object, which rights, which badge.
// Invariant: the order is fixed (console, ports, channels, what else is shared, other silos, system; each in the order
// of the file), so that a slot and with it a handle depends on the manifest only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ipc/abi/abi.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

struct Capability {
  unsigned slot;  ///< 1 and up; slot 0 is never given out
  std::string name;
  abi::ObjectType type;
  unsigned object;  ///< number of the port or channel, or of the silo; 0 for console and system
  unsigned end;     ///< of a channel
  std::uint64_t rights;
  std::uint64_t badge;
  std::string about;      ///< a sentence for the generated header
  unsigned deadline = 0;  ///< of the link, microseconds; 0: none
};

/// The handle that the silo uses for it.
inline std::uint64_t handle_of(const Capability& capability) { return abi::make_manifest_handle(capability.slot); }

std::vector<Capability> capabilities_of(const Manifest& manifest, const Silo& silo);

/// Size of the silo's table: what the manifest says, or the smallest power of two, 64 at least, that holds the
/// manifest's capabilities and those of everything that its quota lets it create.
unsigned capability_slots_of(const Manifest& manifest, const Silo& silo);

}  // namespace tool
