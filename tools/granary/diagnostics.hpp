// SPDX-License-Identifier: Apache-2.0
//
// Diagnostics: everything that the tool refuses or warns about, each with file, line, reason and remedy.
// Invariant: all of them are collected and printed in the order of the file, so one run shows every mistake.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace tool {

/// A place in a file; line 0 is the file as a whole.
struct Location {
  std::string file;
  unsigned line = 0;
};

class Diagnostics {
 public:
  void error(const Location& where, std::string reason, std::string remedy);
  void warning(const Location& where, std::string reason, std::string remedy);

  /// Adds what another one has collected.
  void append(const Diagnostics& other);

  bool failed() const { return errors_ != 0; }
  /// "file:line: error: reason" and, indented below it, "remedy: ...", ordered by line within a file.
  void print(std::ostream& out, bool in_colour = false) const;
  /// The same for a program: {"failed": ..., "diagnostics": [{file, line, severity, reason, remedy}]}.
  std::string json() const;

 private:
  struct Entry {
    Location where;
    bool is_error;
    std::string reason;
    std::string remedy;
  };
  std::vector<Entry> ordered() const;

  std::vector<Entry> entries_;
  unsigned errors_ = 0;
};

}  // namespace tool
