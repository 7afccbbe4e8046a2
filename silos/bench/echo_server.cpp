// SPDX-License-Identifier: Apache-2.0
//
// Answers each call with its own words, the first one greater by one: the least a server can do that shows the caller
// that its message was seen.
#include "granary/granary.hpp"
#include "handles.hpp"

int main() {
  const granary_handle port = handles::echo.value();
  granary_delivery request;
  granary_status status = granary_port_receive(port, GRANARY_DEADLINE_FOREVER, &request);
  while (status == GRANARY_OK) {
    ++request.message.word[0];
    status =
        granary_port_reply_and_receive(port, &request.message, request.reply_token, GRANARY_DEADLINE_FOREVER, &request);
  }
  return 1;
}
