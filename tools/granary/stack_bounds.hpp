// SPDX-License-Identifier: Apache-2.0
//
// How deep the stack of each thread can get: from the machine code, so that the C library counts as well. A frame is
// what a function takes from SP, a bound is the deepest chain of calls. A call through a pointer counts as the deepest
// function whose address is in the program's data or is taken in its code. What cannot be bounded (recursion, a frame
// of variable size) is said; the bound is then what is known to be needed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/elf_file.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

struct StackBound {
  std::string silo{}, thread{};
  std::uint64_t bytes = 0;
  std::string unknown{};             ///< why it may be more; empty if it cannot
  std::vector<std::string> chain{};  ///< the deepest calls
};

/// A program's functions and calls, out of the text that `objdump -d` writes.
class CallGraph {
 public:
  CallGraph(const std::string& disassembly, const std::vector<std::uint64_t>& words_of_data);

  struct Depth {
    std::uint64_t bytes = 0;
    std::string unknown{};
    std::vector<std::string> chain{};
  };
  /// From this function on. `roots` are not called through pointers: they are where threads begin.
  Depth depth_of(std::uint64_t function, const std::set<std::uint64_t>& roots) const;

 private:
  struct Function {
    std::string name;
    std::uint64_t frame = 0;
    bool is_variable = false, calls_pointers = false;
    std::set<std::uint64_t> calls{};
  };
  Depth search(std::uint64_t function, const std::set<std::uint64_t>& roots, std::set<std::uint64_t>& on_the_way,
               std::map<std::uint64_t, Depth>& known) const;

  std::map<std::uint64_t, Function> functions_;
  std::set<std::uint64_t> taken_;  ///< functions whose address something knows
};

/// Of every thread whose program is there; runs objdump.
std::vector<StackBound> stack_bounds(const Manifest& manifest, const std::filesystem::path& folder);
/// Refuses stacks that are smaller than their bounds.
void check_stacks(const Manifest& manifest, const std::vector<StackBound>& bounds, Diagnostics& diagnostics);

}  // namespace tool
