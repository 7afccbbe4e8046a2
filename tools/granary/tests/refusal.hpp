// SPDX-License-Identifier: Apache-2.0
//
// What a test needs to look at refusals: the printed text, and the sample manifests beside this file.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/manifest.hpp"

namespace tool::test {

inline std::string printed(const Diagnostics& diagnostics) {
  std::ostringstream out;
  diagnostics.print(out);
  return out.str();
}

inline std::filesystem::path samples(const std::string& folder) {
  return std::filesystem::path(__FILE__).parent_path() / folder;
}

inline std::vector<std::filesystem::path> sample_files(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(samples(folder)))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream input(file, std::ios::binary);
  std::ostringstream text;
  text << input.rdbuf();
  return text.str();
}

/// Reads and checks, as every command does.
inline Manifest load(const std::filesystem::path& file, Diagnostics& diagnostics) {
  Manifest manifest = read_manifest(file, diagnostics);
  if (!diagnostics.failed()) check_manifest(manifest, diagnostics);
  return manifest;
}

/// A manifest made in the test; its file is in `samples/programs` in name only, so that program paths are found.
class TemporaryManifest {
 public:
  explicit TemporaryManifest(const std::string& text)
      : file_(samples("programs") / ("temporary_" + std::to_string(++count_) + ".toml")) {
    std::ofstream(file_) << text;
  }
  ~TemporaryManifest() { std::filesystem::remove(file_); }
  TemporaryManifest(const TemporaryManifest&) = delete;
  TemporaryManifest& operator=(const TemporaryManifest&) = delete;
  const std::filesystem::path& file() const { return file_; }

 private:
  static inline int count_ = 0;
  std::filesystem::path file_;
};

}  // namespace tool::test
