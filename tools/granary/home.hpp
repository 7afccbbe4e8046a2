// SPDX-License-Identifier: Apache-2.0
//
// Home: where the files lie that the tool works with: the SDK's sources, the kernel, the scripts, what was downloaded.
// They are beside the tool, in an SDK (bin/granary and share/granary) or in the source tree (build/tools/granary), so
// that nothing has to be set; GRANARY_HOME and GRANARY_PACKAGES say otherwise. Invariant: all paths are absolute.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tools/granary/diagnostics.hpp"

namespace tool {

struct Home {
  std::filesystem::path root;      ///< holds silos/sdk, ipc/abi, tools
  std::filesystem::path kernel;    ///< granary.img, with granary.elf beside it
  std::filesystem::path packages;  ///< U-Boot, device tree and firmware of the Raspberry Pi 4
  std::filesystem::path program;   ///< this tool itself

  std::filesystem::path sdk() const { return root / "silos/sdk"; }
  std::filesystem::path script(const std::string& name) const { return root / "tools" / name; }
};

/// Nothing if there is no SDK beside `program`.
std::optional<Home> find_home(const std::filesystem::path& program);
/// Refuses an SDK in a folder that make cannot handle: makefiles of the SDK and of projects name files in it.
void check_home(const Home& home, Diagnostics& diagnostics);
/// This program's file.
std::filesystem::path own_program();

}  // namespace tool
