// SPDX-License-Identifier: Apache-2.0
//
// Writing JSON (json.hpp).
#include "tools/granary/json.hpp"

namespace tool {

std::string Json::quoted(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

void Json::separate() {
  if (!first_) text_ += ',';
  if (!text_.empty()) text_ += '\n';
  first_ = false;
}

void Json::key(std::string_view name) {
  separate();
  text_ += quoted(name) + ": ";
}

Json& Json::open(char bracket) {
  separate();
  text_ += bracket;
  first_ = true;
  return *this;
}

Json& Json::open(std::string_view name, char bracket) {
  key(name);
  text_ += bracket;
  first_ = true;
  return *this;
}

Json& Json::close(char bracket) {
  text_ += bracket;
  first_ = false;
  return *this;
}

Json& Json::value(std::string_view text) {
  separate();
  text_ += quoted(text);
  return *this;
}

Json& Json::value(std::uint64_t number) {
  separate();
  text_ += std::to_string(number);
  return *this;
}

Json& Json::pair(std::string_view name, std::string_view text) {
  key(name);
  text_ += quoted(text);
  return *this;
}

Json& Json::pair(std::string_view name, std::uint64_t number) {
  key(name);
  text_ += std::to_string(number);
  return *this;
}

Json& Json::pair(std::string_view name, bool truth) {
  key(name);
  text_ += truth ? "true" : "false";
  return *this;
}

}  // namespace tool
