// SPDX-License-Identifier: Apache-2.0
//
// ConsoleLine: the line that one silo is writing, until it is whole; ConsoleRing: characters between everything that
// prints and the transmitter. Both are plain data without a view of each other; console.cpp joins them.
//
// INVARIANT: text_ holds printable ASCII, tabs and UTF-8 without its control characters, nothing else: a silo cannot
// move the cursor, and cannot begin a line of its own making. INVARIANT: the ring holds whole pieces: push() takes all
// of a piece or nothing.
#pragma once

#include <cstdint>
#include <string_view>

namespace kernel {

class ConsoleLine {
 public:
  static constexpr unsigned kWidth = 120;  ///< longer lines are split, visibly

  bool is_empty() const { return length_ == 0; }
  std::string_view text() const { return std::string_view(text_, length_); }
  /// True if `character` must begin another line, because this one is as long as lines get. Bytes of one UTF-8
  /// character stay together.
  bool is_full_before(char character) const {
    const bool continues_character = (static_cast<unsigned char>(character) & 0xc0) == 0x80;
    return length_ == kCapacity || (length_ >= kWidth && !continues_character);
  }
  /// Not a newline, and not if is_full_before says so. What a terminal would act on becomes '?'.
  void append(char character) {
    const bool is_control = is_second_control_set(length_ == 0 ? '\0' : text_[length_ - 1], character);
    text_[length_++] = is_control ? '?' : printable(character);
  }
  void clear() { length_ = 0; }

  static constexpr char printable(char character) {
    const auto byte = static_cast<unsigned char>(character);
    const bool is_shown = (byte >= 0x20 && byte != 0x7f) || byte == '\t';
    return is_shown ? character : '?';
  }
  /// The C1 controls, 0x80 to 0x9f: as UTF-8 (behind 0xc2), or as bytes that continue no character.
  static constexpr bool is_second_control_set(char before, char character) {
    const auto previous = static_cast<unsigned char>(before);
    const auto byte = static_cast<unsigned char>(character);
    return byte >= 0x80 && byte <= 0x9f && (previous < 0x80 || previous == 0xc2);
  }

 private:
  static constexpr unsigned kCapacity = kWidth + 3;  ///< the rest of a UTF-8 character
  char text_[kCapacity] = {};
  std::uint8_t length_ = 0;
};

class ConsoleRing {
 public:
  static constexpr std::uint32_t kCapacity = 16384;

  bool is_empty() const { return taken_ == put_; }
  std::uint32_t room() const { return kCapacity - static_cast<std::uint32_t>(put_ - taken_); }
  /// Characters since boot: of the first that is here, and of the one that comes next.
  std::uint64_t first_position() const { return taken_; }
  std::uint64_t end_position() const { return put_; }
  /// The caller has looked at room().
  void push(std::string_view text) {
    const auto at = static_cast<std::uint32_t>(put_ % kCapacity);
    const std::size_t before_end = kCapacity - at;
    const std::size_t first = text.size() < before_end ? text.size() : before_end;
    for (std::size_t i = 0; i < first; ++i) text_[at + i] = text[i];
    for (std::size_t i = first; i < text.size(); ++i) text_[i - first] = text[i];
    put_ += text.size();
  }
  /// Only if not empty.
  char front() const { return text_[taken_ % kCapacity]; }
  void pop() { ++taken_; }
  /// Between first_position() and end_position().
  char at(std::uint64_t position) const { return text_[position % kCapacity]; }
  void pop_up_to(std::uint64_t position) { taken_ = position; }
  /// The oldest line goes, or what is left of it. Not if empty.
  void pop_line() {
    while (!is_empty()) {
      const char character = front();
      pop();
      if (character == '\n') return;
    }
  }

 private:
  std::uint64_t put_ = 0;
  std::uint64_t taken_ = 0;
  char text_[kCapacity] = {};
};

}  // namespace kernel
