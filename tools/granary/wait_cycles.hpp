// SPDX-License-Identifier: Apache-2.0
//
// Wait cycles: silos that may all wait for one another: for replies, for room in a full queue, for an event. Found at
// build and printed with every link of the cycle; at run time nothing but deadlines would end it.
#pragma once

#include <string>
#include <vector>

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

/// One refusal for each set of silos, with a shortest cycle through them.
void refuse_wait_cycles(const Manifest& manifest, Diagnostics& diagnostics);
/// The names of the links of each cycle that is refused.
std::vector<std::vector<std::string>> wait_cycles(const Manifest& manifest);

}  // namespace tool
