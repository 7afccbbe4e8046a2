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

/// The line of the first character beyond ASCII that stands neither in a text nor in a comment, where TOML has none.
/// toml++ 3.3 must not see it: asked whether such a character is a blank, it runs into what its compiler was told not
/// to be reachable. Up to the first error both see the same texts and comments, and behind it toml++ does not look.
std::optional<unsigned> line_of_foreign_character(std::string_view text) {
  unsigned line = 1;
  const auto goes_on_with = [&](std::size_t at, std::string_view what) { return text.substr(at, what.size()) == what; };
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  for (std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') ++line;
    if (static_cast<unsigned char>(c) >= 0x80) return line;
    if (c == '#') at = std::min(text.find('\n', at), text.size()) - 1;
    if (c != '"' && c != '\'') continue;
    const std::string three(3, c);
    const std::string_view end = std::string_view(three).substr(0, goes_on_with(at, three) ? 3 : 1);
    for (at += end.size(); at < text.size() && !goes_on_with(at, end); ++at) {
      if (text[at] == '\\' && c == '"') ++at;
      if (at >= text.size() || text[at] != '\n') continue;
      ++line;
      if (end.size() == 1) return std::nullopt;  // an error of another kind
    }
    at += end.size() - 1;
  }
  return std::nullopt;
}

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
  if (const auto line = line_of_foreign_character(text.str())) {
    diagnostics.error({file, *line}, "this is not TOML: a character that is not ASCII stands outside of a text",
                      "names have small letters, digits and _; other characters belong between quotes or behind #");
    return std::nullopt;
  }
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
