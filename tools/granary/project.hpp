// SPDX-License-Identifier: Apache-2.0
//
// Project: a system in the user's own folder, and what `granary build`, `run`, `test` and `sdcard` do with it. All that
// is made lies in `build/SYSTEM` beside the manifest. How programs are compiled is system.mk's and sdk.mk's business,
// how machines run that of run_qemu.py, how cards are made that of sdcard: as for `make` in the source tree.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/home.hpp"
#include "tools/granary/layout.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

/// A manifest, or that of a folder, or with "" that of the current folder.
std::filesystem::path manifest_named(const std::string& named);

class Project {
 public:
  /// `named`: as for manifest_named().
  Project(const std::string& named, Home home);

  const std::filesystem::path& manifest_file() const { return manifest_file_; }
  const Manifest& manifest() const { return manifest_; }
  const Home& home() const { return home_; }
  std::filesystem::path folder() const;  ///< build/SYSTEM
  std::filesystem::path image() const { return folder() / "system.img"; }

  /// The manifest, checked; with warnings if they are wanted.
  bool load(Diagnostics& diagnostics, bool warn);
  /// The system image, or with `silo` only its program. What compilers say goes to standard error. 0 if all is well.
  int build(const std::string& silo = "");
  /// An SD card image; 0 if all is well.
  int make_card(const std::filesystem::path& file, const std::string& boot_arguments);

 private:
  Home home_;
  std::filesystem::path manifest_file_;
  Manifest manifest_;
};

/// What setup.sh installs for this; 0 if it is there.
int set_up(const Home& home, const std::vector<std::string>& what);
/// The layouts of all silos out of FOLDER/SILO/SILO.elf.
std::vector<Layout> read_layouts(const Manifest& manifest, const std::filesystem::path& folder,
                                 Diagnostics& diagnostics);
/// Memory, threads and capabilities of each silo, for a reader and for a program.
std::string size_table(const Manifest& manifest, const std::vector<Layout>& layouts, std::uint64_t image_bytes);
std::string size_json(const Manifest& manifest, const std::vector<Layout>& layouts, const std::string& image,
                      std::uint64_t image_bytes);

}  // namespace tool
