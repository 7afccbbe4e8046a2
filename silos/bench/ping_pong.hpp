// SPDX-License-Identifier: Apache-2.0
//
// A message over a SyncChan and back, again and again: the receiver at the other end (return_loop.hpp) waits each time.
#pragma once

#include "calls.hpp"

namespace bench {

[[gnu::noinline]] inline void measure_ping_pong(Row row, granary_handle wire, std::uint64_t rounds) {
  granary_message message = first_message(false);
  granary_delivery back{};
  measure(
      row, rounds, "a message goes over the SyncChan and comes back", [&]() __attribute__((always_inline)) {
        const granary_status sent = granary_chan_send(wire, &message, GRANARY_DEADLINE_FOREVER);
        if (sent != GRANARY_OK) return sent;
        const granary_status status = granary_chan_recv(wire, GRANARY_DEADLINE_FOREVER, &back);
        message.word[0] = back.message.word[0];
        return status;
      });
  expect(came_through(message, false, rounds + kWarmUp), "each message came back over the SyncChan");
}

}  // namespace bench
