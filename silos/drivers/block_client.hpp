// SPDX-License-Identifier: Apache-2.0
//
// A disk as its clients see it. A silo that includes this is a client of the block driver's port (manifest: rights
// `call`) and has mapped_pages = 16 in its quota.
//
//   Disk disk = Disk::open(handles::disk).value();
//   disk.read(7, 1).value();                          // sector 7 is in disk.window() now
//   ...
//   disk.write(7, 1).value();
//
// The window stays the client's as long as it has it mapped. One that it has unmapped can go to another client.
//
// An error is kPeerGone if the driver has ended; kInvalidArgument if it refused, and why() says what it said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <granary/granary.hpp>

#include "block_protocol.hpp"

namespace drivers {

class Disk {
 public:
  Disk() = default;
  static granary::Result<Disk> open(const granary::Port& port) {
    const granary::Result<granary::Delivery> answer =
        port.call_accepting({static_cast<std::uint64_t>(BlockOperation::Open), {}});
    if (!answer) return answer.error();
    if (static_cast<BlockStatus>(answer->message.opcode) != BlockStatus::Done || !answer->carried)
      return granary::kInvalidArgument;
    const granary::Region region = answer->carried.as<granary::Region>();
    const granary::Result<std::span<std::byte>> window = region.map(granary::read_write);
    if (!window) {
      region.close().ignore();
      return window.error();
    }
    Disk disk;
    disk.port_ = port;
    disk.region_ = region;
    disk.window_ = *window;
    disk.sectors_ = answer->message.words[0];
    return disk;
  }

  std::uint64_t sectors() const { return sectors_; }
  /// kWindowBytes that the driver reads from and writes to, while a call lasts.
  std::span<std::byte> window() const { return window_; }
  /// What the driver said last.
  BlockStatus why() const { return why_; }

  /// So many sectors from `first` on are at that offset of the window.
  granary::Result<void> read(std::uint64_t first, std::uint64_t sectors, std::uint64_t offset = 0) {
    return call(BlockTransfer{first, sectors, offset}.message(BlockOperation::Read));
  }
  /// They are on the disk, or in its cache; in any case reads give them.
  granary::Result<void> write(std::uint64_t first, std::uint64_t sectors, std::uint64_t offset = 0) {
    return call(BlockTransfer{first, sectors, offset}.message(BlockOperation::Write));
  }
  /// All that was written is on the disk.
  granary::Result<void> flush() { return call({static_cast<std::uint64_t>(BlockOperation::Flush), {}}); }
  /// Gives the window up.
  void close() { region_.close().ignore(); }

 private:
  granary::Result<void> call(const granary::Message& message) {
    const granary::Result<granary::Message> answer = port_.call(message);
    if (!answer) return answer.error();
    why_ = static_cast<BlockStatus>(answer->opcode);
    if (why_ != BlockStatus::Done) return granary::kInvalidArgument;
    return {};
  }

  granary::Port port_;
  granary::Region region_;
  std::span<std::byte> window_;
  std::uint64_t sectors_ = 0;
  BlockStatus why_ = BlockStatus::Done;
};

}  // namespace drivers
