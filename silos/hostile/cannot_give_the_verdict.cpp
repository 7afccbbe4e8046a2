// SPDX-License-Identifier: Apache-2.0
//
// Gives the system's verdict and observes others with handles that are not for it. Expected: refused. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  granary_silo_status_result status;
  for (const granary_handle handle : {handles::console.value(), handles::service.value()}) {
    refused(granary_system_verdict(handle, 0), GRANARY_EPERM, "the verdict");
    refused(granary_silo_status(handle, &status), GRANARY_EPERM, "observing");
  }
  for (std::uint32_t slot = 0; slot < 64; ++slot) {
    const granary_handle handle = abi::make_manifest_handle(slot);
    const granary_status given = granary_system_verdict(handle, 0);
    holds(given == GRANARY_EBADF || given == GRANARY_EPERM, "the verdict, by a guessed handle");
  }
  return outcome();
}
