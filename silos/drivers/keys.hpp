// SPDX-License-Identifier: Apache-2.0
//
// Keys out of the bytes that a terminal sends: control characters, and the escape sequences of arrows, home, end and
// delete (ECMA-48, as xterm, screen and the Linux console write them). What it does not know is swallowed as a whole,
// so no half sequence ends up in a line. Knows nothing of silos; tested on the host.
//
// INVARIANT: a sequence is at most kLongest bytes; then what comes next is taken as if nothing had been there.
#pragma once

#include <cstdint>

namespace drivers {

enum class KeyKind : std::uint8_t {
  None,  ///< nothing yet, or nothing known
  Text,  ///< a printable ASCII character
  Enter,
  Tab,
  Backspace,
  Delete,
  Left,
  Right,
  Up,
  Down,
  Home,
  End,
  KillToEnd,    ///< ctrl-k
  KillToStart,  ///< ctrl-u
  KillWord,     ///< ctrl-w
  Cancel,       ///< ctrl-c
  Redraw        ///< ctrl-l
};

struct Key {
  KeyKind kind = KeyKind::None;
  char character = '\0';  ///< of Text
};

class KeyDecoder {
 public:
  Key feed(char byte) {
    switch (state_) {
      case State::Plain: return plain(byte);
      case State::Escape: return escape(byte);
      case State::Sequence: return sequence(byte);
    }
    return {};
  }

 private:
  enum class State : std::uint8_t { Plain, Escape, Sequence };
  static constexpr unsigned kLongest = 16;

  static constexpr char control(char letter) { return static_cast<char>(letter & 0x1f); }

  Key plain(char byte) {
    // A terminal sends CR for its Enter key, a pipe LF; CR LF is one Enter.
    const bool follows_return = after_return_;
    after_return_ = byte == '\r';
    if (byte == '\x1b') {
      state_ = State::Escape;
      return {};
    }
    if (byte == '\n' && follows_return) return {};
    if (byte >= ' ' && byte <= '~') return {KeyKind::Text, byte};
    switch (byte) {
      case '\r':
      case '\n': return {KeyKind::Enter};
      case '\t': return {KeyKind::Tab};
      case '\x7f':
      case '\b': return {KeyKind::Backspace};
      case control('a'): return {KeyKind::Home};
      case control('b'): return {KeyKind::Left};
      case control('c'): return {KeyKind::Cancel};
      case control('d'): return {KeyKind::Delete};
      case control('e'): return {KeyKind::End};
      case control('f'): return {KeyKind::Right};
      case control('k'): return {KeyKind::KillToEnd};
      case control('l'): return {KeyKind::Redraw};
      case control('n'): return {KeyKind::Down};
      case control('p'): return {KeyKind::Up};
      case control('u'): return {KeyKind::KillToStart};
      case control('w'): return {KeyKind::KillWord};
      default: return {};
    }
  }

  Key escape(char byte) {
    if (byte == '\x1b') return {};  // the second one may begin a sequence
    state_ = byte == '[' || byte == 'O' ? State::Sequence : State::Plain;
    number_ = 0;
    is_first_number_ = true;
    length_ = 0;
    return {};
  }

  Key sequence(char byte) {
    if (byte >= '0' && byte <= '?' && ++length_ < kLongest) {  // parameters; the first number counts
      if (byte > '9') is_first_number_ = false;
      if (is_first_number_ && number_ < 100) number_ = static_cast<std::uint8_t>(number_ * 10 + (byte - '0'));
      return {};
    }
    state_ = State::Plain;
    switch (byte) {
      case 'A': return {KeyKind::Up};
      case 'B': return {KeyKind::Down};
      case 'C': return {KeyKind::Right};
      case 'D': return {KeyKind::Left};
      case 'H': return {KeyKind::Home};
      case 'F': return {KeyKind::End};
      case '~': break;
      default: return {};
    }
    switch (number_) {
      case 1:
      case 7: return {KeyKind::Home};
      case 3: return {KeyKind::Delete};
      case 4:
      case 8: return {KeyKind::End};
      default: return {};
    }
  }

  State state_ = State::Plain;
  bool after_return_ = false;
  bool is_first_number_ = false;
  std::uint8_t number_ = 0;
  std::uint8_t length_ = 0;
};

}  // namespace drivers
