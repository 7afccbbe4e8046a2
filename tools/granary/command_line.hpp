// SPDX-License-Identifier: Apache-2.0
//
// The command line, read: what CLI11 refuses is said in the tool's own form, with a remedy and the word that was
// probably meant.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/granary/diagnostics.hpp"

namespace CLI {
class App;
}

namespace tool {

/// Refuses a word that names no command.
void check_command(const CLI::App& app, const std::string& word, Diagnostics& diagnostics);
/// Nothing if a command is to be run; else the exit status, after help was printed or something was refused.
std::optional<int> read_command_line(CLI::App& app, int count, const char* const* words, Diagnostics& diagnostics);

}  // namespace tool
