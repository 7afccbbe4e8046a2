// SPDX-License-Identifier: Apache-2.0
//
// Layout of a silo: the regions of its address space and where its threads begin.
//
//   0x0000_0000  never mapped
//   0x0001_0000  text, rodata, data: the ELF's segments, a region for each
//                heap, if the manifest gives one: __heap_start to __heap_end
//                guard page
//                stack.main        SP at its top
//                guard page
//                stack.<thread>    ... and a guard page above the last
//
// Invariant: regions do not overlap, none is writable and executable, all end below 1 GiB, and each stack has an
// unmapped page on both sides.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/granary/elf_file.hpp"
#include "tools/granary/manifest.hpp"
#include "tools/granary/program_contracts.hpp"

namespace tool {

struct Region {
  std::string name;
  std::uint64_t address;
  std::uint64_t bytes;             ///< whole pages
  unsigned access;                 ///< bits of Access
  std::vector<std::uint8_t> data;  ///< from the region's beginning; the rest is zero
  std::uint64_t room = 0;          ///< of a silo with several images: what the largest needs; else 0
};

struct ThreadStart {
  std::string name;
  std::uint64_t entry;
  std::uint64_t stack_pointer;
  std::uint64_t argument;  ///< X0
  unsigned priority;
  unsigned core;
  Budget budget{};
};

struct Layout {
  std::vector<Region> regions;
  std::vector<ThreadStart> threads;
  ProgramContracts contracts{};  ///< that its program was built with
  std::vector<Layout> images{};  ///< the silo's further ones; each has the same regions and threads

  std::uint64_t memory_bytes() const;
};

/// Puts a further image behind those that are there, if it fits: the same regions in the same order. `where` names its
/// ELF file.
void add_image(Layout& layout, Layout image, const Silo& silo, const Location& where, Diagnostics& diagnostics);

/// `where` names the ELF file. Incomplete if there was an error.
Layout lay_out(const Silo& silo, const ElfFile& elf, const Location& where, Diagnostics& diagnostics);

}  // namespace tool
