// SPDX-License-Identifier: Apache-2.0
//
// Watchdogs of silos and deadlines of links (docs/health.md): what is refused although each value alone is sound.
#pragma once

#include "tools/granary/manifest.hpp"

namespace tool {

/// Watchdogs that would stop a silo while it may not run, and more links with a deadline than the kernel has room for.
void check_health(const Manifest& manifest, Diagnostics& diagnostics);

}  // namespace tool
