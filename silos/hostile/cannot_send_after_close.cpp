// SPDX-License-Identifier: Apache-2.0
//
// Sends into a channel that has been closed, from two threads and in every way, for as long as the close can matter.
// Expected: nothing is accepted, and what was accepted before is delivered, not one message more. Ends with 0.
#include <atomic>

#include "hostile.hpp"

using namespace hostile;

namespace {
AsyncChannel channel;
std::atomic<bool> is_closed = false, is_open = false;
std::atomic<std::uint64_t> accepted = 0, accepted_late = 0;
std::atomic<int> writers = 1;
}  // namespace

extern "C" void writer_main(std::uint64_t) {
  while (!is_open) yield();
  for (int i = 0; i < 200000; ++i) {
    const bool late = is_closed;
    if (channel.send({1})) ++(late ? accepted_late : accepted);
    if (late && i % 64 == 0) break;
  }
  --writers;
  exit_thread();
}

int main() {
  channel = AsyncChannel::create(256).value();
  is_open = true;
  while (accepted < 100) sleep_for(1ms);
  channel.close_channel().value();
  is_closed = true;
  refused(-channel.send({}).error().number(), GRANARY_EPIPE, "a send after the close");
  Batch batch;
  holds(batch.add({}), "a batch takes a message");
  refused(-channel.send_batch(batch).error().number(), GRANARY_EPIPE, "a batch after the close");
  while (writers != 0) sleep_for(1ms);
  std::uint64_t received = 0;
  while (channel.try_receive()) ++received;
  refused(-channel.try_receive().error().number(), GRANARY_EPIPE, "a receive from the drained channel");
  holds(accepted_late == 0, "a send after the close was accepted");
  holds(received == accepted, "what was accepted is not what was delivered");
  return outcome();
}
