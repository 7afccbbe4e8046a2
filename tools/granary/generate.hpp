// SPDX-License-Identifier: Apache-2.0
//
// Texts that are generated from a manifest: the header of handles for a silo (C++ and C), the make rules that build a
// system, and a picture of who may reach whom. Pure functions from manifest to text; the same manifest gives the same
// text.
#pragma once

#include <filesystem>
#include <string>

#include "tools/granary/manifest.hpp"

namespace tool {

/// handles.hpp: typed objects of the SDK, `granary::handles::NAME`.
std::string cpp_header(const Manifest& manifest, const Silo& silo);
/// handles.h: macros HANDLE_NAME, for C and assembly.
std::string c_header(const Manifest& manifest, const Silo& silo);

/// system.mk: rules that make OUTPUT/system.img with the SDK. `own_path` is how make can call this program.
std::string makefile(const Manifest& manifest, const std::filesystem::path& output, const std::string& own_path);

/// A picture in SVG. Also of a manifest that is refused, if its names are sound.
std::string graph(const Manifest& manifest);
/// The same for Graphviz' dot.
std::string dot_graph(const Manifest& manifest);

}  // namespace tool
