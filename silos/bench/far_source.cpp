// SPDX-License-Identifier: Apache-2.0
//
// Each time it is ordered to, sends kStreamMessages messages over its SyncChan to another core as fast as it can. Its
// argument is the number of its pair.
#include "streams.hpp"

int main() {
  using namespace bench;
  const std::size_t pair = granary::argument();
  const granary_handle stream = kStreamsOf[pair].value();
  for (;;) {
    kOrders[pair].receive().value();
    granary_message message{};
    for (; message.word[0] < kStreamMessages; ++message.word[0]) {
      if (granary_chan_send(stream, &message, GRANARY_DEADLINE_FOREVER) != GRANARY_OK) return 1;
    }
  }
}
