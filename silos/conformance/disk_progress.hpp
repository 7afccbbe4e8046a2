// SPDX-License-Identifier: Apache-2.0
//
// What a disk's client that is stopped again and again leaves for its next life, in a region of the manifest.
#pragma once

#include <cstdint>

namespace disk_progress {

struct Progress {
  std::uint64_t lives;     ///< times that it has begun
  std::uint64_t written;   ///< sectors, from the first
  std::uint64_t read;      ///< sectors that were read back and hold what was written
  std::uint64_t mistakes;  ///< sectors that hold something else
  std::uint64_t is_done;
};

}  // namespace disk_progress
