// SPDX-License-Identifier: Apache-2.0
//
// Less urgent than all others on its core: serves when nobody else has anything to do.
#include "granary/granary.hpp"
#include "handles.hpp"

int main() {
  auto received = handles::meek.receive();
  while (received.ok()) received = handles::meek.receive();
  return 1;
}
