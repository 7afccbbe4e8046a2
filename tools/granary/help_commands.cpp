// SPDX-License-Identifier: Apache-2.0
//
// Texts about the command line itself, made out of its own table so that they cannot differ from it: help, completion
// for bash and zsh, and the manual page.
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "tools/granary/command_line.hpp"
#include "tools/granary/commands.hpp"

namespace tool {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string words_of(const CLI::App& command) {
  std::string words;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) words += (words.empty() ? "--" : " --") + name;
  return words;
}

std::string bash(const CLI::App& app) {
  std::string names, cases;
  for (const CLI::App* command : commands_of(app)) {
    names += (names.empty() ? "" : " ") + command->get_name();
    cases += "    " + command->get_name() + ") words='" + words_of(*command) + "' ;;\n";
  }
  return "# Completion of granary for bash: source it, or put it where bash-completion looks.\n"
         "_granary() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=''\n"
         "  if (( COMP_CWORD == 1 )); then\n"
         "    mapfile -t COMPREPLY < <(compgen -W '" +
         names +
         "' -- \"$current\")\n"
         "    return\n"
         "  fi\n"
         "  case $previous in\n"
         "    --board) mapfile -t COMPREPLY < <(compgen -W 'virt raspi4b' -- \"$current\"); return ;;\n"
         "    --boot) mapfile -t COMPREPLY < <(compgen -W 'direct uboot' -- \"$current\"); return ;;\n"
         "    --card|--output|-o) mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;\n"
         "    help) mapfile -t COMPREPLY < <(compgen -W '" +
         names +
         "' -- \"$current\"); return ;;\n"
         "  esac\n"
         "  case ${COMP_WORDS[1]} in\n" +
         cases +
         "  esac\n"
         "  if [[ $current == -* ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "  else\n"
         "    mapfile -t COMPREPLY < <(compgen -f -X '!*.toml' -- \"$current\"; compgen -d -- \"$current\")\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _granary granary\n";
}

/// What zsh reads in '...[...]' must not hold its own marks.
std::string plain(std::string text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':') out += '\\';
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out;
}

/// What the option takes, if that is one of a few words.
std::string words_for(const std::string& option) {
  if (option == "board") return "(virt raspi4b)";
  if (option == "card" || option == "output") return "_files";
  return option == "boot" ? "(direct uboot)" : "";
}

std::string zsh(const CLI::App& app) {
  std::string names, words, cases;
  for (const CLI::App* command : commands_of(app)) words += (words.empty() ? "" : " ") + command->get_name();
  for (const CLI::App* command : commands_of(app)) {
    names += "    '" + command->get_name() + ":" + plain(command->get_description()) + "'\n";
    cases += "    " + command->get_name() + ") _arguments";
    for (const CLI::Option* option : command->get_options())
      for (const std::string& name : option->get_lnames())
        cases += " '--" + name + "[" + plain(option->get_description()) + "]" +
                 (option->get_expected_min() > 0 ? ":" + name + ":" + words_for(name) : "") + "'";
    cases +=
        command->get_name() == "help" ? " '*:command:(" + words + ")' ;;\n" : " '*:file:_files -g \"*.toml\"' ;;\n";
  }
  return "#compdef granary\n_granary() {\n  local -a commands=(\n" + names +
         "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
         "  shift words\n  (( CURRENT-- ))\n  case $words[1] in\n" +
         cases + "  esac\n}\n_granary \"$@\"\n";
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '-' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string manual(const CLI::App& app) {
  std::string out =
      ".TH GRANARY 1 \"\" \"Granary " GRANARY_VERSION
      "\" \"Granary\"\n.SH NAME\n"
      "granary \\- checks, builds, runs and explains systems of silos\n.SH SYNOPSIS\n.B granary\n"
      ".I command\n.RI [ options ]\n.SH DESCRIPTION\nA system is a manifest, system.toml, and the programs "
      "that it names. Each program runs in a silo of its own under the Granary kernel, and reaches nothing "
      "but what the manifest gives it.\n.SH COMMANDS\n";
  for (const CLI::App* command : commands_of(app)) {
    out += ".SS granary " + command->get_name();
    for (const CLI::Option* option : command->get_options())
      if (option->get_positional())
        out += (option->get_required() ? " " : " [") + option->get_name(true) + (option->get_required() ? "" : "]");
    out += "\n" + escaped(command->get_description()) + ".\n";
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_lnames().empty()) continue;
      out += ".TP\n.B " + escaped(option->get_name(false, true)) + "\n" + escaped(option->get_description()) + "\n";
    }
  }
  return out +
         ".SH EXIT STATUS\n.TP\n.B 0\nall is well\n.TP\n.B 1\nsomething was refused or failed; standard error says "
         "what, where and what to do\n.TP\n.B 2\nthe command line is wrong\n.TP\n.B 127\na program that is "
         "needed (compiler, make, QEMU) could not be started\n.TP\n.B 128+n\nsuch a program was ended by signal "
         "n\n.PP\n.B granary run \\-\\-once\n"
         "ends with the status of the system's verdict (1 to 95), 96 if QEMU ended without one, 97 if the kernel "
         "died, 98 if it stopped at boot, and 124 if the time of \\-\\-timeout was over without a verdict.\n"
         ".SH ENVIRONMENT\n.TP\n.B GRANARY_HOME\nwhere the SDK lies, if not beside the program\n.TP\n"
         ".B GRANARY_PACKAGES\nwhere U\\-Boot, device tree and firmware of the Raspberry Pi 4 are kept; "
         "$XDG_CACHE_HOME/granary or ~/.cache/granary if not set\n.TP\n.B NO_COLOR\nno colours, on a terminal either\n"
         ".SH SEE ALSO\n.BR granary\\-manifest (5)\n";
}

}  // namespace

void add_help_commands(CLI::App& app, Commands& commands) {
  const auto word = std::make_shared<std::string>();
  CLI::App* help = app.add_subcommand("help", "says what there is, or what one command takes");
  help->add_option("COMMAND", *word, "the command; all of them if none is named");
  commands.push_back({help, [&app, word] {
                        Diagnostics diagnostics;
                        if (!word->empty()) check_command(app, *word, diagnostics);
                        if (finish(diagnostics) != 0) return kBadCommandLine;
                        // Not help(): that of the application is the help of the command that was given, so of this
                        // one.
                        const CLI::App* const meant = word->empty() ? &app : app.get_subcommand(*word);
                        std::cout << meant->get_formatter()->make_help(
                            meant, word->empty() ? "granary" : "granary " + *word, CLI::AppFormatMode::Normal);
                        return 0;
                      }});
  CLI::App* version = app.add_subcommand("version", "prints the version of the tool and of its kernel");
  commands.push_back({version, [] {
                        std::cout << GRANARY_VERSION "\n";
                        return 0;
                      }});
  const auto shell = std::make_shared<std::string>();
  CLI::App* completion = app.add_subcommand("completion", "prints the completion for a shell");
  completion->add_option("SHELL", *shell, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));
  commands.push_back({completion, [&app, shell] {
                        std::cout << (*shell == "bash" ? bash(app) : zsh(app));
                        return 0;
                      }});
  CLI::App* page = app.add_subcommand("manual", "prints the manual page, granary(1)");
  commands.push_back({page, [&app] {
                        std::cout << manual(app);
                        return 0;
                      }});
}

}  // namespace tool
