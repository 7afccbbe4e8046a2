// SPDX-License-Identifier: Apache-2.0
//
// The text of one line of the log, in a buffer of fixed size. Nothing in it can look like a second line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "granary/log.hpp"

namespace granary::detail {

class LogText {
 public:
  LogText() = default;
  /// Begins with "warning window: ".
  LogText(LogLevel level, std::string_view tag);

  void add(char character);
  void add(std::string_view text) {
    for (const char character : text) add(character);
  }
  void add_number(std::uint64_t number, unsigned base, bool negative = false);
  /// With so many digits behind the point, 0 to 9.
  void add_real(double number, unsigned digits);
  void add(const LogValue& value, std::string_view spec);
  /// The format's text, each place with its value.
  void add_all(std::string_view format, const LogValue* values);

  /// Without an end of line.
  std::string_view text() const { return {text_, used_}; }
  /// The line with its end. Nothing can be added any more.
  std::string_view finish();

 private:
  static constexpr std::string_view kCut = "...";
  char text_[GRANARY_LOG_LINE_MAXIMUM + 1];
  std::size_t used_ = 0;
  bool cut_ = false;
};

}  // namespace granary::detail
