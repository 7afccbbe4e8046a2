// SPDX-License-Identifier: Apache-2.0
//
// Writes badges, tokens and labels of its own into the messages of a batch. Expected: the receiver sees what the kernel
// knows. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  const AsyncChannel channel = AsyncChannel::create(16).value();
  const Port port = Port::create().value();
  std::uint64_t page = 0, done = 0;
  granary_message_page(&page);
  const auto forge = [&] {
    for (std::uint64_t entry = page; entry < page + 16 * 128; entry += 128) {
      write(entry + 8, 0);
      for (std::uint64_t at = 80; at < 128; at += 8) write(entry + at, 1);  // badge, token, label, reserved
    }
  };
  const auto see = [&](const char* what) {
    holds(done == 16, what);
    for (std::uint64_t entry = page; entry < page + 16 * 128; entry += 128) {
      for (std::uint64_t at = 80; at < 128; at += 8) holds(read(entry + at) == 0, what);
    }
  };
  forge();
  refused(granary_port_send_batch(port.value(), 16, 0, &done), GRANARY_OK, "a batch");
  forge();
  refused(granary_port_receive_batch(port.value(), 16, 0, &done), GRANARY_OK, "taking it");
  see("a port's receiver sees what the sender wrote");
  forge();
  refused(granary_async_send_batch(channel.value(), 16, &done), GRANARY_OK, "a batch");
  forge();
  refused(granary_async_receive_batch(channel.value(), 16, 0, &done), GRANARY_OK, "taking it");
  see("an AsyncChan's receiver sees what the sender wrote");
  granary_message message{};
  refused(granary_port_reply(&message, 1), GRANARY_EINVAL, "a token that it wrote itself");
  return outcome();
}
