// SPDX-License-Identifier: Apache-2.0
//
// The BCM2835/BCM2711 auxiliary "mini UART", transmit side, by polling. BCM2711 ARM Peripherals, section 2.2. The block
// here starts at AUX_MU_IO_REG, where the device tree's `reg` points. Clock gate (AUX_ENABLES), pins and baud rate are
// the loader's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/mmio.hpp"

namespace hal {

struct MiniUartBlock {
  ReadWrite<std::uint32_t> data;              ///< AUX_MU_IO
  ReadWrite<std::uint32_t> interrupt_enable;  ///< AUX_MU_IER
  ReadWrite<std::uint32_t> interrupt_status;  ///< AUX_MU_IIR
  ReadWrite<std::uint32_t> line_control;      ///< AUX_MU_LCR
  ReadWrite<std::uint32_t> modem_control;     ///< AUX_MU_MCR
  ReadOnly<std::uint32_t> line_status;        ///< AUX_MU_LSR
  ReadOnly<std::uint32_t> modem_status;       ///< AUX_MU_MSR
  ReadWrite<std::uint32_t> scratch;           ///< AUX_MU_SCRATCH
  ReadWrite<std::uint32_t> control;           ///< AUX_MU_CNTL
  ReadOnly<std::uint32_t> status;             ///< AUX_MU_STAT
  ReadWrite<std::uint32_t> baud;              ///< AUX_MU_BAUD
  Reserved<0x14> reserved;
};
static_assert(offsetof(MiniUartBlock, line_status) == 0x14 && offsetof(MiniUartBlock, control) == 0x20);
static_assert(sizeof(MiniUartBlock) == 0x40);

template <typename Io = HardwareIo>
class MiniUart {
 public:
  static constexpr std::uint64_t kRegisterBytes = sizeof(MiniUartBlock);

  explicit constexpr MiniUart(std::uint64_t registers, Io io = Io()) : registers_(registers, io) {}

  /// Transmitter on, interrupts off; everything else stays as the loader set it.
  void initialize() const {
    registers_.write(&MiniUartBlock::interrupt_enable, 0);
    const std::uint32_t control = registers_.read(&MiniUartBlock::control);
    if ((control & kTransmitEnable) == 0) registers_.write(&MiniUartBlock::control, control | kTransmitEnable);
  }
  bool ready() const { return (registers_.read(&MiniUartBlock::line_status) & kTransmitterHasRoom) != 0; }
  void transmit(char character) const { registers_.write(&MiniUartBlock::data, static_cast<unsigned char>(character)); }

 private:
  static constexpr std::uint32_t kTransmitterHasRoom = std::uint32_t{1} << 5;  ///< AUX_MU_LSR bit 5: FIFO takes a byte
  static constexpr std::uint32_t kTransmitEnable = std::uint32_t{1} << 1;      ///< AUX_MU_CNTL bit 1

  Registers<MiniUartBlock, Io> registers_;
};

}  // namespace hal
