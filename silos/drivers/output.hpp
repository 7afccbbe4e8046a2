// SPDX-License-Identifier: Apache-2.0
//
// What goes to the terminal, in order: whole pieces of text, and below them the line that is being edited, which is
// taken away before text and drawn again behind it. Knows no UART: characters are taken one by one. Tested on the host.
//
// INVARIANT: a character is taken once, in the order in which it was put.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "line_editor.hpp"

namespace drivers {

class Output {
 public:
  static constexpr std::size_t kRoom = 16384;
  static constexpr std::size_t kLongestEdit = 128;
  static constexpr std::string_view kErase = "\r\x1b[K";
  /// What any text of this length takes at most, with the edited line around it.
  static constexpr std::size_t needed(std::size_t text) { return 2 * text + 2 * kLongestEdit + kErase.size(); }

  bool is_empty() const { return put_ == taken_; }
  std::size_t room() const { return kRoom - (put_ - taken_); }
  char front() const { return ring_[taken_ % kRoom]; }
  void pop() { ++taken_; }

  /// There is room for needed(text.size()).
  void text(std::string_view text) {
    if (text.empty()) return;
    hide();
    for (const char character : text) {
      if (character == '\n') put('\r');
      put(character);
    }
    is_line_begun_ = text.back() != '\n';
    show();
  }
  /// There is room for needed(0). An empty line is none.
  void edit(std::string_view line, std::size_t cursor) {
    hide();
    edit_.assign(line);
    cursor_ = cursor < edit_.size() ? cursor : edit_.size();
    show();
  }

 private:
  void put(char character) { ring_[put_++ % kRoom] = character; }
  void put(std::string_view text) {
    for (const char character : text) put(character);
  }
  void hide() {
    if (is_shown_) put(kErase);
    is_shown_ = false;
  }
  /// Behind a line that has no end yet it would stand in that line.
  void show() {
    if (is_line_begun_ || edit_.size() == 0) return;
    put(edit_.view());
    for (std::size_t column = edit_.size(); column > cursor_; --column) put('\b');
    is_shown_ = true;
  }

  char ring_[kRoom] = {};
  std::size_t put_ = 0;
  std::size_t taken_ = 0;
  FixedText<kLongestEdit> edit_;
  std::size_t cursor_ = 0;
  bool is_shown_ = false;
  bool is_line_begun_ = false;
};

}  // namespace drivers
