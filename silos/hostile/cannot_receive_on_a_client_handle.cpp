// SPDX-License-Identifier: Apache-2.0
//
// Is a client of bystander_b's port and tries to receive what others send there. Expected: refused. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  granary_delivery delivery;
  const granary_message message{};
  for (int i = 0; i < 1000; ++i) {
    refused(granary_port_try_receive(handles::service.value(), &delivery), GRANARY_EPERM, "try_receive");
    refused(granary_port_receive(handles::service.value(), GRANARY_DEADLINE_FOREVER, &delivery), GRANARY_EPERM,
            "receive");
    refused(granary_port_reply_and_receive(handles::service.value(), &message, 1, 0, &delivery), GRANARY_EPERM,
            "reply_and_receive");
  }
  return outcome();
}
