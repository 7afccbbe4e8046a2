// SPDX-License-Identifier: Apache-2.0
//
// Sets flags in its messages that only the kernel may set, or that mean nothing. Expected: refused. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  granary_message answer;
  for (unsigned bit = 1; bit < 64; ++bit) {
    const granary_message message{0, std::uint64_t{1} << bit, {}};
    refused(granary_port_try_send(handles::service.value(), &message), GRANARY_EINVAL, "sending with a flag");
    refused(granary_port_call(handles::service.value(), &message, GRANARY_DEADLINE_FOREVER, &answer), GRANARY_EINVAL,
            "calling with a flag");
  }
  return outcome();
}
