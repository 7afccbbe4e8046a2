// SPDX-License-Identifier: Apache-2.0
//
// CoreReader: finds the core files that the kernel has printed (ipc/abi/core_text.hpp) in a console or serial log.
// Every line is checked by itself, so other lines between, damaged ones and such that come twice do no harm; what is
// missing is said. Invariant: what a CoreDump holds has come with the right checksum, and is 0 where nothing was said.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/abi/core_text.hpp"

namespace tool {

struct CoreRegion {
  std::string name;
  std::uint64_t start = 0, bytes = 0;
  unsigned access = 0;  ///< 1 read, 2 write, 4 execute
  bool is_told = false;
};

struct CoreDump {
  std::uint32_t number = 0;  ///< since boot
  std::string silo;
  std::string program;  ///< SILO, or SILO/IMAGE if it runs a further image
  abi::core_text::Header header = {};
  std::vector<abi::core_text::ThreadRecord> threads;
  std::vector<CoreRegion> regions;                            ///< by address
  std::map<std::uint64_t, std::vector<std::uint8_t>> memory;  ///< pieces, by address
  bool has_end = false;
  std::uint32_t lines = 0;  ///< that there are, as far as is known
  std::set<std::uint32_t> missing;

  std::uint64_t told_bytes() const;
  /// "3, 7 to 9"; empty if nothing is missing.
  std::string missing_in_words() const;
};

class CoreReader {
 public:
  /// A line of the log, counted from 1.
  void take(std::string_view line);
  /// Those of which at least the beginning is known, in the order in which they began.
  std::vector<CoreDump> finish();
  /// Lines of the log that were meant to be part of one, and are not what was sent.
  const std::vector<unsigned>& damaged() const { return damaged_; }

 private:
  struct Line {
    char kind;
    std::uint64_t address;
    std::vector<std::uint8_t> data;
    bool operator==(const Line&) const = default;
  };
  struct Raw {
    std::uint32_t number;
    std::map<std::uint32_t, Line> lines;
  };
  Raw& raw_of(std::uint32_t number, std::uint32_t line_number, const Line& line);

  unsigned line_number_ = 0;
  std::vector<unsigned> damaged_;
  std::vector<Raw> raws_;
};

}  // namespace tool
