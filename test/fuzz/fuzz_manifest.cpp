// SPDX-License-Identifier: Apache-2.0
//
// Fuzzer of manifests: reading, checking, and what is made of one that is sound (headers, graph, report). The manifest
// lies, as far as its programs are concerned, beside the samples of the tool's tests, so that theirs are found.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "tools/granary/generate.hpp"
#include "tools/granary/manifest.hpp"

namespace {

/// A file without a place on a disk.
class Scratch {
 public:
  Scratch() : file_(memfd_create("manifest", 0)), path_("/proc/self/fd/" + std::to_string(file_)) {}
  const std::string& holding(const std::uint8_t* data, std::size_t size) {
    if (ftruncate(file_, 0) != 0 || pwrite(file_, data, size, 0) != static_cast<ssize_t>(size)) __builtin_trap();
    return path_;
  }

 private:
  int file_;
  std::string path_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Scratch scratch;
  tool::Diagnostics diagnostics;
  tool::Manifest manifest = tool::read_manifest(scratch.holding(data, size), diagnostics);
  if (diagnostics.failed()) return 0;
  manifest.file = "tools/granary/tests/accepted/fuzz.toml";
  const bool can_be_drawn = tool::check_manifest(manifest, diagnostics);
  if (can_be_drawn) static_cast<void>(tool::graph(manifest));
  if (diagnostics.failed()) return 0;
  tool::warn_about(manifest, diagnostics);
  for (const tool::Silo& silo : manifest.silos) {
    static_cast<void>(tool::cpp_header(manifest, silo));
    static_cast<void>(tool::c_header(manifest, silo));
  }
  return 0;
}
