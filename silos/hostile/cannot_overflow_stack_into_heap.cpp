// SPDX-License-Identifier: Apache-2.0
//
// Recurses without end: the stack grows down towards the heap. Expected: stopped at the guard page between them,
// nothing is mapped there.
#include "hostile.hpp"

using namespace hostile;

namespace {

void recurse(volatile std::uint64_t* above) {
  volatile std::uint64_t frame[32];
  frame[0] = *above + 1;
  if (frame[0] != 0) recurse(frame);
  *above = frame[0];
}

}  // namespace

int main() {
  volatile std::uint64_t bottom = 0;
  recurse(&bottom);
  return survived();
}
