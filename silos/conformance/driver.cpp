// SPDX-License-Identifier: Apache-2.0
//
// The two devices: see driver.hpp.
#include "driver.hpp"

namespace driver {

namespace {

constexpr std::uint64_t kClockData = 0x0, kClockMatch = 0x4, kClockMask = 0x10, kClockClear = 0x1c;
constexpr std::uint64_t kUartControl = 0x30, kUartMask = 0x38, kUartClear = 0x44;
constexpr std::uint32_t kClearToSend = 1 << 1, kLoopedBack = 1 << 7 | 1, kRequestToSend = 1 << 11;

}  // namespace

void FiringDevice::fire() const {
  if (is_clock_) {
    word(kClockMatch) = word(kClockData);  // due at once
    return;
  }
  word(kUartControl) = kLoopedBack;
  word(kUartControl) = kLoopedBack | kRequestToSend;
}

void FiringDevice::quieten() const { word(is_clock_ ? kClockClear : kUartClear) = is_clock_ ? 1 : kClearToSend; }
void FiringDevice::unmask() const { word(is_clock_ ? kClockMask : kUartMask) = is_clock_ ? 1 : kClearToSend; }
void FiringDevice::mask() const { word(is_clock_ ? kClockMask : kUartMask) = 0; }

}  // namespace driver
