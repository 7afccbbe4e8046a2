// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a silo that has ended, in a manifest (docs/restart.md): how it is read and what is refused. Included
// by the reader and the checks only.
#pragma once

#include "tools/granary/manifest.hpp"

namespace tool {

class TomlTable;

/// `restart = "always"`, or a table [silo.NAME.restart]; and `group`.
Restart read_restart(TomlTable& silo);
/// Groups of one, and safe states that there is nothing for.
void check_restarts(const Manifest& manifest, Diagnostics& diagnostics);
/// The number of its group, from 1 in the order of the silos; 0: it is in none.
unsigned group_of(const Manifest& manifest, const Silo& silo);

}  // namespace tool
