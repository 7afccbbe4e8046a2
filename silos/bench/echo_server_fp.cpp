// SPDX-License-Identifier: Apache-2.0
//
// As echo_server.cpp, and counts the calls in a floating point register; the second word of the answer is that count.
#include "granary/granary.hpp"
#include "handles.hpp"

int main() {
  const granary_handle port = handles::echo_floating_point.value();
  double calls = 0.0;
  granary_delivery request;
  granary_status status = granary_port_receive(port, GRANARY_DEADLINE_FOREVER, &request);
  while (status == GRANARY_OK) {
    ++request.message.word[0];
    asm volatile("fadd %d0, %d0, %d1" : "+w"(calls) : "w"(1.0));
    request.message.word[1] = static_cast<std::uint64_t>(calls);
    status =
        granary_port_reply_and_receive(port, &request.message, request.reply_token, GRANARY_DEADLINE_FOREVER, &request);
  }
  return 1;
}
