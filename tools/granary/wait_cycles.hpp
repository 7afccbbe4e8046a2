// SPDX-License-Identifier: Apache-2.0
//
// Wait cycles: silos that may all wait for one another's replies. Found at build and printed with every link of the
// cycle; at run time nothing but the deadlines of the calls would end it.
#pragma once

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

/// One refusal for the first cycle from each silo that no refused cycle has gone through yet.
void refuse_wait_cycles(const Manifest& manifest, Diagnostics& diagnostics);

}  // namespace tool
