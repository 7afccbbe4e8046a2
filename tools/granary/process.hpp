// SPDX-License-Identifier: Apache-2.0
//
// Running other programs: with this terminal, or with their output kept and a progress line while they take long.
// Invariant: no shell is involved, words are passed as they are; a program that was started does not outlive this one.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace tool {

using Environment = std::map<std::string, std::string>;

inline constexpr int kCannotStart = 127;

/// Exit status of the program, 128 + signal if one ended it, kCannotStart if there is none.
int run_in_terminal(const std::vector<std::string>& words, const Environment& more = {});

struct Output {
  int status = 0;
  std::string text{};  ///< standard output and standard error, as they came
};

/// Says `what` and the seconds on standard error once it takes more than a second: on a terminal counting, otherwise
/// once.
Output capture_program(const std::vector<std::string>& words, const std::string& what, const Environment& more = {});

/// The line of progress itself; erased by the destructor.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Call often. `more` follows the seconds: "12 of 64 MiB".
  void step(const std::string& more = "");

 private:
  std::string what_;
  double started_;
  double shown_ = 0;
  bool terminal_;
};

}  // namespace tool
