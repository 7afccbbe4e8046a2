// SPDX-License-Identifier: Apache-2.0
//
// Turns tracing on and reads the trace, with every handle it has and all that it can guess. Expected: refused. Ends
// with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  granary_trace_read_result records;
  granary_trace_stats_result stats;
  const granary_handle console = handles::console.value();
  refused(granary_trace_control(console, 1), GRANARY_EPERM, "turning it on by the console");
  refused(granary_trace_read(console, 0, &records), GRANARY_EPERM, "reading by the console");
  refused(granary_trace_stats(console, 0, &stats), GRANARY_EPERM, "counts by the console");
  for (std::uint32_t slot = 0; slot < 64; ++slot) {
    for (std::uint32_t generation = 0; generation < 4; ++generation) {
      const granary_handle handle = abi::make_handle(generation, slot);
      const granary_status turned = granary_trace_control(handle, 1);
      holds(turned == GRANARY_EBADF || turned == GRANARY_EPERM, "turning it on by a guessed handle");
      const granary_status read = granary_trace_read(handle, 0, &records);
      holds(read == GRANARY_EBADF || read == GRANARY_EPERM, "reading by a guessed handle");
    }
  }
  return outcome();
}
