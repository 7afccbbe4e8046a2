// SPDX-License-Identifier: Apache-2.0
//
// Sends back by one port what comes by another, the first word greater by one.
#include "granary/granary.hpp"
#include "handles.hpp"

int main() {
  granary_delivery delivery;
  for (;;) {
    if (granary_port_receive(handles::there.value(), GRANARY_DEADLINE_FOREVER, &delivery) != GRANARY_OK) return 1;
    ++delivery.message.word[0];
    if (granary_port_send(handles::back.value(), &delivery.message, GRANARY_DEADLINE_FOREVER) != GRANARY_OK) return 1;
  }
}
