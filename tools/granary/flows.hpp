// SPDX-License-Identifier: Apache-2.0
//
// Flow rules: may what the manifest links reach one another? The kernel asks the same again when it installs the
// capabilities (kernel/flow_policy.hpp); here each refusal names the line.
#pragma once

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

/// Only for a manifest whose silos all exist. Nothing to say without flow rules.
void check_flows(const Manifest& manifest, Diagnostics& diagnostics);

}  // namespace tool
