// SPDX-License-Identifier: Apache-2.0
//
// Sets flags in its messages that only the kernel may set, that mean nothing, or that it has no right to. Expected:
// refused. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  granary_message answer;
  for (unsigned bit = 1; bit < 64; ++bit) {
    const granary_message message{0, std::uint64_t{1} << bit, {}};
    const granary_status wanted = message.flags == GRANARY_FLAG_TRANSFER ? GRANARY_EPERM : GRANARY_EINVAL;
    refused(granary_port_try_send(handles::service.value(), &message), wanted, "sending with a flag");
    if (message.flags == GRANARY_FLAG_ACCEPT) continue;  // of a call it is the caller's to set
    refused(granary_port_call(handles::service.value(), &message, GRANARY_DEADLINE_FOREVER, &answer), wanted,
            "calling with a flag");
  }
  return outcome();
}
