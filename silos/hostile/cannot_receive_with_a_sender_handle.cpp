// SPDX-License-Identifier: Apache-2.0
//
// Has a capability that may only send, and receives, closes and subscribes with it; and the other way round. Expected:
// refused. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  const AsyncChannel channel = AsyncChannel::create(4).value();
  const AsyncChannel sender = channel.duplicate(GRANARY_RIGHT_ASYNC_SEND | GRANARY_RIGHT_DUPLICATE).value();
  const AsyncChannel receiver = channel.duplicate(GRANARY_RIGHT_ASYNC_RECEIVE).value();
  channel.send({0x5ec4e7}).value();
  granary_delivery delivery;
  std::uint64_t done;
  for (int i = 0; i < 100; ++i) {
    refused(granary_async_try_receive(sender.value(), &delivery), GRANARY_EPERM, "receiving with a sender's handle");
    refused(granary_async_receive(sender.value(), 1, &delivery), GRANARY_EPERM, "waiting with it");
    refused(granary_async_receive_batch(sender.value(), 16, 0, &done), GRANARY_EPERM, "receiving a batch with it");
    refused(granary_async_close(sender.value()), GRANARY_EPERM, "closing with it");
    refused(granary_chan_try_recv(sender.value(), &delivery), GRANARY_EPERM, "receiving as from a SyncChan");
    refused(granary_port_try_receive(sender.value(), &delivery), GRANARY_EPERM, "receiving as from a port");
    refused(-sender.duplicate(GRANARY_RIGHT_ASYNC_RECEIVE).error().number(), GRANARY_EPERM, "giving itself the right");
    const granary_message message{1, 0, {}};
    refused(granary_async_send(receiver.value(), &message), GRANARY_EPERM, "sending with a receiver's handle");
    refused(granary_async_send_batch(receiver.value(), 1, &done), GRANARY_EPERM, "sending a batch with it");
  }
  holds(channel.stats().value().received == 0 && channel.stats().value().sent == 1,
        "something went through all the same");
  return outcome();
}
