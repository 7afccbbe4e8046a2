// SPDX-License-Identifier: Apache-2.0
//
// Capabilities that a silo has and its program never names: authority that nobody needs. Looked for in the sources
// that the compiler read for it (its dependency files), so only after a build.
#pragma once

#include <filesystem>
#include <string>

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

/// Warns of each. `folder` holds SILO/*.d.
void warn_about_unused_handles(const Manifest& manifest, const std::filesystem::path& folder, Diagnostics& diagnostics);

/// `word` stands in the text, and not as a part of a longer one.
bool has_word(const std::string& text, const std::string& word);

}  // namespace tool
