// SPDX-License-Identifier: Apache-2.0
//
// Reads the audit, with every handle it has and all that it can guess. Expected: refused. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  granary_audit_read_result record;
  granary_audit_stats_result stats;
  refused(granary_audit_read(handles::console.value(), &record), GRANARY_EPERM, "reading by the console");
  refused(granary_audit_stats(handles::console.value(), &stats), GRANARY_EPERM, "counts by the console");
  for (std::uint32_t slot = 0; slot < 64; ++slot) {
    for (std::uint32_t generation = 0; generation < 4; ++generation) {
      const granary_status status = granary_audit_read(abi::make_handle(generation, slot), &record);
      holds(status == GRANARY_EBADF || status == GRANARY_EPERM, "reading by a guessed handle");
    }
  }
  return outcome();
}
