// SPDX-License-Identifier: Apache-2.0
//
// Connects to a name that is published, but not for it; to names that are none; with names that are no text. Expected:
// refused, at once, whatever the deadline. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  granary_handle handle = 0;
  std::uint64_t words[8] = {0x746572636573};  // "secret"
  for (const std::uint64_t deadline : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1}}) {
    for (int i = 0; i < 20; ++i) {
      refused(granary_name_connect(words, deadline, &handle), GRANARY_EACCES, "the name of others");
      sleep_for(1ms);
    }
  }
  words[7] = 1;
  refused(granary_name_connect(words, GRANARY_DEADLINE_FOREVER, &handle), GRANARY_EINVAL, "something behind the end");
  words[7] = 0;
  words[0] = 0x746572636573 | std::uint64_t{'s'} << 48;
  refused(granary_name_connect(words, GRANARY_DEADLINE_FOREVER, &handle), GRANARY_ENOENT, "a longer name");
  words[0] = 0x7465726365;
  refused(granary_name_connect(words, GRANARY_DEADLINE_FOREVER, &handle), GRANARY_ENOENT, "a part of it");
  words[0] = 0;
  refused(granary_name_connect(words, GRANARY_DEADLINE_FOREVER, &handle), GRANARY_EINVAL, "no name");
  for (std::uint64_t& word : words) word = 0x6161616161616161;
  refused(granary_name_connect(words, GRANARY_DEADLINE_FOREVER, &handle), GRANARY_EINVAL, "a name without an end");
  for (std::uint64_t& word : words) word = ~std::uint64_t{0};
  refused(granary_name_connect(words, GRANARY_DEADLINE_FOREVER, &handle), GRANARY_EINVAL, "what is no text");
  return outcome();
}
