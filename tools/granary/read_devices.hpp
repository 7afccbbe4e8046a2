// SPDX-License-Identifier: Apache-2.0
//
// The parts of the schema about the machine: [interrupt.NAME] and [device.NAME]. Included by the reader only.
#pragma once

#include "tools/granary/manifest.hpp"
#include "tools/granary/toml_table.hpp"

namespace tool {

/// Interrupt lines and devices of the whole manifest; devices get their addresses.
void read_devices(Manifest& manifest, TomlTable& root);

/// Whether two silos, or one twice, claim the same; whether paths can be paths.
void check_devices(const Manifest& manifest, Diagnostics& diagnostics);
/// What is sound and should be known: pages that several devices share.
void warn_about_devices(const Manifest& manifest, Diagnostics& diagnostics);

}  // namespace tool
