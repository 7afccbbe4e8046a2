// SPDX-License-Identifier: Apache-2.0
//
// Which driver serves which device: the one list of `compatible` strings. A board is not a constant here; it is
// whatever the device tree says, matched against this file. `lists(text)` answers whether a node's compatible property
// contains text. Plain comparisons instead of a table, because the console is also looked up with the MMU off, when
// pointers in tables lie.
#pragma once

#include <cstdint>

namespace hal {

enum class UartKind : std::uint8_t { None, Pl011, Bcm2835MiniUart };
enum class InterruptControllerKind : std::uint8_t { None, GicV2, GicV3 };
enum class PowerKind : std::uint8_t { None, Psci, Bcm2835PowerManagement };

template <typename Lists>
UartKind uart_kind(Lists lists) {
  if (lists("arm,pl011")) return UartKind::Pl011;
  if (lists("brcm,bcm2835-aux-uart")) return UartKind::Bcm2835MiniUart;
  return UartKind::None;
}

template <typename Lists>
InterruptControllerKind interrupt_controller_kind(Lists lists) {
  if (lists("arm,cortex-a15-gic") || lists("arm,gic-400") || lists("arm,cortex-a7-gic")) {
    return InterruptControllerKind::GicV2;
  }
  if (lists("arm,gic-v3")) return InterruptControllerKind::GicV3;
  return InterruptControllerKind::None;
}

template <typename Lists>
bool is_architected_timer(Lists lists) {
  return lists("arm,armv8-timer") || lists("arm,armv7-timer");
}

template <typename Lists>
bool is_psci(Lists lists) {
  // PSCI 0.1 lets the device tree choose its function numbers; from 0.2 on they are fixed.
  return lists("arm,psci-1.0") || lists("arm,psci-0.2");
}

/// The block with the watchdog that can halt the machine. The Pi 4's tree calls it bcm2711-pm since Linux 5.x.
template <typename Lists>
bool is_bcm2835_power_management(Lists lists) {
  return lists("brcm,bcm2835-pm") || lists("brcm,bcm2711-pm") || lists("brcm,bcm2835-pm-wdt");
}

}  // namespace hal
