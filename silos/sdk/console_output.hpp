// SPDX-License-Identifier: Apache-2.0
//
// What all threads of a silo print goes through here, piece by piece. The console may take only a part of a piece (it
// is busy, and takes the end of a line only if the line has room): then the rest is kept, and goes before anything
// else. INVARIANT: what is kept is the end of one piece, and nothing is put before it is gone. For one thread at a time
// (internal.hpp: ConsoleTurn).
#pragma once

#include <cstring>
#include <string_view>

#include "internal.hpp"

namespace granary::detail {

class ConsoleOutput {
 public:
  static constexpr std::size_t kPieceMaximum = 128;

  /// Nothing is kept any more: a piece can be put. Does not wait.
  bool is_free() {
    if (kept_ == 0) return true;
    const std::size_t gone = written(std::string_view(rest_, kept_));
    kept_ -= gone;
    std::memmove(rest_, rest_ + gone, kept_);
    return kept_ == 0;
  }
  /// Only if is_free(). It is printed, now or later.
  void put(std::string_view piece) {
    if (piece.empty()) return;
    at_line_start_ = piece.back() == '\n';
    piece.remove_prefix(written(piece));
    kept_ = piece.copy(rest_, sizeof rest_);
  }
  /// A whole line; a piece of a line that stands there already does not become a part of it.
  void put_line(std::string_view line) {
    char piece[kPieceMaximum] = {'\n'};
    const std::size_t before = at_line_start_ ? 0 : 1;
    put({piece, before + line.copy(piece + before, sizeof piece - before)});
  }

 private:
  /// How much of it is printed; all, if it cannot be printed at all.
  static std::size_t written(std::string_view piece) {
    std::size_t done = 0;
    while (done < piece.size()) {
      const Result<std::uint64_t> taken = console_try_write(piece.substr(done));
      if (!taken && taken.error() != kWouldBlock) return piece.size();
      if (!taken || *taken == 0) break;
      done += static_cast<std::size_t>(*taken);
    }
    return done;
  }

  char rest_[kPieceMaximum] = {};
  std::size_t kept_ = 0;
  bool at_line_start_ = true;
};

/// The silo's only one.
ConsoleOutput& console_output();

}  // namespace granary::detail
