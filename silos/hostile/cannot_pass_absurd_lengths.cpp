// SPDX-License-Identifier: Apache-2.0
//
// Passes lengths, capacities and statuses far out of range. Expected: refused. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  const std::uint64_t text[GRANARY_MESSAGE_WORDS] = {};
  std::uint64_t taken;
  granary_chan_create_result ends;
  for (unsigned bit = 11; bit < 64; ++bit) {
    const std::uint64_t absurd = std::uint64_t{1} << bit;
    for (const std::uint64_t number : {absurd, absurd - 1, absurd + 64, ~absurd}) {
      refused(granary_console_write(handles::console.value(), number, text, &taken), GRANARY_EINVAL,
              "printing too much");
      refused(granary_chan_create(number, &ends), GRANARY_EINVAL, "a channel too large");
    }
  }
  refused(granary_chan_create(0, &ends), GRANARY_EINVAL, "a channel of nothing");
  return outcome();
}
