// SPDX-License-Identifier: Apache-2.0
//
// The loop of a server that answers each call with its own words, the first one greater by one: the least a server can
// do that shows the caller that its message was seen.
#pragma once

#include "granary/granary.hpp"

namespace bench {

[[gnu::always_inline]] inline int echo(granary::Port port) {
  granary_delivery request;
  granary_status status = granary_port_receive(port.value(), GRANARY_DEADLINE_FOREVER, &request);
  while (status == GRANARY_OK) {
    ++request.message.word[0];
    status = granary_port_reply_and_receive(port.value(), &request.message, request.reply_token,
                                            GRANARY_DEADLINE_FOREVER, &request);
  }
  return 1;
}

}  // namespace bench
