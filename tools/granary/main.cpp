// SPDX-License-Identifier: Apache-2.0
//
// granary: the command line. The commands are in *_command.cpp and *_commands.cpp; each reads and checks what it is
// given and makes one thing of it (commands.hpp says what the exit status means).
#include <CLI/CLI.hpp>

#include "tools/granary/command_line.hpp"
#include "tools/granary/commands.hpp"
#include "tools/granary/crash_commands.hpp"

int main(int argc, char** argv) {
  CLI::App app{"granary: checks, builds, runs and explains systems of silos", "granary"};
  app.require_subcommand(1);
  app.set_version_flag("--version", GRANARY_VERSION);
  tool::Commands commands;
  tool::add_project_commands(app, commands);
  tool::add_manifest_commands(app, commands);
  const tool::CrashCommands crash(app);
  tool::add_help_commands(app, commands);
  tool::Diagnostics diagnostics;
  if (const auto status = tool::read_command_line(app, argc, argv, diagnostics)) {
    tool::finish(diagnostics);
    return *status;
  }
  if (crash.parsed()) return crash.run();
  for (const tool::Command& command : commands)
    if (command.app->parsed()) return command.run();
  return tool::kBadCommandLine;
}
