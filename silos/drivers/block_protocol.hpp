// SPDX-License-Identifier: Apache-2.0
//
// What a client and the block driver say to each other, and which requests the driver accepts. A client opens first:
// the answer brings its window, a region that both have mapped and nobody else. Data goes through the window, a call
// says which sectors and where in it. Tested on the host.
#pragma once

#include <cstdint>

#include <granary/message.hpp>

namespace drivers {

constexpr std::uint64_t kSectorBytes = 512;
constexpr std::uint64_t kWindowBytes = 64 * 1024;

enum class BlockOperation : std::uint64_t { Open = 1, Read, Write, Flush };

enum class BlockStatus : std::uint64_t {
  Done,
  UnknownOperation,
  NotOpen,  ///< or the driver has taken the window back: open again
  NoRoom,   ///< too many clients
  BeyondDisk,
  BeyondWindow,
  ReadOnly,
  DeviceFailed,   ///< it said so
  DeviceIsStuck,  ///< it did not answer, or with nonsense, and was started again
};

constexpr const char* in_words(BlockStatus status) {
  switch (status) {
    case BlockStatus::Done: return "done";
    case BlockStatus::UnknownOperation: return "there is no such operation";
    case BlockStatus::NotOpen: return "the client has no window";
    case BlockStatus::NoRoom: return "there are too many clients";
    case BlockStatus::BeyondDisk: return "sectors beyond the end of the disk";
    case BlockStatus::BeyondWindow: return "bytes beyond the end of the window";
    case BlockStatus::ReadOnly: return "the disk is read-only";
    case BlockStatus::DeviceFailed: return "the device failed";
    case BlockStatus::DeviceIsStuck: return "the device was stuck";
  }
  return "?";
}

/// Read and write.
struct BlockTransfer {
  std::uint64_t first = 0;    ///< sector
  std::uint64_t sectors = 0;  ///< at least one
  std::uint64_t offset = 0;   ///< in the window

  granary::Message message(BlockOperation operation) const {
    return {static_cast<std::uint64_t>(operation), {first, sectors, offset}};
  }
  static BlockTransfer of(const granary::Message& message) {
    return {message.words[0], message.words[1], message.words[2]};
  }
  /// Done, or why it is refused. The three numbers are the client's, so no sum of them is made before it is known to
  /// fit.
  constexpr BlockStatus check(std::uint64_t disk_sectors) const {
    if (sectors == 0 || sectors > kWindowBytes / kSectorBytes || offset > kWindowBytes - sectors * kSectorBytes)
      return BlockStatus::BeyondWindow;
    if (first >= disk_sectors || sectors > disk_sectors - first) return BlockStatus::BeyondDisk;
    return BlockStatus::Done;
  }
  constexpr std::uint64_t bytes() const { return sectors * kSectorBytes; }
};

/// The answer: its status, and to Open how many sectors the disk has.
inline granary::Message block_answer(BlockStatus status, std::uint64_t disk_sectors = 0) {
  return {static_cast<std::uint64_t>(status), {disk_sectors}};
}

}  // namespace drivers
