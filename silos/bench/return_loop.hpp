// SPDX-License-Identifier: Apache-2.0
//
// The loop of a silo that sends back over a SyncChan what comes by it, the first word greater by one.
#pragma once

#include "granary/granary.hpp"

namespace bench {

[[gnu::always_inline]] inline int return_all(granary::Channel channel) {
  granary_delivery delivery;
  for (;;) {
    if (granary_chan_recv(channel.value(), GRANARY_DEADLINE_FOREVER, &delivery) != GRANARY_OK) return 1;
    ++delivery.message.word[0];
    if (granary_chan_send(channel.value(), &delivery.message, GRANARY_DEADLINE_FOREVER) != GRANARY_OK) return 1;
  }
}

}  // namespace bench
