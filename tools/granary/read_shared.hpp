// SPDX-License-Identifier: Apache-2.0
//
// The parts of the schema that read_manifest() leaves to read_shared.cpp. Included by the reader only.
#pragma once

#include "tools/granary/manifest.hpp"
#include "tools/granary/toml_table.hpp"

namespace tool {

/// AsyncChans, notifications, semaphores, regions, names and flow rules of the whole manifest.
void read_shared(Manifest& manifest, TomlTable& root);

/// `label = { tier = "...", family = "...", compartment = 3 }` of a silo, as its messages carry it.
std::uint32_t read_label(TomlTable& silo);

}  // namespace tool
