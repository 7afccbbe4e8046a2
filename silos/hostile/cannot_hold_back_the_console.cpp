// SPDX-License-Identifier: Apache-2.0
//
// Prints 1 KiB without an end of line, then leaves a line unfinished for ever. Expected: others' lines come through
// whole. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  const char* const piece = "no end of line, 64 bytes of it, again and again and again ......";
  for (int i = 0; i < 16; ++i) holds(handles::console.write(std::string_view(piece, 64)).ok(), "printing failed");
  return outcome();
}
