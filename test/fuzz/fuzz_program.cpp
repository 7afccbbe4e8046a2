// SPDX-License-Identifier: Apache-2.0
//
// Fuzzer of programs: ELF files, their layout in a silo, and the contracts that they say they were built with.
#include <cstdint>
#include <vector>

#include "tools/granary/elf_file.hpp"
#include "tools/granary/layout.hpp"
#include "tools/granary/manifest.hpp"
#include "tools/granary/program_contracts.hpp"

namespace {

const tool::Manifest& manifest() {
  static const tool::Manifest read = [] {
    tool::Diagnostics diagnostics;
    return tool::read_manifest("tools/granary/tests/accepted/contracts.toml", diagnostics);
  }();
  return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (manifest().silos.empty()) __builtin_trap();  // to be run in the folder of the source tree
  const tool::Silo& silo = manifest().silos[1];
  const tool::Location where{"program.elf", 0};
  tool::Diagnostics diagnostics;
  const tool::ElfFile elf = tool::parse_elf({data, data + size}, where, diagnostics);
  static_cast<void>(tool::check_contracts(manifest(), silo, elf, where, diagnostics));
  if (!diagnostics.failed()) static_cast<void>(tool::lay_out(silo, elf, where, diagnostics));
  return 0;
}
