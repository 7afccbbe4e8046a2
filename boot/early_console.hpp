// SPDX-License-Identifier: Apache-2.0
//
// The first words: which UART the device tree wants for output (/chosen/stdout-path, through /aliases), and, if there
// is no device tree, where one might be all the same. Owns the only table of device addresses in the kernel. Usable
// with the MMU off.
#pragma once

#include <cstdint>

#include "boot/device_tree.hpp"
#include "hal/board.hpp"

namespace boot {

struct ConsoleDevice {
  hal::UartKind kind = hal::UartKind::None;
  std::uint64_t registers = 0;  ///< physical
};

/// kind None: no stdout-path, or it leads to no UART that has a driver.
ConsoleDevice find_console(const DeviceTree& tree);

/// A place where a console may be, and how to be sure: PrimeCell UARTs carry their identification at the end of their
/// page.
struct LastResortConsole {
  hal::UartKind kind;
  std::uint64_t registers;
  std::uint64_t identified_by;  ///< page of a PL011 that the same board has
  /// 32-bit register that tells whether the UART runs, and the bits that must be set. 0: nothing to ask.
  std::uint64_t enabled_at;
  std::uint32_t enabled_bits;
};
inline constexpr std::uint32_t kLastResortCount = 3;
/// In the order in which probing is harmless: QEMU virt's UART lies in RAM of a Pi 4, the Pi 4's are on no virt machine
/// that lacks the first. Returned by value: a table of the image's data could be addressed with the MMU off, but not
/// trusted to be.
LastResortConsole last_resort_console(std::uint32_t index);

/// True if the page, read by `read32(offset)`, identifies itself as a PrimeCell UART (PL011 TRM, 3.3.14 and 3.3.18).
template <typename Read32>
bool is_prime_cell_uart(Read32 read32) {
  return (read32(0xfe0) & 0xff) == 0x11 && (read32(0xfe4) & 0x0f) == 0x00 && (read32(0xff0) & 0xff) == 0x0d &&
         (read32(0xff4) & 0xff) == 0xf0 && (read32(0xff8) & 0xff) == 0x05 && (read32(0xffc) & 0xff) == 0xb1;
}

}  // namespace boot
