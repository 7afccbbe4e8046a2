// SPDX-License-Identifier: Apache-2.0
//
// parse_toml: a file into toml++'s tables (toml_table.hpp).
#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>

#include "tools/granary/toml_table.hpp"

namespace tool {
namespace {

/// The first line without which the parser gets through what stands before it.
unsigned line_that_stops(const std::string& text) {
  unsigned line = 0;
  for (std::size_t end = 0; end < text.size(); ++line) {
    end = std::min(text.find('\n', end), text.size() - 1) + 1;
    try {
      static_cast<void>(toml::parse(text.substr(0, end)));
    } catch (const toml::parse_error&) {  // what goes on in the next line
    } catch (const TomlStopped&) {
      return line + 1;
    }
  }
  return line;
}

}  // namespace

std::optional<toml::table> parse_toml(const std::string& file, Diagnostics& diagnostics) {
  const char* const remedy = "see https://toml.io; each table and each key may be there once";
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  try {
    return toml::parse(text.str());
  } catch (const toml::parse_error& failure) {
    diagnostics.error({file, static_cast<unsigned>(failure.source().begin.line)},
                      "this is not TOML: " + std::string(failure.description()), remedy);
  } catch (const TomlStopped&) {
    diagnostics.error({file, line_that_stops(text.str())}, "this is not TOML: the line cannot be read", remedy);
  }
  return std::nullopt;
}

}  // namespace tool
