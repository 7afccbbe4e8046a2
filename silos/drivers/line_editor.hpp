// SPDX-License-Identifier: Apache-2.0
//
// One line that is being typed, the lines before it, words, and completion. No memory but its own, no drawing: who uses
// it draws view() after each key. Knows nothing of silos; tested on the host.
//
// INVARIANT: 0 <= cursor <= length <= kLongest; the text is printable ASCII.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "keys.hpp"

namespace drivers {

/// Text of fixed room; what does not fit is not taken.
template <std::size_t kRoom>
class FixedText {
 public:
  std::string_view view() const { return {text_, length_}; }
  std::size_t size() const { return length_; }
  void clear() { length_ = 0; }
  void assign(std::string_view text) {
    length_ = text.size() < kRoom ? text.size() : kRoom;
    std::memmove(text_, text.data(), length_);
  }
  /// False if there is no room.
  bool insert(std::size_t at, char character) {
    if (length_ == kRoom) return false;
    std::memmove(text_ + at + 1, text_ + at, length_ - at);
    text_[at] = character;
    ++length_;
    return true;
  }
  void erase(std::size_t from, std::size_t to) {
    std::memmove(text_ + from, text_ + to, length_ - to);
    length_ -= to - from;
  }

 private:
  char text_[kRoom] = {};
  std::size_t length_ = 0;
};

class LineEditor {
 public:
  static constexpr std::size_t kLongest = 512;
  static constexpr std::size_t kLinesKept = 16;
  using Line = FixedText<kLongest>;

  enum class Outcome : std::uint8_t {
    Nothing,   ///< nothing to see
    Changed,   ///< draw it anew
    Entered,   ///< line() is whole; call begin() before the next key
    Complete,  ///< somebody should call complete()
    Refused    ///< the line is as long as lines get, or there is nothing in that direction
  };

  std::string_view line() const { return line_.view(); }
  std::size_t cursor() const { return cursor_; }
  /// Characters that found no room since begin().
  std::size_t dropped() const { return dropped_; }

  /// A new, empty line; what was in the old one is kept for up and down if it was entered, not empty and no repetition.
  void begin(bool was_entered) {
    if (was_entered && line_.size() != 0 && (kept_ == 0 || back(1) != line_.view())) {
      history_[next_++ % kLinesKept].assign(line_.view());
      if (kept_ < kLinesKept) ++kept_;
    }
    line_.clear();
    cursor_ = dropped_ = looking_ = 0;
  }

  Outcome press(Key key) {
    switch (key.kind) {
      case KeyKind::None: return Outcome::Nothing;
      case KeyKind::Text: return insert(key.character) ? Outcome::Changed : Outcome::Refused;
      case KeyKind::Enter: return Outcome::Entered;
      case KeyKind::Tab: return Outcome::Complete;
      case KeyKind::Backspace: return erase(cursor_ == 0 ? 0 : cursor_ - 1, cursor_);
      case KeyKind::Delete: return erase(cursor_, cursor_ == line_.size() ? cursor_ : cursor_ + 1);
      case KeyKind::Left: return move(cursor_ == 0 ? cursor_ : cursor_ - 1);
      case KeyKind::Right: return move(cursor_ == line_.size() ? cursor_ : cursor_ + 1);
      case KeyKind::Home: return move(0);
      case KeyKind::End: return move(line_.size());
      case KeyKind::KillToEnd: return erase(cursor_, line_.size());
      case KeyKind::KillToStart: return erase(0, cursor_);
      case KeyKind::KillWord: return erase(start_of_word_before(cursor_), cursor_);
      case KeyKind::Up: return look(looking_ + 1);
      case KeyKind::Down: return looking_ == 0 ? Outcome::Refused : look(looking_ - 1);
      case KeyKind::Cancel: begin(false); return Outcome::Changed;
      case KeyKind::Redraw: return Outcome::Changed;
    }
    return Outcome::Nothing;
  }

