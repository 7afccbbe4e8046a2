// SPDX-License-Identifier: Apache-2.0
//
// Calls a server again and again, to use up its time. It uses up its own: a server runs on its caller's budget.
#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;

int main() {
  for (;;) {
    static_cast<void>(handles::service.call(Message{1000}));
    static_cast<void>(handles::service.call(Message{10}, 50us));
  }
}
