// SPDX-License-Identifier: Apache-2.0
//
// The victim of cannot_keep_a_caller_hanging: its server dies while it waits. It waits for ever, and must be told
// that the server is gone.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  refused(-handles::promise.call({1}).error().number(), GRANARY_EPIPE, "a call whose server dies");
  return outcome();
}
