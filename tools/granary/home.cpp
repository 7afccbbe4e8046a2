// SPDX-License-Identifier: Apache-2.0
//
// Looking for the SDK (home.hpp).
#include "tools/granary/home.hpp"

#include <cstdlib>

#include "tools/granary/text.hpp"

namespace tool {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_root(const fs::path& folder) {
  return fs::is_regular_file(folder / "silos/sdk/sdk.mk") && fs::is_regular_file(folder / "tools/run_qemu.py");
}

/// Downloads are kept in the user's cache, as they are the same for every project.
fs::path cache() {
  if (const std::string folder = environment("XDG_CACHE_HOME"); !folder.empty()) return fs::path(folder) / "granary";
  if (const std::string folder = environment("HOME"); !folder.empty()) return fs::path(folder) / ".cache/granary";
  return fs::temp_directory_path() / "granary-cache";
}

}  // namespace

std::optional<Home> find_home(const fs::path& program) {
  Home home;
  home.program = program;
  const fs::path installed = program.parent_path().parent_path() / "share/granary";
  if (const std::string named = environment("GRANARY_HOME"); !named.empty()) {
    home.root = fs::absolute(named);
  } else if (is_root(installed)) {
    home.root = installed;
  } else {
    for (fs::path folder = program.parent_path(); folder != folder.parent_path(); folder = folder.parent_path())
      if (is_root(folder)) {
        home.root = folder;
        break;
      }
  }
  if (home.root.empty() || !is_root(home.root)) return std::nullopt;
  const bool is_sdk = fs::exists(home.root / "kernel/granary.img");
  home.kernel = is_sdk ? home.root / "kernel/granary.img" : program.parent_path().parent_path() / "kernel/granary.img";
  const std::string packages = environment("GRANARY_PACKAGES");
  home.packages = !packages.empty() ? fs::absolute(packages) : is_sdk ? cache() : home.root / "build/packages";
  return home;
}

void check_home(const Home& home, Diagnostics& diagnostics) {
  for (const fs::path& path : {home.root, home.program})
    if (!make_can_handle(path.string()))
      return diagnostics.error(
          {path.string(), 0},
          "the SDK lies in a folder whose path has a character that make cannot handle, such as a space",
          "move the SDK to a folder whose path has letters, digits, and . _ - + / alone");
}

fs::path own_program() {
  std::error_code failure;
  return fs::read_symlink("/proc/self/exe", failure);
}

}  // namespace tool