  /// The word in which the cursor stands, up to the cursor, and what stands before it.
  std::string_view word() const {
    const std::size_t start = start_of_this_word();
    return line_.view().substr(start, cursor_ - start);
  }
  bool is_first_word() const { return line_.view().substr(0, start_of_this_word()).find_first_not_of(' ') == kNone; }
  /// Goes on where the cursor stands; as far as there is room.
  bool insert(std::string_view text) {
    bool all = true;
    for (const char character : text) all = insert(character) && all;
    return all;
  }

  /// The part of the line that is seen in so many columns, and where in it the cursor stands.
  struct View {
    std::string_view text;
    std::size_t cursor;
  };
  View view(std::size_t columns) const {
    const std::size_t first = cursor_ < columns ? 0 : cursor_ - columns + 1;
    return {line_.view().substr(first, columns), cursor_ - first};
  }

 private:
  static constexpr std::size_t kNone = std::string_view::npos;

  bool insert(char character) {
    if (!line_.insert(cursor_, character)) {
      ++dropped_;
      return false;
    }
    ++cursor_;
    return true;
  }
  Outcome erase(std::size_t from, std::size_t to) {
    if (from == to) return Outcome::Refused;
    line_.erase(from, to);
    cursor_ = from;
    return Outcome::Changed;
  }
  Outcome move(std::size_t to) {
    if (to == cursor_) return Outcome::Refused;
    cursor_ = to;
    return Outcome::Changed;
  }
  std::size_t start_of_this_word() const {
    std::size_t start = cursor_;
    while (start != 0 && line_.view()[start - 1] != ' ') --start;
    return start;
  }
  std::size_t start_of_word_before(std::size_t at) const {
    while (at != 0 && line_.view()[at - 1] == ' ') --at;
    while (at != 0 && line_.view()[at - 1] != ' ') --at;
    return at;
  }
  /// The line entered so many lines ago, from 1.
  std::string_view back(std::size_t count) const { return history_[(next_ - count) % kLinesKept].view(); }
  /// Shows the line so many lines ago; 0 is what was being typed.
  Outcome look(std::size_t count) {
    if (count > kept_) return Outcome::Refused;
    if (looking_ == 0) typed_.assign(line_.view());
    looking_ = count;
    line_.assign(count == 0 ? typed_.view() : back(count));
    cursor_ = line_.size();
    return Outcome::Changed;
  }

  Line line_;
  Line typed_;  ///< while an older line is looked at
  Line history_[kLinesKept];
  std::size_t cursor_ = 0;
  std::size_t dropped_ = 0;
  std::size_t next_ = 0;
  std::size_t kept_ = 0;
  std::size_t looking_ = 0;
};

/// The words of a line.
struct Words {
  static constexpr std::size_t kMost = 8;
  std::string_view word[kMost];
  std::size_t count = 0;
  bool too_many = false;

  explicit Words(std::string_view line) {
    while (true) {
      const std::size_t start = line.find_first_not_of(' ');
      if (start == std::string_view::npos) return;
      if (count == kMost) {
        too_many = true;
        return;
      }
      line.remove_prefix(start);
      const std::size_t end = line.find(' ');
      word[count++] = line.substr(0, end);
      if (end == std::string_view::npos) return;
      line.remove_prefix(end);
    }
  }
  std::string_view operator[](std::size_t index) const { return index < count ? word[index] : std::string_view(); }
};

/// Collects what begins with a prefix: how many, and how far they agree.
class Completion {
 public:
  explicit Completion(std::string_view prefix) : prefix_(prefix) {}
  void offer(std::string_view candidate) {
    if (!candidate.starts_with(prefix_)) return;
    if (count_++ == 0) {
      common_.assign(candidate);
      return;
    }
    std::size_t same = 0;
    while (same < common_.size() && same < candidate.size() && common_.view()[same] == candidate[same]) ++same;
    common_.erase(same, common_.size());
  }
  std::size_t count() const { return count_; }
  /// What all have behind the prefix.
  std::string_view rest() const { return count_ == 0 ? std::string_view() : common_.view().substr(prefix_.size()); }

 private:
  std::string_view prefix_;
  FixedText<64> common_;
  std::size_t count_ = 0;
};

}  // namespace drivers
