// SPDX-License-Identifier: Apache-2.0
//
// The console's transmitter: which UART, and where its registers are mapped. Implements kernel/port/console.hpp.
#pragma once

#include <cstdint>

#include "hal/board.hpp"
#include "kernel/base/address.hpp"

namespace hal {

/// From now on port::console_transmit goes to this UART, whose registers are mapped at `registers`. UartKind::None
/// detaches.
void attach_console(UartKind kind, base::VirtualAddress registers);
bool console_is_attached();

/// Called once by the first transmission that finds no console (a death before the console is known); may attach one.
void set_console_of_last_resort(void (*attach)());

/// Bytes of registers that a UART of this kind uses.
std::uint64_t uart_register_bytes(UartKind kind);

}  // namespace hal
