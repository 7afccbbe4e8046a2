// SPDX-License-Identifier: Apache-2.0
//
// A client: calls the port `service` three times and waits for each answer, but never longer than 100 ms.
#include <stdio.h>

#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;

int main() {
  for (std::uint64_t ball = 1; ball <= 3; ++ball) {
    const Result<Message> answer = handles::service.call({.opcode = 0, .words = {ball}}, 100ms);
    if (!answer) {
      printf("no answer: %s\n", answer.error().message());
      return 1;
    }
    printf("ping %d, pong %d\n", static_cast<int>(ball), static_cast<int>(answer->words[0]));
    sleep_for(200ms);
  }
  return 0;
}
