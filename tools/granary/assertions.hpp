// SPDX-License-Identifier: Apache-2.0
//
// `[assert]` of a manifest: what has to be so whatever else the manifest says, and whoever changes it next.
//   deny = ["net -> keys"]      net never reaches keys
//   only = ["logger -> uart"]   nobody but logger does
#pragma once

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

class TomlTable;

void read_assertions(Manifest& manifest, TomlTable& root);
/// Refuses what breaks one, with every step of the way. Only for a manifest whose names exist.
void check_assertions(const Manifest& manifest, Diagnostics& diagnostics);

}  // namespace tool
