// SPDX-License-Identifier: Apache-2.0
//
// Boot arguments (/chosen bootargs): words separated by blanks. Unknown words are ignored: loaders add their own.
#pragma once

#include <string_view>

namespace boot {

struct Arguments {
  bool once = false;  ///< the system's verdict ends the machine
};

constexpr Arguments parse_arguments(std::string_view text) {
  Arguments arguments;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    if (word == "once") arguments.once = true;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return arguments;
}
static_assert(parse_arguments("console=ttyS0  once").once && !parse_arguments("onceler=1 atonce").once);

}  // namespace boot
