// SPDX-License-Identifier: Apache-2.0
//
// LastEvents: the last 16 events of a silo that has faulted: those of the trace, whose records stay where they are, so
// that whoever reads the trace loses nothing; while the kernel does not trace, the few that are noted in any case.
#pragma once

#include <cstdint>

#include "kernel/silo.hpp"

namespace kernel {

class LastEvents {
 public:
  static constexpr unsigned kEventsMaximum = 16;
  static constexpr unsigned kRecordsSearched = 1024;

  /// From the newest record of the core's ring on.
  void begin(std::uint32_t core, base::SiloId silo);
  /// Goes on towards older ones, kRecordsInAStep at a time; false when done.
  bool find_more();
  /// One line, the oldest event first; false when there is none left.
  bool say_next(const Silo& silo);

 private:
  static constexpr unsigned kRecordsInAStep = 64;
  bool say_noted(const Silo& silo);

  bool is_traced_ = false;
  std::uint32_t core_ = 0;
  std::uint32_t silo_ = 0;
  std::uint64_t next_ = 0;  ///< everything from here on has been looked at
  std::uint64_t end_ = 0;   ///< and this is where to stop
  unsigned count_ = 0;      ///< found and not said
  std::uint64_t newest_ = 0;
  std::uint32_t said_ = 0;                       ///< of those that are noted
  std::uint64_t position_[kEventsMaximum] = {};  ///< the newest first
};

}  // namespace kernel
