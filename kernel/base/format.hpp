// SPDX-License-Identifier: Apache-2.0
//
// Small formatted printing without heap: base::format(sink, "text {} and {}", a, base::Hex{b}). A `{}` takes the next
// argument: integers in decimal, Hex as 0x..., string_view and char as they are, bool as true or false. More braces
// than arguments print "{}", more arguments than braces are a programming mistake that a host test catches. Not for
// silos' text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "kernel/base/address.hpp"

namespace base {

/// Prints in hexadecimal with 0x, at least `digits` digits.
struct Hex {
  std::uint64_t value;
  unsigned digits = 1;
};

class FormatArgument {
 public:
  template <typename Number, typename = std::enable_if_t<std::is_integral_v<Number>>>
  constexpr FormatArgument(Number number)
      : kind_(std::is_same_v<Number, char>   ? Kind::Character
              : std::is_same_v<Number, bool> ? Kind::Boolean
              : std::is_signed_v<Number>     ? Kind::Signed
                                             : Kind::Unsigned),
        number_(static_cast<std::uint64_t>(number)) {}
  constexpr FormatArgument(Hex hex) : kind_(Kind::Hexadecimal), digits_(hex.digits), number_(hex.value) {}
  constexpr FormatArgument(std::string_view text) : kind_(Kind::Text), text_(text) {}
  constexpr FormatArgument(const char* text) : kind_(Kind::Text), text_(text) {}
  template <typename Kind>
  constexpr FormatArgument(Address<Kind> address) : kind_(Kind_::Hexadecimal), number_(address.value()) {}

  /// Writes the text of the argument into `buffer` if it is a number; returns the text either way. 24 bytes are enough.
  std::string_view render(char (&buffer)[24]) const;

 private:
  enum class Kind : std::uint8_t { Character, Boolean, Signed, Unsigned, Hexadecimal, Text };
  using Kind_ = Kind;
  Kind kind_;
  unsigned digits_ = 1;
  std::uint64_t number_ = 0;
  std::string_view text_;
};

/// Next piece of `text` up to a `{}`; advances `text` behind it and tells whether a `{}` was met.
struct FormatPiece {
  std::string_view literal;
  bool has_argument;
};
FormatPiece next_format_piece(std::string_view& text);

template <typename Sink, typename... Arguments>
void format(Sink& sink, std::string_view text, const Arguments&... arguments) {
  [[maybe_unused]] auto one = [&](const FormatArgument& argument) {
    const FormatPiece piece = next_format_piece(text);
    sink.write(piece.literal);
    if (!piece.has_argument) return;
    char buffer[24];
    sink.write(argument.render(buffer));
  };
  (one(FormatArgument(arguments)), ...);
  sink.write(text);
}

}  // namespace base
