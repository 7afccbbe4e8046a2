// SPDX-License-Identifier: Apache-2.0
//
// Programs that take memory from a heap, in silos that have none: they stop when they first do.
#pragma once

#include <filesystem>

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

/// Of programs that are built in `folder` and can be read.
void warn_about_heaps(const Manifest& manifest, const std::filesystem::path& folder, Diagnostics& diagnostics);

}  // namespace tool
