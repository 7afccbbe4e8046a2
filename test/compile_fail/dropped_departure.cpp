// SPDX-License-Identifier: Apache-2.0
// expects: ignoring returned value of type
// layer: kernel
//
// Whoever ends a capability must act on what that means: the last one of an object, or of a channel's end, leaves
// somebody waiting.
#include "kernel/capability_table.hpp"

bool close(kernel::Unlocked unlocked, kernel::CapabilityTable& table, std::uint64_t handle);
bool close(kernel::Unlocked unlocked, kernel::CapabilityTable& table, std::uint64_t handle) {
#ifdef COMPILES
  const auto departure = table.remove(unlocked, handle);
  return departure.ok() && departure.value().is_last;
#else
  table.remove(unlocked, handle);
  return true;
#endif
}
