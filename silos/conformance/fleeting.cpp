// SPDX-License-Identifier: Apache-2.0
//
// Ends 20 ms after it has got a message: what its peers are told of that is in waiting.cpp.
#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;

int main() {
  handles::wire.receive().value();
  sleep_for(20ms);
  return 0;
}
