// SPDX-License-Identifier: Apache-2.0
//
// Symbolizer: reads a console, line by line, and prints each fault report of the kernel (kernel/explanation.hpp) with
// the function, file and line of each address of the program. The console is input: only lines of the kernel's are
// looked at, which no silo can fake, because its own begin with its name in brackets. What does not parse is left out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "tools/granary/abort_calls.hpp"

namespace tool {

/// A line of a console without what is not the text of it: its end, and what stood there before it was erased.
std::string_view console_text(std::string_view line);

/// FOLDER/SILO/SILO.elf, or of SILO/IMAGE FOLDER/SILO/IMAGE.elf.
std::filesystem::path program_file(const std::filesystem::path& folder, const std::string& program);

/// Functions at an address of a silo's program, SILO or SILO/IMAGE (of the kernel, if that is empty), the innermost
/// first, as "function at file:line"; empty: not known.
using FindFunctions = std::function<std::vector<std::string>(const std::string& program, std::uint64_t address)>;

/// "function at file:line" without the folder of what was compiled: `here`, or, of the SDK's library, ".".
std::string without_place(std::string place, const std::string& here);
/// The same of a kernel, which was compiled in a folder that the user may not have.
std::string without_place_of_kernel(std::string place);
/// By addr2line and FOLDER/SILO/SILO.elf, and `kernel`, which may be empty. Starts a program for each address.
FindFunctions find_by_addr2line(const std::filesystem::path& folder, const std::filesystem::path& kernel,
                                const std::string& addr2line);

class Symbolizer {
 public:
  Symbolizer(FindFunctions find, std::ostream& out) : find_(std::move(find)), out_(out) {}
  void take(std::string_view line);
  /// The console has ended: reports that have not.
  void finish();

 private:
  struct Code {
    std::string label;  ///< "#0", "lr", "thread worker was at"; the whole line, if there is no address in it
    std::optional<std::uint64_t> address;
  };
  struct Report {
    std::string headline;
    std::string program;  ///< SILO or SILO/IMAGE
    std::vector<std::string> facts;
    std::vector<Code> code;
    std::optional<std::uint64_t> stopped_at = std::nullopt;
  };

  void print(const std::string& silo, const Report& report);
  void take_death(std::string_view line);
  void print(const Abort& abort);
  void print_address(const std::string& label, std::uint64_t address, const std::vector<std::string>& functions);
  std::vector<std::string> functions_of(const std::string& program, const Code& code) const;

  FindFunctions find_;
  std::ostream& out_;
  std::string newest_;  ///< the silo whose headline came last
  std::map<std::string, Report> open_;
  AbortCalls aborts_;
  std::vector<Code> death_;  ///< of the frame of a kernel that dies
};

}  // namespace tool
