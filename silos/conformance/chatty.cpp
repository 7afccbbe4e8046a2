// SPDX-License-Identifier: Apache-2.0
//
// Sends and is refused, again and again, for observer.cpp to see.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

int main() {
  for (;;) {
    granary_handle_close(0);
    handles::chat.try_send({1}).ignore();
    sleep_for(5ms);
  }
}
