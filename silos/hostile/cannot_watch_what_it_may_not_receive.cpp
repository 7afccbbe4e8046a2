// SPDX-License-Identifier: Apache-2.0
//
// Watches and binds the port of another silo of which it is a client, and the readable side of what it may only send
// to. Expected: refused, so it does not learn who else sends there. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Notification word = Notification::create().value();
  std::uint64_t got = 0;
  const std::uint64_t service = handles::service.value();
  std::uint64_t set[8] = {service | GRANARY_EVENT_READABLE};
  refused(granary_wait_any(1, set, GRANARY_DEADLINE_FOREVER, &got), GRANARY_EPERM, "watching another silo's port");
  set[0] = service | GRANARY_EVENT_READABLE | GRANARY_EVENT_WRITABLE;
  refused(granary_wait_any(1, set, GRANARY_DEADLINE_FOREVER, &got), GRANARY_EPERM, "with a permitted event besides");
  refused(granary_bind(service, word.value(), 1, GRANARY_EVENT_READABLE), GRANARY_EPERM, "binding another silo's port");
  refused(granary_bind(service, word.value(), 1, 3), GRANARY_EPERM, "with a permitted event besides");
  refused(granary_bind(handles::console.value(), word.value(), 1, 1), GRANARY_EPERM, "binding the console");
  for (std::uint64_t index = 8; index < 4096; ++index) {
    set[0] = abi::make_manifest_handle(static_cast<std::uint32_t>(index)) | 1;
    refused(granary_wait_any(1, set, 0, &got), GRANARY_EBADF, "watching a guessed handle");
  }
  for (unsigned bit = 2; bit < 6; ++bit) {
    set[0] = service | 1 | std::uint64_t{1} << bit;
    refused(granary_wait_any(1, set, 0, &got), GRANARY_EINVAL, "an event that there is not");
  }
  holds(word.try_wait().error() == kWouldBlock, "nothing of it has set a bit");
  return outcome();
}
