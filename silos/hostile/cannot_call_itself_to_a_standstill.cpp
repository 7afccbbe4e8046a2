// SPDX-License-Identifier: Apache-2.0
//
// Calls its own port, where only its one thread could answer. Expected: refused, as it would wait for itself.
// Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Port port = Port::create().value();
  const Error error = port.call({}, 20ms).error();
  holds(error == kWouldDeadlock, "a call to itself ends in another way");
  return outcome();
}
