// SPDX-License-Identifier: Apache-2.0
//
// Reading the command line (command_line.hpp).
#include "tools/granary/command_line.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

#include "tools/granary/commands.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

const Location kCommandLine{"granary", 0};

std::string help_of(const CLI::App* command) {
  return command == nullptr ? "`granary help` lists the commands"
                            : ticked("granary help " + command->get_name()) + " says what it takes";
}

/// A word or option too many.
void refuse_word(const CLI::App* command, const std::string& word, Diagnostics& diagnostics) {
  const std::string what = command == nullptr ? "granary" : "granary " + command->get_name();
  if (!word.starts_with('-'))
    return diagnostics.error(kCommandLine, what + " has no use for the word " + ticked(word), help_of(command));
  const std::string option = word.substr(0, word.find('='));
  std::vector<std::string> options;
  if (command != nullptr)
    for (const CLI::Option* one : command->get_options())
      for (const std::string& name : one->get_lnames()) options.push_back("--" + name);
  const auto meant = nearest(option, options);
  diagnostics.error(kCommandLine, what + " has no option " + ticked(option),
                    meant ? "did you mean " + ticked(*meant) + "?" : help_of(command));
}

/// "--smp" of "--smp: 1 required INT missing".
std::string before(const std::string& text, const std::string& mark) { return text.substr(0, text.find(mark)); }

std::string reason(const CLI::ParseError& problem) {
  const std::string text = problem.what();
  if (dynamic_cast<const CLI::RequiredError*>(&problem) != nullptr) return before(text, " is required") + " is missing";
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&problem) != nullptr) return before(text, ":") + " wants a value";
  if (dynamic_cast<const CLI::ConversionError*>(&problem) != nullptr) {
    constexpr std::string_view kBegin = "Could not convert: ";
    const std::size_t equals = text.find(" = ");
    if (text.starts_with(kBegin) && equals != text.npos)
      return text.substr(kBegin.size(), equals - kBegin.size()) + " wants a number, and not " +
             ticked(text.substr(equals + 3));
  }
  return text;
}

}  // namespace

void check_command(const CLI::App& app, const std::string& word, Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), word) != names.end()) return;
  const auto meant = nearest(word, names);
  diagnostics.error(kCommandLine, "there is no command " + ticked(word),
                    meant ? "did you mean " + ticked(*meant) + "?" : help_of(nullptr));
}

std::optional<int> read_command_line(CLI::App& app, int count, const char* const* words, Diagnostics& diagnostics) {
  const std::string first = count > 1 ? words[1] : "";
  if (count <= 1) {
    diagnostics.error(kCommandLine, "no command is named",
                      help_of(nullptr) + "; `granary new demo` makes a first project");
  } else if (!first.starts_with('-')) {
    check_command(app, first, diagnostics);
  }
  if (diagnostics.failed()) return kBadCommandLine;
  try {
    app.parse(count, words);
    return std::nullopt;
  } catch (const CLI::Success& wanted) {
    return app.exit(wanted);  // help, or the version
  } catch (const CLI::ParseError& problem) {
    const auto parsed = app.get_subcommands();
    const CLI::App* const command = parsed.empty() ? nullptr : parsed.back();
    const std::vector<std::string> rest = app.remaining(true);
    const bool is_of_a_word = command == nullptr || dynamic_cast<const CLI::ExtrasError*>(&problem) != nullptr;
    if (is_of_a_word && !rest.empty()) {
      for (const std::string& word : rest) refuse_word(command, word, diagnostics);
    } else {
      diagnostics.error(kCommandLine, (command == nullptr ? "" : command->get_name() + ": ") + reason(problem),
                        help_of(command));
    }
    return kBadCommandLine;
  }
}

}  // namespace tool
