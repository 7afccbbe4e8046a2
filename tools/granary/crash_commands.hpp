// SPDX-License-Identifier: Apache-2.0
//
// The commands that are about a crash and need no manifest: `granary symbolize` and `granary core`.
#pragma once

#include <string>

#include "tools/granary/core_reader.hpp"
#include "tools/granary/diagnostics.hpp"

namespace CLI {
class App;
}

namespace tool {

class CrashCommands {
 public:
  explicit CrashCommands(CLI::App& app);
  /// Whether the command line names one of them.
  bool parsed() const;
  /// The exit status.
  int run() const;

 private:
  int symbolize() const;
  int core() const;
  /// False: it could not be written, and that is among the diagnostics.
  bool write_core(const CoreDump& dump, const Location& where, const std::string& name, Diagnostics& diagnostics) const;

  CLI::App* symbolize_;
  CLI::App* core_;
  std::string console_, folder_, kernel_, addr2line_ = "aarch64-linux-gnu-addr2line", output_, silo_, all_;
};

}  // namespace tool
