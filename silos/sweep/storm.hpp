// SPDX-License-Identifier: Apache-2.0
//
// A silo that crashes and comes back again and again (crasher.cpp), seven that send to it and to each other
// (loader.cpp), and the judge of all of them: what they share.
#pragma once

#include <atomic>
#include <cstdint>

#include "granary/granary.hpp"

namespace storm {

using namespace granary;

inline constexpr unsigned kLoaders = 7;

/// Of a loader. Its lane leads to the next one.
struct Load {
  std::atomic<std::uint64_t> sent;       ///< into its lane: numbers from 1
  std::atomic<std::uint64_t> received;   ///< out of its predecessor's
  std::atomic<std::uint64_t> done;       ///< what it did to the crasher and succeeded
  std::atomic<std::uint64_t> restarted;  ///< what ended because the crasher did
  std::atomic<std::uint64_t> wrong;      ///< what may not be; 0: nothing
  std::atomic<std::uint64_t> resting;    ///< 1: it only receives
};
struct Board {
  std::atomic<std::uint64_t> rest;   ///< 1: nobody sends, nobody crashes
  std::atomic<std::uint64_t> lives;  ///< of the crasher
  std::atomic<std::uint64_t> resting;
  std::atomic<std::uint64_t> fed;  ///< the last number that the crasher has taken from loader 0
  std::atomic<std::uint64_t> wrong;
  Load load[kLoaders];
};
static_assert(sizeof(Board) <= 4096);

/// What `wrong` says.
enum Wrong : std::uint64_t {
  kNumber = 1,  ///< a message was lost, doubled or moved
  kStatus = 2,  ///< an outcome that a restart does not explain; the status is in the bits from 8 on
  kQuota = 3,   ///< the crasher cannot make what its former life had
  kLeft = 4     ///< something of it is left
};

inline Board& map_board(const Region& region) {
  // SAFETY: the region is a page, the kernel zeroes it once, and all who map it agree on what it is.
  return *reinterpret_cast<Board*>(region.map(read_write).value().data());
}
inline void sleep_ticks(std::uint64_t ticks) { granary_sleep_until(detail::counter_now() + ticks); }

}  // namespace storm
