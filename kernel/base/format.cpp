// SPDX-License-Identifier: Apache-2.0
//
// Number rendering for base::format. Every loop ends: a 64-bit number has at most 20 decimal and 16 hexadecimal digits,
// which with sign or 0x fit the 24-byte buffer.
#include "kernel/base/format.hpp"

namespace base {

namespace {

std::string_view render_number(char (&buffer)[24], std::uint64_t number, unsigned base, unsigned digits,
                               std::string_view prefix) {
  std::size_t at = sizeof buffer;
  const std::size_t least = digits > 16 ? 16 : digits;
  std::size_t written = 0;
  while (number != 0 || written < least) {
    buffer[--at] = "0123456789abcdef"[number % base];
    number /= base;
    ++written;
  }
  for (std::size_t i = prefix.size(); i > 0; --i) buffer[--at] = prefix[i - 1];
  return std::string_view(buffer + at, sizeof buffer - at);
}

}  // namespace

std::string_view FormatArgument::render(char (&buffer)[24]) const {
  switch (kind_) {
    case Kind::Character: buffer[0] = static_cast<char>(number_); return std::string_view(buffer, 1);
    case Kind::Boolean: return number_ != 0 ? "true" : "false";
    case Kind::Signed:
      if ((number_ >> 63) != 0) return render_number(buffer, 0 - number_, 10, 1, "-");
      return render_number(buffer, number_, 10, 1, "");
    case Kind::Unsigned: return render_number(buffer, number_, 10, 1, "");
    case Kind::Hexadecimal: return render_number(buffer, number_, 16, digits_ == 0 ? 1 : digits_, "0x");
    case Kind::Text: return text_;
  }
  return {};
}

FormatPiece next_format_piece(std::string_view& text) {
  // By hand, because string_view::find calls memchr, which the kernel has no other use for.
  std::size_t brace = 0;
  while (brace + 1 < text.size() && !(text[brace] == '{' && text[brace + 1] == '}')) ++brace;
  if (brace + 1 >= text.size()) {
    const std::string_view all = text;
    text = {};
    return {all, false};
  }
  const std::string_view literal = text.substr(0, brace);
  text.remove_prefix(brace + 2);
  return {literal, true};
}

}  // namespace base
