// SPDX-License-Identifier: Apache-2.0
//
// The commands that are about a crash and need no manifest: `granary symbolize` and `granary core`.
#pragma once

#include <string>

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

  CLI::App* symbolize_;
  CLI::App* core_;
  std::string console_, folder_, addr2line_ = "aarch64-linux-gnu-addr2line", output_, silo_;
};

}  // namespace tool
