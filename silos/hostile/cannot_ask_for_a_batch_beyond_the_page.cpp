// SPDX-License-Identifier: Apache-2.0
//
// Asks for batches of more messages than a page holds, and of none. Expected: refused, and the rest of the page, which
// is not for messages, is neither sent nor written. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Port port = Port::create().value();
  const AsyncChannel channel = AsyncChannel::create(64).value();
  std::uint64_t page = 0, done = 0;
  granary_message_page(&page);
  constexpr std::uint64_t kEntriesEnd = 16 * 128;
  for (std::uint64_t at = kEntriesEnd; at < 4096; at += 8) write(page + at, at);
  for (int i = 0; i < 40; ++i) channel.send({1}).value();
  const auto try_count = [&](std::uint64_t count) {
    refused(granary_port_send_batch(port.value(), count, 0, &done), GRANARY_EINVAL, "a batch of a wrong size");
    refused(granary_port_receive_batch(port.value(), count, 0, &done), GRANARY_EINVAL, "taking one");
    refused(granary_async_send_batch(channel.value(), count, &done), GRANARY_EINVAL, "to an AsyncChan");
    refused(granary_async_receive_batch(channel.value(), count, 0, &done), GRANARY_EINVAL, "from an AsyncChan");
  };
  try_count(0);
  for (std::uint64_t count = 17; count < 300; ++count) try_count(count);
  for (unsigned bit = 5; bit < 64; ++bit) {
    try_count(std::uint64_t{1} << bit);
    try_count((std::uint64_t{1} << bit) + 1);
  }
  try_count(~0ull);
  holds(granary_async_receive_batch(channel.value(), 16, 0, &done) == GRANARY_OK && done == 16, "16 are too many");
  for (std::uint64_t at = kEntriesEnd; at < 4096; at += 8) holds(read(page + at) == at, "something behind was written");
  return outcome();
}
