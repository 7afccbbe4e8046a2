// SPDX-License-Identifier: Apache-2.0
//
// LifeLog: which ends of a silo are told on the console. One that crashes and restarts a thousand times a second would
// leave room for nothing else there, so the first few of a second are told in full, with the words about the fault and
// the restart, and further ones are counted. The audit has all of them.
//
// INVARIANT: what is not told is counted, and the count is told with the next end that is.
#pragma once

#include <cstdint>

#include "kernel/base/ids.hpp"

namespace kernel {

class LifeLog {
 public:
  /// Of one silo, in a second that begins with the first.
  static constexpr std::uint32_t kToldPerSecond = 4;

  struct Words {
    bool in_full;            ///< the end is told
    bool last_in_full;       ///< and further ones of this second will not be
    std::uint32_t not_told;  ///< ends before this one, not told of yet
  };
  /// The silo ends now; `frequency`: of the counter.
  constexpr Words note_end(base::Ticks now, std::uint64_t frequency) {
    if (told_ == 0 || now.value() - since_.value() >= frequency) {
      since_ = now;
      told_ = 0;
    }
    tells_ = told_ < kToldPerSecond;
    if (!tells_) {
      ++not_told_;
      return {false, false, 0};
    }
    ++told_;
    const Words words = {true, told_ == kToldPerSecond, not_told_};
    not_told_ = 0;
    return words;
  }
  /// Whether the last end is told, and so what follows from it.
  constexpr bool tells() const { return tells_; }

 private:
  base::Ticks since_ = {};
  std::uint32_t told_ = 0;      ///< since then
  std::uint32_t not_told_ = 0;  ///< since the last one told
  bool tells_ = true;
};

}  // namespace kernel
