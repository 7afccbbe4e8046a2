// SPDX-License-Identifier: Apache-2.0
//
// Receives what its source sends, and says after each kStreamMessages how many of them were not the next one. Its
// argument is the number of its pair.
#include "streams.hpp"

int main() {
  using namespace bench;
  const granary_handle stream = kStreamsOf[granary::argument()].value();
  for (;;) {
    std::uint64_t wrong = 0;
    granary_delivery delivery;
    for (std::uint64_t next = 0; next < kStreamMessages; ++next) {
      if (granary_chan_recv(stream, GRANARY_DEADLINE_FOREVER, &delivery) != GRANARY_OK) return 1;
      if (delivery.message.word[0] != next) ++wrong;
    }
    granary::handles::results.send({0, {wrong}}).value();
  }
}
