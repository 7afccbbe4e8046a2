// SPDX-License-Identifier: Apache-2.0
//
// A UART as its silo sees it: a byte out, a byte in, and which of both may interrupt. PL011 (ARM DDI 0183, 3.3), or the
// mini UART of the Raspberry Pi (BCM2711 ARM Peripherals, 2.2; its enable bits are those of a 16550, whatever that page
// says). The line speed is the loader's.
#pragma once

#include <cstdint>
#include <optional>

#include <granary/granary.hpp>

namespace drivers {

class Uart {
 public:
  explicit Uart(const granary::DeviceInfo& device)
      : registers_(device.registers), is_pl011_(device.bytes >= kPl011Bytes) {}

  /// Both directions on, no interrupt yet.
  void begin() {
    if (is_pl011_) {
      word(kPl011Mask) = 0;
      if ((word(kPl011LineControl) & kPl011Fifo) == 0) {
        // The line control may be changed only while the UART is off, and it is off when its last character is out.
        while ((word(kPl011Flags) & kPl011Busy) != 0) {
        }
        word(kPl011Control) = 0;
        word(kPl011LineControl) = word(kPl011LineControl) | kPl011Fifo | kPl011EightBits;
      }
      word(kPl011Control) = word(kPl011Control) | kPl011On;
    } else {
      word(kMiniInterrupts) = 0;
      word(kMiniControl) = word(kMiniControl) | kMiniOn;
    }
  }

  /// Which of both are to interrupt: something can be read, something can be written.
  void interrupt_on(bool readable, bool writable) {
    if (readable == readable_ && writable == writable_) return;
    readable_ = readable;
    writable_ = writable;
    if (is_pl011_) {
      word(kPl011Mask) = (readable ? kPl011Receive : 0) | (writable ? kPl011Transmit : 0);
    } else {
      word(kMiniInterrupts) = (readable ? kMiniReceive : 0) | (writable ? kMiniTransmit : 0);
    }
  }
  /// An interrupt has been seen.
  void quieten() {
    if (is_pl011_) word(kPl011Clear) = kPl011Receive | kPl011Transmit;
  }

  std::optional<char> read() {
    const bool has_one =
        is_pl011_ ? (word(kPl011Flags) & kPl011ReceiveEmpty) == 0 : (word(kMiniLineStatus) & kMiniDataReady) != 0;
    if (!has_one) return std::nullopt;
    return static_cast<char>(word(kData) & 0xff);
  }
  /// False if there is no room.
  bool write(char character) {
    const bool has_room =
        is_pl011_ ? (word(kPl011Flags) & kPl011TransmitFull) == 0 : (word(kMiniLineStatus) & kMiniRoom) != 0;
    if (has_room) word(kData) = static_cast<unsigned char>(character);
    return has_room;
  }

 private:
  static constexpr std::uint64_t kPl011Bytes = 0x48;
  static constexpr std::uint64_t kData = 0;
  static constexpr std::uint64_t kPl011Flags = 0x18, kPl011LineControl = 0x2c, kPl011Control = 0x30, kPl011Mask = 0x38,
                                 kPl011Clear = 0x44;
  static constexpr std::uint32_t kPl011Busy = 1 << 3, kPl011ReceiveEmpty = 1 << 4, kPl011TransmitFull = 1 << 5;
  static constexpr std::uint32_t kPl011Fifo = 1 << 4, kPl011EightBits = 3 << 5, kPl011On = 1 | 1 << 8 | 1 << 9;
  static constexpr std::uint32_t kPl011Receive = 1 << 4 | 1 << 6;  // and the time-out of a few bytes in the queue
  static constexpr std::uint32_t kPl011Transmit = 1 << 5;
  static constexpr std::uint64_t kMiniInterrupts = 0x04, kMiniLineStatus = 0x14, kMiniControl = 0x20;
  static constexpr std::uint32_t kMiniReceive = 1 << 0, kMiniTransmit = 1 << 1, kMiniDataReady = 1 << 0,
                                 kMiniRoom = 1 << 5, kMiniOn = 3;

  volatile std::uint32_t& word(std::uint64_t offset) const { return granary::Device::word_at(registers_ + offset); }

  std::uint64_t registers_;
  bool is_pl011_;
  bool readable_ = false;
  bool writable_ = false;
};

}  // namespace drivers
