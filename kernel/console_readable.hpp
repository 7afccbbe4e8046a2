// SPDX-License-Identifier: Apache-2.0
//
// What the silo that has the console's transmitter waits for (console_calls.cpp).
#pragma once

#include "ipc/watch.hpp"

namespace kernel {

/// Raised when something is printed; the condition is console_is_readable().
ipc::WatchPoint& console_readable();
/// Start of boot: nobody waits, and the transmitter is the kernel's.
void reset_console_owner();

}  // namespace kernel
