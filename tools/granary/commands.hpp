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

class Project;
struct Home;

struct Command {
  CLI::App* app;
  std::function<int()> run;
};
using Commands = std::vector<Command>;

inline constexpr int kRefused = 1;
inline constexpr int kBadCommandLine = 2;

void add_manifest_commands(CLI::App& app, Commands& commands);  ///< check, header, makefile, image, graph, report
void add_project_commands(CLI::App& app, Commands& commands);   ///< new, build, report, sdcard, path; run, test
void add_run_command(CLI::App& app, Commands& commands);
void add_test_command(CLI::App& app, Commands& commands);
void add_help_commands(CLI::App& app, Commands& commands);  ///< help, version, completion, manual

// ---- what the commands share

/// Calls `use` with what lies beside this tool, or says why that cannot be used.
std::function<int()> at_home(std::function<int(const Home&)> use);
/// Read, checked, built; not 0 if that is the end.
int prepare(Project& project, const std::string& silo = "", bool warn = true);

/// Prints what was refused, in colours on a terminal; the command's exit status.
int finish(const Diagnostics& diagnostics);
/// False, with a diagnostic, if the file cannot be written. "" and "-" are standard output.
bool write_text(const std::string& name, const std::string& text, Diagnostics& diagnostics);
/// What nobody wants to see on a terminal: without `name`, on a terminal, it goes into the file `otherwise`. Says so.
void write_product(const std::string& name, const std::string& otherwise, const std::string& text,
                   Diagnostics& diagnostics);
/// The name of that file; "-" is standard output.
std::string product_file(const std::string& name, const std::string& otherwise, bool on_terminal);
bool write_bytes(const std::string& name, const char* bytes, std::size_t count, Diagnostics& diagnostics);

/// A project of its own in the new folder `where`: silos/sdk/template, under the system's name.
void make_project(const std::filesystem::path& where, const std::filesystem::path& sdk, Diagnostics& diagnostics);

}  // namespace tool
