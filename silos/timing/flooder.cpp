// SPDX-License-Identifier: Apache-2.0
//
// Makes objects, fills every queue of them and those that the manifest gives it, sixteen messages at a time, and ends
// them again, for ever: among what keeps the kernel longest.
#include "handles.hpp"

using namespace granary;

namespace {

template <typename Send>
void fill(Send send) {
  Batch batch;
  do {
    while (batch.add(Message{1})) {
    }
  } while (send(batch).ok());
}

void flood() {
  if (const auto channel = Channel::create(256)) {
    fill([&](Batch& batch) { return channel->first.send_batch(batch, do_not_block); });
    channel->first.close().ignore();
    channel->second.close().ignore();
  }
  if (const auto ring = AsyncChannel::create(256)) {
    fill([&](Batch& batch) { return ring->send_batch(batch); });
    ring->close().ignore();
  }
  if (const auto port = Port::create()) {
    fill([&](Batch& batch) { return port->send_batch(batch, do_not_block); });
    Batch batch;
    static_cast<void>(port->receive_batch(batch, do_not_block));
    port->close().ignore();
  }
  fill([](Batch& batch) { return handles::sink.send_batch(batch, do_not_block); });
}

}  // namespace

int main() {
  for (;;) flood();
}
