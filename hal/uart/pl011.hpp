// SPDX-License-Identifier: Apache-2.0
//
// Arm PrimeCell UART (PL011), transmit side, by polling. Register names: PL011 TRM (DDI 0183), section 3.2. The line
// speed is the loader's: the divisors depend on a clock that only the loader knows, so they are never written.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/mmio.hpp"

namespace hal {

struct Pl011Block {
  ReadWrite<std::uint32_t> data;  ///< UARTDR
  Reserved<0x14> status_and_reserved;
  ReadOnly<std::uint32_t> flags;  ///< UARTFR
  Reserved<0x14> low_power_and_divisors;
  ReadWrite<std::uint32_t> control;         ///< UARTCR
  ReadWrite<std::uint32_t> fifo_levels;     ///< UARTIFLS
  ReadWrite<std::uint32_t> interrupt_mask;  ///< UARTIMSC
  Reserved<0xfc4> dma_and_reserved;
};
static_assert(offsetof(Pl011Block, flags) == 0x18 && offsetof(Pl011Block, control) == 0x30);
static_assert(offsetof(Pl011Block, interrupt_mask) == 0x38 && sizeof(Pl011Block) == 0x1000);

template <typename Io = HardwareIo>
class Pl011 {
 public:
  static constexpr std::uint64_t kRegisterBytes = 0x48;

  explicit constexpr Pl011(std::uint64_t registers, Io io = Io()) : registers_(registers, io) {}

  /// Transmitter on, interrupts masked; everything else stays as the loader set it. If the loader left the UART off
  /// (QEMU without firmware does), it is switched on as it is.
  void initialize() const {
    registers_.write(&Pl011Block::interrupt_mask, 0);
    const std::uint32_t control = registers_.read(&Pl011Block::control);
    constexpr std::uint32_t kNeeded = kEnable | kTransmitEnable;
    if ((control & kNeeded) != kNeeded) registers_.write(&Pl011Block::control, control | kNeeded);
  }
  bool ready() const { return (registers_.read(&Pl011Block::flags) & kTransmitFifoFull) == 0; }
  void transmit(char character) const { registers_.write(&Pl011Block::data, static_cast<unsigned char>(character)); }

 private:
  static constexpr std::uint32_t kTransmitFifoFull = std::uint32_t{1} << 5;  ///< UARTFR.TXFF
  static constexpr std::uint32_t kEnable = std::uint32_t{1} << 0;            ///< UARTCR.UARTEN
  static constexpr std::uint32_t kTransmitEnable = std::uint32_t{1} << 8;    ///< UARTCR.TXE

  Registers<Pl011Block, Io> registers_;
};

}  // namespace hal
