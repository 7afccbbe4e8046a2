// SPDX-License-Identifier: Apache-2.0
//
// Boot arguments (/chosen bootargs): words separated by blanks. Unknown words are ignored: loaders add their own.
#pragma once

#include <cstdint>
#include <string_view>

namespace boot {

struct Arguments {
  bool once = false;         ///< the system's verdict ends the machine
  bool core_files = false;   ///< a silo that faults is printed for `granary core`
  std::uint64_t spread = 0;  ///< not 0: silos are spread over the cores at random, from this seed, for tests
};

/// The digits behind `word=`; 0 if it is another word or no number.
constexpr std::uint64_t number_behind(std::string_view name, std::string_view word) {
  if (word.substr(0, name.size()) != name || word.size() > name.size() + 9) return 0;
  std::uint64_t number = 0;
  for (const char digit : word.substr(name.size())) {
    if (digit < '0' || digit > '9') return 0;
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return number;
}

constexpr Arguments parse_arguments(std::string_view text) {
  Arguments arguments;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    if (word == "once") arguments.once = true;
    if (word == "core_files") arguments.core_files = true;
    if (const std::uint64_t seed = number_behind("spread=", word)) arguments.spread = seed;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return arguments;
}
static_assert(parse_arguments("console=ttyS0  once").once && !parse_arguments("onceler=1 atonce").once);

static_assert(parse_arguments("once core_files").core_files && !parse_arguments("core_files=0").core_files);
static_assert(parse_arguments("once spread=17").spread == 17 && parse_arguments("spread=x spread=").spread == 0);

}  // namespace boot
