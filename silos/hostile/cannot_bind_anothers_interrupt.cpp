// SPDX-License-Identifier: Apache-2.0
//
// Has no interrupt line and tries to bind, finish and unbind one by every handle that it could have, and by what it
// has of other kinds. Expected: each is refused. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Notification word = Notification::create().value();
  for (std::uint32_t index = 0; index < 64; ++index) {
    const std::uint64_t handle = abi::make_manifest_handle(index);
    granary_handle_info_result info;
    const granary_status wanted = granary_handle_info(handle, &info) == GRANARY_OK ? GRANARY_EPERM : GRANARY_EBADF;
    std::uint64_t had_fired;
    granary_interrupt_stats_result statistics;
    refused(granary_interrupt_bind(handle, word.value(), 1), wanted, "bind");
    refused(granary_interrupt_finish(handle, &had_fired), wanted, "finish");
    refused(granary_interrupt_unbind(handle), wanted, "unbind");
    refused(granary_interrupt_stats(handle, &statistics), wanted, "statistics");
  }
  granary_device_info_result device;
  refused(granary_device_info(abi::kDevicesStart, &device), GRANARY_ENOENT, "another silo's device");
  refused(granary_device_info(~std::uint64_t{0}, &device), GRANARY_ENOENT, "an absurd address");
  return outcome();
}
