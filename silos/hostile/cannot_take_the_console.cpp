// SPDX-License-Identifier: Apache-2.0
//
// Takes the console over and reads what others print, with the right to print alone and with every handle that it can
// guess. Expected: refused. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Notification bell = Notification::create().value();
  granary_console_read_result text;
  refused(granary_console_take(handles::console.value(), bell.value(), 1), GRANARY_EPERM, "taking");
  refused(granary_console_read(handles::console.value(), 0, &text), GRANARY_EPERM, "reading");
  refused(granary_bind(handles::console.value(), bell.value(), 1, 1), GRANARY_EPERM, "being told of what is printed");
  for (std::uint32_t slot = 0; slot < 64; ++slot) {
    for (std::uint32_t generation = 0; generation < 4; ++generation) {
      const std::uint64_t handle = abi::make_handle(generation, slot);
      const granary_status taken = granary_console_take(handle, bell.value(), 1);
      holds(taken == GRANARY_EBADF || taken == GRANARY_EPERM, "taking by a guessed handle");
      const granary_status read = granary_console_read(handle, 0, &text);
      holds(read == GRANARY_EBADF || read == GRANARY_EPERM, "reading by a guessed handle");
    }
  }
  return outcome();
}
