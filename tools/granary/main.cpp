// SPDX-License-Identifier: Apache-2.0
//
// granary: the command line. The commands are in *_commands.cpp; each reads and checks what it is given and makes one
// thing of it (commands.hpp says what the exit status means).
#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>

#include "tools/granary/commands.hpp"
#include "tools/granary/crash_commands.hpp"
#include "tools/granary/text.hpp"

namespace {

/// A word that is no command, with the one that was probably meant.
bool is_unknown_command(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  if (word.empty() || word.front() == '-' || std::find(names.begin(), names.end(), word) != names.end()) return false;
  const auto meant = tool::nearest(word, names);
  std::cerr << "granary: error: there is no command " << tool::ticked(word)
            << "\n  remedy: " << (meant ? "did you mean " + tool::ticked(*meant) + "?" : "granary --help lists them")
            << '\n';
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"granary: checks, builds, runs and explains systems of silos", "granary"};
  app.require_subcommand(1);
  app.set_version_flag("--version", GRANARY_VERSION);
  tool::Commands commands;
  tool::add_project_commands(app, commands);
  tool::add_manifest_commands(app, commands);
  const tool::CrashCommands crash(app);
  tool::add_help_commands(app, commands);
  if (argc > 1 && is_unknown_command(app, argv[1])) return tool::kBadCommandLine;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : tool::kBadCommandLine;
  }
  if (crash.parsed()) return crash.run();
  for (const tool::Command& command : commands)
    if (command.app->parsed()) return command.run();
  return tool::kBadCommandLine;
}
