// SPDX-License-Identifier: Apache-2.0
//
// A device that fires when it is told to, on both boards: QEMU virt's real-time clock (PL031, ARM DDI 0224C 3.3), whose
// alarm is due when the match register equals the second; on the Raspberry Pi 4 the first UART (PL011, ARM DDI 0183G
// 3.3), looped back to itself, whose modem interrupt comes when it sets its own "clear to send". Each is
// level-triggered: it fires until it is quieted.
#pragma once

#include <cstdint>

#include "handles.hpp"

namespace driver {

using granary::Board;
using granary::Device;

/// Registers of the two.
inline constexpr std::uint64_t kClockData = 0x0, kClockMatch = 0x4, kClockMask = 0x10, kClockClear = 0x1c;
inline constexpr std::uint64_t kUartControl = 0x30, kUartMask = 0x38, kUartClear = 0x44;
inline constexpr std::uint32_t kClearToSend = 1 << 1, kLoopedBack = 1 << 7 | 1, kRequestToSend = 1 << 11;

class FiringDevice {
 public:
  FiringDevice(std::uint64_t registers, Board board) : registers_(registers), is_clock_(board == Board::Virt) {}

  /// It asserts its line now, until quieten(). It was not masked.
  void fire() const {
    if (is_clock_) {
      word(kClockMatch) = word(kClockData);  // due at once
    } else {
      word(kUartControl) = kLoopedBack;
      word(kUartControl) = kLoopedBack | kRequestToSend;
    }
  }
  void quieten() const { word(is_clock_ ? kClockClear : kUartClear) = is_clock_ ? 1 : kClearToSend; }
  void unmask() const { word(is_clock_ ? kClockMask : kUartMask) = is_clock_ ? 1 : kClearToSend; }
  /// Fires no more, whatever it is told.
  void mask() const { word(is_clock_ ? kClockMask : kUartMask) = 0; }

 private:
  volatile std::uint32_t& word(std::uint64_t offset) const { return Device::word_at(registers_ + offset); }
  std::uint64_t registers_;
  bool is_clock_;
};

}  // namespace driver
