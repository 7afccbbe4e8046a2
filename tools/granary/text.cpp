// SPDX-License-Identifier: Apache-2.0
//
// Names, sizes and near misses (text.hpp).
#include "tools/granary/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "ipc/abi/abi.hpp"

namespace tool {
namespace {

// Words that C or C++ keep for themselves, and those that the generated header gives to something else.
constexpr std::array kReserved = std::to_array<std::string_view>(
    {"alignas",      "alignof",       "and",         "and_eq",    "asm",       "auto",
     "bitand",       "bitor",         "bool",        "break",     "case",      "catch",
     "char",         "class",         "co_await",    "co_return", "co_yield",  "compl",
     "concept",      "const",         "const_cast",  "consteval", "constexpr", "constinit",
     "continue",     "decltype",      "default",     "delete",    "do",        "double",
     "dynamic_cast", "else",          "enum",        "explicit",  "export",    "extern",
     "false",        "float",         "for",         "friend",    "goto",      "if",
     "inline",       "int",           "long",        "mutable",   "namespace", "new",
     "noexcept",     "not",           "not_eq",      "nullptr",   "operator",  "or",
     "or_eq",        "private",       "protected",   "public",    "register",  "reinterpret_cast",
     "requires",     "restrict",      "return",      "short",     "signed",    "sizeof",
     "static",       "static_assert", "static_cast", "struct",    "switch",    "template",
     "this",         "thread_local",  "throw",       "true",      "try",       "typedef",
     "typeid",       "typename",      "union",       "unsigned",  "using",     "virtual",
     "void",         "volatile",      "wchar_t",     "while",     "xor",       "xor_eq",
     "console",      "system",        "handles",     "granary",   "audit",     "trace"});

/// Letters that are put in, left out, replaced, or swapped with their neighbour.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> distance(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        distance[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = distance[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      distance[i][j] = std::min({replaced, distance[i - 1][j] + 1, distance[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        distance[i][j] = std::min(distance[i][j], distance[i - 2][j - 2] + 1);
    }
  }
  return distance[a.size()][b.size()];
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{}) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  unsigned shift = 0;
  if (unit == "KiB") shift = 10;
  if (unit == "MiB") shift = 20;
  if (unit == "GiB") shift = 30;
  const bool is_known = shift != 0 || unit == "B" || (unit.empty() && number == 0);
  if (!is_known || number > (~std::uint64_t{0} >> shift)) return std::nullopt;
  return number << shift;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes != 0 && bytes % (1 << 20) == 0) return std::to_string(bytes >> 20) + " MiB";
  if (bytes != 0 && bytes % (1 << 10) == 0) return std::to_string(bytes >> 10) + " KiB";
  return std::to_string(bytes) + " B";
}

std::optional<std::uint64_t> parse_time(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{}) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  const std::uint64_t factor = unit == "us" ? 1 : unit == "ms" ? 1'000 : unit == "s" ? 1'000'000 : 0;
  if (factor == 0 || number > ~std::uint64_t{0} / factor) return std::nullopt;
  return number * factor;
}

std::string time_text(std::uint64_t microseconds) {
  if (microseconds != 0 && microseconds % 1'000'000 == 0) return std::to_string(microseconds / 1'000'000) + " s";
  if (microseconds != 0 && microseconds % 1'000 == 0) return std::to_string(microseconds / 1'000) + " ms";
  return std::to_string(microseconds) + " us";
}

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 16> digits{};
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return "0x" + std::string(digits.data(), end);
}

bool make_can_handle(std::string_view path) { return path.find_first_of(" \t$#:;&|<>()!`'\"\\%*?[]{}~") == path.npos; }

bool is_reserved(std::string_view name) {
  return std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

std::optional<std::string> name_defect(std::string_view name) {
  if (name.empty() || !is_lower(name.front())) return "does not begin with a small letter";
  if (!std::all_of(name.begin(), name.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '_'; }))
    return "has other characters than small letters, digits and _";
  if (name.size() > abi::kNameLengthMaximum)
    return "has " + std::to_string(name.size()) + " characters and " + std::to_string(abi::kNameLengthMaximum) +
           " are the limit";
  if (is_reserved(name)) return "is a reserved word of C, C++ or the generated header";
  return std::nullopt;
}

std::string name_remedy(std::string_view name) {
  if (is_reserved(name)) return "choose another name";
  return "use small letters, digits and _, at most " + std::to_string(abi::kNameLengthMaximum) + " of them";
}

bool is_symbol(std::string_view text) {
  const auto begins = [](char c) { return is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && begins(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return begins(c) || is_digit(c); });
}

std::string ticked(std::string_view word) { return "`" + std::string(word) + "`"; }

std::optional<std::string> nearest(std::string_view text, const std::vector<std::string>& candidates) {
  // Up to a third of the letters may be wrong, but never all of them.
  std::size_t best_distance = std::min(std::max<std::size_t>(1, text.size() / 3) + 1, text.size());
  std::optional<std::string> best;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(text, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string list(const std::vector<std::string>& words) {
  std::string joined;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) joined += i + 1 == words.size() ? " and " : ", ";
    joined += words[i];
  }
  return joined;
}

}  // namespace tool
