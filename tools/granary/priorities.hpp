// SPDX-License-Identifier: Apache-2.0
//
// Priority inversions that the manifest shows: a silo that waits for room in a queue whose receiver has a lower
// priority, while a third one between the two may run as long as it likes. Calls are none: a server runs at its
// caller's priority.
#pragma once

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

void check_priorities(const Manifest& manifest, Diagnostics& diagnostics);

}  // namespace tool
