// SPDX-License-Identifier: Apache-2.0
//
// ElfFile: a program as the linker left it, parsed and checked: what may not run in a silo is refused here, with the
// linker option that mends it. The file is input: every offset in it is tested before it is followed. Invariant: after
// parse() without an error, segments are page-aligned, do not overlap, lie above page 0 and below 1 GiB, are never
// writable and executable, and the entry lies in an executable one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/granary/diagnostics.hpp"

namespace tool {

/// Programs, heap and stacks lie below this; so does the kernel's level-1 entry 0.
inline constexpr std::uint64_t kProgramLimit = std::uint64_t{1} << 30;

/// As the system image says it.
enum Access : unsigned { kRead = 1, kWrite = 2, kExecute = 4 };

struct Segment {
  std::uint64_t address;
  std::uint64_t memory_bytes;  ///< as in the file, not rounded
  unsigned access;             ///< bits of Access
  std::vector<std::uint8_t> data;
};

struct ElfFile {
  std::uint64_t entry = 0;
  std::vector<Segment> segments;  ///< by address
  std::map<std::string, std::uint64_t> symbols;
  std::vector<std::string> contracts;  ///< records of .granary.contracts (program_contracts.hpp)

  std::optional<std::uint64_t> symbol(const std::string& name) const;
  bool is_executable(std::uint64_t address) const;
};

/// Parses `bytes`; `where` is the program's place in the diagnostics. Incomplete if there was an error.
ElfFile parse_elf(const std::vector<std::uint8_t>& bytes, const Location& where, Diagnostics& diagnostics);

/// The same for a file on disk.
ElfFile read_elf(const std::filesystem::path& file, Diagnostics& diagnostics);

}  // namespace tool
