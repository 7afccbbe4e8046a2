// SPDX-License-Identifier: Apache-2.0
//
// Sends back over a SyncChan what comes by it, the first word greater by one.
#include "granary/granary.hpp"
#include "handles.hpp"

int main() {
  granary_delivery delivery;
  const granary_handle channel = handles::wire.value();
  for (;;) {
    if (granary_chan_recv(channel, GRANARY_DEADLINE_FOREVER, &delivery) != GRANARY_OK) return 1;
    ++delivery.message.word[0];
    if (granary_chan_send(channel, &delivery.message, GRANARY_DEADLINE_FOREVER) != GRANARY_OK) return 1;
  }
}
