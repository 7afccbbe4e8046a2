// SPDX-License-Identifier: Apache-2.0
//
// NotificationDoorbell: the bell of a stream (stream.hpp) between two silos, of two notifications: one that the other
// side waits for and this side signals, one the other way round. A ring that comes while nobody waits stays set, so
// none is lost. When the other side's silo ends, nobody is left who could ring, and wait() says kPeerGone.
//
//   [region.pipe]         size = "36 KiB"   write = ["a", "b"]
//   [notification.to_b]   signal = ["a"]    wait = ["b"]
//   [notification.to_a]   signal = ["b"]    wait = ["a"]
//
//   const std::span<std::byte> memory = handles::pipe.map(read_write).value();
//   auto stream = StreamWriter<NotificationDoorbell>::open(memory, 512, {handles::to_b, handles::to_a}).value();
#pragma once

#include "granary/notification.hpp"
#include "granary/stream.hpp"

namespace granary {

class NotificationDoorbell {
 public:
  /// The bit that streams ring with, unless they say another one: the first signaller's of a notification in a
  /// manifest.
  static constexpr std::uint64_t kBit = 1;

  constexpr NotificationDoorbell() = default;
  /// `other`: what the other side waits for; `own`: what this side waits for.
  constexpr NotificationDoorbell(Notification other, Notification own, std::uint64_t bit = kBit)
      : other_(other), own_(own), bit_(bit) {}

  Result<void> ring() { return other_.signal(bit_); }
  Result<void> wait(Deadline deadline) {
    const Result<std::uint64_t> rung = own_.wait(bit_, deadline);
    if (!rung) return rung.error();
    return {};
  }

 private:
  Notification other_, own_;
  std::uint64_t bit_ = kBit;
};
static_assert(Doorbell<NotificationDoorbell>);

}  // namespace granary
