// SPDX-License-Identifier: Apache-2.0
//
// Json: a text in JSON, written from the front to the back. Commas and quotes are this class's business; that what is
// opened is closed is the caller's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tool {

class Json {
 public:
  Json& open(char bracket);                        ///< { or [, as an element
  Json& open(std::string_view key, char bracket);  ///< the same under a key
  Json& close(char bracket);                       ///< } or ]
  Json& value(std::string_view text);              ///< a string, as an element
  Json& value(std::uint64_t number);               ///< a number, as an element
  Json& pair(std::string_view key, std::string_view text);
  Json& pair(std::string_view key, const char* text) { return pair(key, std::string_view(text)); }
  Json& pair(std::string_view key, std::uint64_t number);
  Json& pair(std::string_view key, unsigned number) { return pair(key, std::uint64_t{number}); }
  Json& pair(std::string_view key, bool truth);
  const std::string& text() const { return text_; }

  static std::string quoted(std::string_view text);

 private:
  void separate();
  void key(std::string_view name);

  std::string text_;
  bool first_ = true;  ///< nothing stands yet in what was opened last
};

}  // namespace tool
