// SPDX-License-Identifier: Apache-2.0
//
// A device that fires when it is told to, on both boards: QEMU virt's real-time clock (PL031, ARM DDI 0224C 3.3), whose
// alarm is due when the match register equals the second; on the Raspberry Pi 4 the first UART (PL011, ARM DDI 0183G
// 3.3), looped back to itself, whose modem interrupt comes when it sets its own "clear to send". Each is
// level-triggered: it fires until it is quieted.
#pragma once

#include <cstdint>

#include "granary/granary.hpp"

namespace driver {

class FiringDevice {
 public:
  FiringDevice(std::uint64_t registers, granary::DeviceInfo::Board board)
      : registers_(registers), is_clock_(board == granary::DeviceInfo::Board::Virt) {}

  /// It asserts its line now, until quieten(). It was not masked.
  void fire() const;
  void quieten() const;
  void unmask() const;
  /// Fires no more, whatever it is told.
  void mask() const;

 private:
  volatile std::uint32_t& word(std::uint64_t offset) const { return granary::Device::word_at(registers_ + offset); }
  std::uint64_t registers_;
  bool is_clock_;
};

}  // namespace driver
