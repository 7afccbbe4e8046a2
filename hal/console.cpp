// SPDX-License-Identifier: Apache-2.0
//
// Dispatches the console to one of the two UART drivers. State: which one, and where; written during boot only.
#include "hal/console.hpp"

#include "hal/uart/mini_uart.hpp"
#include "hal/uart/pl011.hpp"
#include "kernel/port/console.hpp"

namespace hal {

namespace {

constinit UartKind attached_kind = UartKind::None;
constinit std::uint64_t attached_registers = 0;
using Attach = void (*)();
constinit Attach last_resort = nullptr;

}  // namespace

void attach_console(UartKind kind, base::VirtualAddress registers) {
  attached_kind = UartKind::None;
  attached_registers = registers.value();
  switch (kind) {
    case UartKind::None: return;
    case UartKind::Pl011: Pl011<>(attached_registers).initialize(); break;
    case UartKind::Bcm2835MiniUart: MiniUart<>(attached_registers).initialize(); break;
  }
  attached_kind = kind;
}

bool console_is_attached() { return attached_kind != UartKind::None; }

void set_console_of_last_resort(void (*attach)()) { last_resort = attach; }

std::uint64_t uart_register_bytes(UartKind kind) {
  switch (kind) {
    case UartKind::None: return 0;
    case UartKind::Pl011: return Pl011<>::kRegisterBytes;
    case UartKind::Bcm2835MiniUart: return MiniUart<>::kRegisterBytes;
  }
  return 0;
}

}  // namespace hal

namespace port {

bool console_ready() {
  switch (hal::attached_kind) {
    case hal::UartKind::None: return true;
    case hal::UartKind::Pl011: return hal::Pl011<>(hal::attached_registers).ready();
    case hal::UartKind::Bcm2835MiniUart: return hal::MiniUart<>(hal::attached_registers).ready();
  }
  return true;
}

void console_take_back() { hal::attach_console(hal::attached_kind, base::VirtualAddress(hal::attached_registers)); }

void console_transmit(char character) {
  if (hal::attached_kind == hal::UartKind::None && hal::last_resort != nullptr) {
    const hal::Attach attach = hal::last_resort;
    hal::last_resort = nullptr;  // once, also if attaching itself prints or dies
    attach();
    while (!console_ready()) {
    }  // the caller's console_ready() spoke of no console; bounded by one character's time
  }
  switch (hal::attached_kind) {
    case hal::UartKind::None: return;
    case hal::UartKind::Pl011: return hal::Pl011<>(hal::attached_registers).transmit(character);
    case hal::UartKind::Bcm2835MiniUart: return hal::MiniUart<>(hal::attached_registers).transmit(character);
  }
}

}  // namespace port
