// SPDX-License-Identifier: Apache-2.0
//
// The console: pieces, lengths, and the SDK's printf on top of it.
#include <string.h>

#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

int main() {
  const granary_handle console = handles::console.value();
  std::uint64_t words[GRANARY_MESSAGE_WORDS] = {};
  std::uint64_t taken = 99;
  check_status(granary_console_write(console, 0, words, &taken), GRANARY_OK, "writing nothing succeeds");
  check_equal(taken, 0, "and takes nothing");
  check_status(granary_console_write(console, 65, words, &taken), GRANARY_EINVAL, "65 bytes are too many");
  check_status(granary_console_write(console, ~0ull, words, &taken), GRANARY_EINVAL, "so are 2^64 - 1");

  memcpy(words, "# these are exactly 64 bytes, with the end of line as the last\n\n", 64);
  fflush(stdout);
  check_status(granary_console_write(console, 64, words, &taken), GRANARY_OK, "64 bytes at once");
  check(taken >= 1 && taken <= 64, "are taken, at least in part");

  check_ok(handles::console.write(
               "# a line longer than one system call carries: cut into pieces, put together again by the kernel\n"),
           "a long line");
  check(printf("# printf: %d %s %5.2f %#x\n", -7, "text", 3.14159, 0xbeef) > 0, "printf, with floating point");
  const Console weak = handles::console.duplicate(GRANARY_RIGHT_DUPLICATE).value();
  check_error(weak.try_write("no"), kNotPermitted, "without the right, nothing can be written");
  return finish();
}
