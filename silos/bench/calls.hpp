// SPDX-License-Identifier: Apache-2.0
//
// The loop of calls that several rows share. The answer's words are the next call's, so they stay in their registers;
// the server (echo_loop.hpp) adds one to the first word, and the end of the loop checks that all of them came through
// every time.
#pragma once

#include "bench.hpp"

namespace bench {

inline granary_message first_message(bool eight_words) {
  const std::uint64_t more = eight_words ? 1 : 0;
  return {7, more * GRANARY_FLAG_EIGHT_WORDS, {1000, 11, 22, 33, more * 44, more * 55, more * 66, more * 77}};
}

/// Word by word, without an index: a loop would put the message into memory, also in the loop that is measured.
[[gnu::always_inline]] inline bool came_through(const granary_message& message, bool eight_words, std::uint64_t calls) {
  const std::uint64_t more = eight_words ? 1 : 0;
  const bool first_four =
      message.word[0] == 1000 + calls && message.word[1] == 11 && message.word[2] == 22 && message.word[3] == 33;
  return first_four && message.word[4] == more * 44 && message.word[5] == more * 55 && message.word[6] == more * 66 &&
         message.word[7] == more * 77;
}

/// What a caller says anew for each call: handle, flags and deadline. Opcode and words are the last answer's.
[[gnu::always_inline]] inline granary_status call_again(Port port, granary_message& message, std::uint64_t flags,
                                                        std::uint64_t deadline) {
  message.flags = flags;
  return granary_port_call(port.value(), &message, deadline, &message);
}

/// One more call, outside of the window, for the opcode: a check of it behind the loop costs two moves in each round.
inline bool opcode_comes_back(Port port) {
  const Result<Message> answer = port.call({9});
  return answer.ok() && answer->opcode == 9;
}

[[gnu::noinline]] inline void measure_calls(Row row, Port port, bool eight_words, std::uint64_t deadline,
                                            std::uint64_t rounds = kRounds) {
  granary_message message = first_message(eight_words);
  const std::uint64_t flags = message.flags;
  measure(
      row, rounds, "a call of the loop succeeds", [&]() __attribute__((always_inline)) {
        return call_again(port, message, flags, deadline);
      });
  expect(came_through(message, eight_words, rounds + kWarmUp), "each call was answered with its own words");
  expect(opcode_comes_back(port), "the opcode comes back");
}

}  // namespace bench
