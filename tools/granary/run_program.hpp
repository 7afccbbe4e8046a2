// SPDX-License-Identifier: Apache-2.0
//
// Another program's output. No shell is between: an argument is an argument.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tool {

/// What the program of this command line has printed; nothing if it could not be started or has failed. Its complaints
/// go nowhere.
std::optional<std::string> run_program(const std::vector<std::string>& command);

}  // namespace tool
