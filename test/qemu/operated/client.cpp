// SPDX-License-Identifier: Apache-2.0
//
// Calls the server now and then, says so when it is gone, and goes on.
#include <stdio.h>

#include "handles.hpp"

using namespace std::chrono_literals;

int main() {
  bool is_gone = false;
  for (;;) {
    const auto answer = handles::service.call({1, {2}});
    if (!answer && !is_gone) {
      is_gone = true;
      printf("the server is gone, and I am here\n");
    }
    granary::sleep_for(20ms);
  }
}
