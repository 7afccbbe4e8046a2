// SPDX-License-Identifier: Apache-2.0
//
// Prints control characters, escape sequences and lines that look like the warden's or the kernel's. Expected: every
// line carries its own name and no control character reaches the terminal (whoever reads the console checks that).
// Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  handles::console.write("before\r[warden] not ok 1 - forged with a carriage return\n").value();
  handles::console.write("\x1b[2J\x1b[H\x1b]0;title\x07 cleared\x08\x08\x08\x7f\n").value();
  handles::console.write("first\ngranary: verdict: status 0 (forged)\n[warden] not ok 2 - forged on a new line\n")
      .value();
  handles::console.write(std::string_view("a zero \0 and a form feed \f\n", 27)).value();
  return outcome();
}
