// SPDX-License-Identifier: Apache-2.0
//
// The commands of `granary`: what each adds to the command line and does. Exit status of all of them: 0, or 1 with a
// sentence on standard error and a remedy, or 2 for a bad command line; `run` and `test` pass on what run_qemu.py says.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tools/granary/diagnostics.hpp"

namespace CLI {
class App;
}

namespace tool {

struct Command {
  CLI::App* app;
  std::function<int()> run;
};
using Commands = std::vector<Command>;

inline constexpr int kRefused = 1;
inline constexpr int kBadCommandLine = 2;

void add_manifest_commands(CLI::App& app, Commands& commands);  ///< check, header, makefile, image, graph, report
void add_project_commands(CLI::App& app, Commands& commands);   ///< new, build, run, test, sdcard, path
void add_help_commands(CLI::App& app, Commands& commands);      ///< completion, manual

// ---- what the commands share

/// Prints what was refused, in colours on a terminal; the command's exit status.
int finish(const Diagnostics& diagnostics);
/// False, with a diagnostic, if the file cannot be written. "" and "-" are standard output.
bool write_text(const std::string& name, const std::string& text, Diagnostics& diagnostics);
bool write_bytes(const std::string& name, const char* bytes, std::size_t count, Diagnostics& diagnostics);

/// A project of its own in the new folder `where`: silos/sdk/template, under the system's name.
void make_project(const std::filesystem::path& where, const std::filesystem::path& sdk, Diagnostics& diagnostics);

}  // namespace tool
