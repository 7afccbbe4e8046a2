// SPDX-License-Identifier: Apache-2.0
//
// The console as the kernel needs it: a transmitter that says whether it has room. No waiting inside.
#pragma once

namespace port {

/// True if one more character fits into the transmitter now. Without a console: true, and characters vanish.
bool console_ready();
/// Hands one character to the transmitter; only after console_ready() said true.
void console_transmit(char character);

}  // namespace port
