// SPDX-License-Identifier: Apache-2.0
//
// The console as the kernel needs it: a transmitter that says whether it has room. No waiting inside.
#pragma once

namespace port {

/// True if one more character fits into the transmitter now. Without a console: true, and characters vanish.
bool console_ready();
/// Hands one character to the transmitter; only after console_ready() said true.
void console_transmit(char character);
/// A silo had the transmitter: it is the kernel's again, without interrupts and ready to transmit, whatever that silo
/// has made of it.
void console_take_back();

}  // namespace port
