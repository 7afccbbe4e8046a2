// SPDX-License-Identifier: Apache-2.0
//
// One thread sends batches; a second one scribbles over the same page all the time: flags of the kernel, words that are
// not announced, badges, tokens. Expected: whatever is sent is a message that could have been sent without the
// scribbling: no flag of the kernel, no badge, no token, no word beyond those announced. Ends with 0.
#include <atomic>

#include "hostile.hpp"

using namespace hostile;

namespace {
std::atomic<std::uint64_t> page_to_scribble_on = 0;
constexpr std::uint64_t kRounds = 50;  // each lets everybody else have a turn
}  // namespace

extern "C" void scribbler_main(std::uint64_t) {
  while (page_to_scribble_on == 0) yield();
  for (std::uint64_t number = 0;; ++number) {
    const std::uint64_t entry = page_to_scribble_on + number % 16 * 128;
    write(entry + 8, number % 3 == 0 ? ~0ull : number % 3 - 1);  // flags: all, none, eight words
    for (std::uint64_t at = 16; at < 128; at += 8) write(entry + at, 0x6666 + number);
    if (number % 64 == 0) yield();
  }
}

int main() {
  const Port port = Port::create().value();
  std::uint64_t page = 0, done = 0, sent = 0, stopped = 0;
  granary_message_page(&page);
  page_to_scribble_on = page;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    const granary_status status = granary_port_send_batch(port.value(), 16, 0, &done);
    if (status == GRANARY_OK) sent += done;
    if (status != GRANARY_OK || done != 16) ++stopped;
    holds(status == GRANARY_OK || status == GRANARY_EINVAL, "a batch ends in another way");
    granary_delivery delivery;
    while (granary_port_try_receive(port.value(), &delivery) == GRANARY_OK) {
      holds(delivery.message.flags <= GRANARY_FLAG_EIGHT_WORDS, "a flag of the kernel was sent");
      holds(delivery.badge == 0 && delivery.reply_token == 0, "a badge or a token was sent");
      const auto& word = delivery.message.word;
      const bool has_more = (word[4] | word[5] | word[6] | word[7]) != 0;
      holds(delivery.message.flags == GRANARY_FLAG_EIGHT_WORDS || !has_more, "a word that is not announced was sent");
    }
    yield();
  }
  holds(sent != 0 && stopped != 0, "the attack did not take place");
  return outcome();
}
